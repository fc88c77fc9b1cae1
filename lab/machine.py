"""
A machine inside of this one, for a node and all that runs on it.

It has a network, mounts and process ids of its own, and is joined to this machine by one cable and to nothing else. All
of it goes when its first process does: programs, pods, mounts, rules and interfaces.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lab.processes import Processes
from lab.requirements import found, search_path
from lab.troubles import LabError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FIRST = "machine"
_PATIENCE = 15.0
_CABLES = ipaddress.IPv4Network("10.255.0.0/16")
"""A cable takes four of these addresses."""

_KERNEL = {
    "vm/overcommit_memory": "1",
    "vm/panic_on_oom": "0",
    "kernel/panic": "10",
    "kernel/panic_on_oops": "1",
    "kernel/keys/root_maxkeys": "1000000",
    "kernel/keys/root_maxbytes": "25000000",
}
"""What a kubelet sets in the kernel. It finds it set here, and so leaves the kernel of this machine as it is."""

# Folders that containerd, the kubelet and network plugins write to whatever they are told are the machine's own.
# The first process waits for all others, so that those which lost their parents are buried.
_BOOT = """
set -e
cd "$1"
mount -t tmpfs -o mode=755 tmpfs /run
for each in lib log; do mkdir -p "var/$each"; mount --bind "var/$each" "/var/$each"; done
(cd kernel && find . -type f) | while read -r each; do mount --bind "kernel/$each" "/proc/sys/$each"; done
ip link set lo up
echo 1 >/proc/sys/net/ipv4/ip_forward
: >booted
while :; do sleep 86400 & wait $!; done
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine whose files are in `folder`; one that is `bound` ends with the program that starts it."""

    folder: Path
    bound: bool = False

    @property
    def name(self) -> str:
        """The name of the end of its cable here and of its control groups: another one for every folder."""
        return f"fdlab{hashlib.sha256(str(self.folder).encode()).hexdigest()[:8]}"

    def up(self) -> str:
        """Start it, and return its address."""
        self.folder.mkdir(parents=True, mode=0o700)
        for path, value in _KERNEL.items():
            file = self.folder / "kernel" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{value}\n", encoding="ascii")
        processes = Processes(self.folder)
        kinds = ("--mount", "--net", "--pid", "--mount-proc", "--fork", "--kill-child")
        boot = [found("sh"), "-c", _BOOT, "sh", str(self.folder)]
        bond = [found("setpriv"), "--pdeathsig=KILL", "--"] if self.bound else []
        processes.start(_FIRST, boot, [*bond, found("unshare"), *kinds, "--", *_environment()])
        end = time.monotonic() + _PATIENCE
        while not (self.folder / "booted").exists():
            processes.check(_FIRST)
            if time.monotonic() > end:
                message = f"the machine of the node does not boot: {processes.last_words(_FIRST)}"
                raise LabError(message)
            time.sleep(0.02)
        return self._join(_free(self.name))

    def is_up(self) -> bool:
        """Return whether it runs."""
        return Processes(self.folder).is_running(_FIRST)

    def inside(self) -> tuple[str, ...]:
        """Return what a command begins with that runs there; raises ``LabError`` where the machine does not run."""
        pid = Processes(self.folder).pid(_FIRST)
        if pid is None:
            message = "the node is not up: `python -m lab up --node` starts it"
            raise LabError(message)
        there = (found("nsenter"), f"--target={pid}", "--mount", "--net", "--pid", "--")
        return (*there, *_environment())

    def run(self, *command: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command there, and return what came of it."""
        whole = [*self.inside(), *command]
        return subprocess.run(whole, check=False, capture_output=True, text=True, errors="replace", input=given)

    def down(self) -> None:
        """End it, with all that runs there."""
        Processes(self.folder).stop(_FIRST, kill=True)
        link = Path("/sys/class/net", self.name)
        if link.exists():
            # The kernel is about to remove it as well, and may be faster.
            done = subprocess.run(
                [found("ip"), "link", "delete", self.name], check=False, capture_output=True, text=True
            )
            if done.returncode and link.exists():
                message = f"the cable {self.name} is not removed: {done.stderr.strip()}"
                raise LabError(message)

    def _join(self, cable: ipaddress.IPv4Network) -> str:
        here, there = list(cable.hosts())
        pid = Processes(self.folder).pid(_FIRST)
        ip = found("ip")
        _must([ip, "link", "add", self.name, "type", "veth", "peer", "name", "eth0", "netns", str(pid)])
        _must([ip, "address", "add", f"{here}/{cable.prefixlen}", "dev", self.name])
        _must([ip, "link", "set", self.name, "up"])
        inside = self.inside()
        _must([*inside, ip, "address", "add", f"{there}/{cable.prefixlen}", "dev", "eth0"])
        _must([*inside, ip, "link", "set", "eth0", "up"])
        # A kubelet looks for the interface of the default route.
        _must([*inside, ip, "route", "add", "default", "via", str(here)])
        return str(there)


def _environment() -> tuple[str, ...]:
    """Return what puts the administrator's folders on the path of a command."""
    return found("env"), f"PATH={search_path()}"


def _free(name: str) -> ipaddress.IPv4Network:
    """Return the addresses of a cable that no interface and no route of this machine touches."""
    command = [found("ip"), "-json", "-4", "route", "show", "table", "all"]
    routes = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    taken = [each for route in routes for each in _network(str(route.get("dst", "")))]
    cables: list[ipaddress.IPv4Network] = list(_CABLES.subnets(new_prefix=30))
    first = int(hashlib.sha256(name.encode()).hexdigest(), 16) % len(cables)
    for each in cables[first:] + cables[:first]:
        if not any(each.overlaps(other) for other in taken):
            return each
    message = f"all of {_CABLES} is taken on this machine: no addresses for the cable of the node"
    raise LabError(message)


def _network(text: str) -> Iterator[ipaddress.IPv4Network]:
    try:
        yield ipaddress.IPv4Network(text)
    except ValueError:
        return


def _must(command: Sequence[str]) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        message = f"{' '.join(command)}: {done.stderr.strip()}"
        raise LabError(message)
