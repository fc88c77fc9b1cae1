"""What a node needs of the machine that it runs on."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from lab.control_groups import may_be_made
from lab.places import binaries, cache, missing
from lab.troubles import LabError

PLUGINS = Path("/usr/lib/cni")
"""Where Debian's package has the network plugins."""

_COMMANDS = {
    "containerd": ("containerd", "containerd-shim-runc-v2", "ctr"),
    "runc": ("runc",),
    "iptables": ("iptables", "ip6tables", "iptables-save", "iptables-restore"),
    "ipset": ("ipset",),
    "iproute2": ("ip",),
    "util-linux": ("unshare", "nsenter", "setpriv", "mount"),
}
"""By the package that brings them, in Debian's names."""

# Everything is tried where it leaves no trace: in namespaces that go with this script.
_TRIAL = """
try() { what=$1; shift; "$@" >/dev/null 2>&1 || echo "$what"; }
mount -t tmpfs tmpfs /run && cd /run && mkdir lower upper work whole
try "overlay file systems" mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay whole
try "virtual Ethernet (veth)" ip link add one type veth peer name other
try "iptables with connection tracking" iptables -A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT
try "iptables with NAT" iptables -t nat -A POSTROUTING -m mark --mark 1 -j MASQUERADE
try "iptables that rejects" iptables -A FORWARD -m comment --comment x -j REJECT
try "iptables that logs (NFLOG)" iptables -A FORWARD -m limit -j NFLOG
try "sets of addresses (ip_set)" ipset create tried hash:ip
try "iptables with sets of addresses" iptables -A FORWARD -m set --match-set tried src -j ACCEPT
"""


def search_path() -> str:
    """Return where commands are looked for; the folders of the administrator count for everybody."""
    return f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"


def found(command: str) -> str:
    """Return the path of a command, or its name where there is none."""
    return shutil.which(command, path=search_path()) or command


def require(*, built: bool = True) -> None:
    """Raise ``LabError`` where no node can run here; `built` tells whether its programs have to be there already."""
    lacks = lacking(built=built)
    if lacks:
        message = f"no node can run here, for it needs: {'; '.join(lacks)}"
        raise LabError(message)


def lacking(*, built: bool = True) -> list[str]:
    """Return what this machine lacks for a node, in words: everything that can be told at once."""
    if sys.platform != "linux":
        return ["Linux"]
    lacks = [] if os.geteuid() == 0 else ["root"]
    for package, commands in _COMMANDS.items():
        absent = [each for each in commands if not Path(found(each)).is_absolute()]
        lacks += [f"the command{'s' * (len(absent) > 1)} {', '.join(absent)} (package {package})"] if absent else []
    absent = [each for each in ("ptp", "host-local", "loopback") if not (PLUGINS / each).is_file()]
    lacks += [f"{', '.join(absent)} in {PLUGINS} (package containernetworking-plugins)"] if absent else []
    absent = missing(node=True) if built else []
    lacks += [f"{', '.join(absent)} in {binaries()} (`python -m lab build --node`)"] if absent else []
    lacks += [
        f"{each} outside of {hidden}, which the node has for itself (set {variable})"
        for hidden in ("/run", "/var/lib", "/var/log")
        for each, variable in ((cache(), "XDG_CACHE_HOME"), (binaries(), "KUBEBUILDER_ASSETS"))
        if each.resolve().is_relative_to(hidden)
    ]
    return lacks or _refused_by_the_kernel()


def _refused_by_the_kernel() -> list[str]:
    """Return what the kernel does not do, or does not let root do here."""
    command = [found("unshare"), "--mount", "--net", "--pid", "--fork", "--mount-proc", found("sh"), "-c", _TRIAL]
    surroundings = {**os.environ, "PATH": search_path()}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=surroundings)
    if done.returncode and not done.stdout:
        return [f"namespaces for mounts, network and processes ({done.stderr.strip()})"]
    lacks = [f"{each} (kernel {platform.release()})" for each in done.stdout.splitlines()]
    if not Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").exists():
        lacks.append(f"children of processes in /proc (kernel {platform.release()})")
    return lacks if may_be_made() else [*lacks, "control groups in /sys/fs/cgroup that can be written to"]
