"""What a lab leaves on this machine, and what the machine is like without one."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import BinaryIO

from lab.node import Node
from lab.requirements import found

_SETTINGS = (
    "kernel/keys/root_maxbytes",
    "kernel/keys/root_maxkeys",
    "kernel/panic",
    "kernel/panic_on_oops",
    "net/ipv4/ip_forward",
    "net/netfilter/nf_conntrack_max",
    "vm/overcommit_memory",
    "vm/panic_on_oom",
)
_FOLDERS = ("/etc", "/opt", "/run", "/run/netns", "/usr/libexec", "/var/lib", "/var/log")


def processes_of(node: Node) -> BinaryIO:
    """Return the namespace of the processes of a node that runs; while it is open no other one has its number."""
    return Path(f"/proc/{node.processes.pid('containerd')}/ns/pid").open("rb")


def traces(node: Node, namespace: BinaryIO) -> list[str]:
    """Return everything of a node that is on this machine; its processes are, or were, those of a namespace."""
    folder, name = str(node.folder), node.machine.name
    left = [f"file {each}" for each in (node.plane.folder, node.machine.folder) if each.exists()]
    left += [f"link {each.name}" for each in Path("/sys/class/net").iterdir() if each.name == name]
    left += [f"control group {each}" for each in Path("/sys/fs/cgroup").rglob(f"*{name}*")]
    mounts = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    left += [f"mount {each}" for each in mounts if folder in each]
    number = os.fstat(namespace.fileno()).st_ino
    for each in Path("/proc").glob("[0-9]*"):
        try:
            command = (each / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            groups = (each / "cgroup").read_text(encoding="utf-8")
            is_inside = (each / "ns/pid").stat().st_ino == number
        except OSError:
            continue
        if folder in command or name in groups or is_inside:
            left.append(f"process {command}")
    return sorted(left)


def state_of_this_machine() -> dict[str, object]:
    """Return what a node could have changed here by mistake."""
    state: dict[str, object] = {}
    for each in _SETTINGS:
        path = Path("/proc/sys", each)
        state[each] = path.read_text(encoding="ascii") if path.exists() else None
    for each in _FOLDERS:
        state[each] = sorted(entry.name for entry in Path(each).iterdir()) if Path(each).is_dir() else None
    for command in ("iptables-save", "ip6tables-save"):
        printed = subprocess.run([found(command)], check=True, capture_output=True, text=True).stdout
        state[command] = [line.partition(" [")[0] for line in printed.splitlines() if not line.startswith("#")]
    sets = subprocess.run([found("ipset"), "list", "-n"], check=True, capture_output=True, text=True).stdout
    return {**state, "ipset": sets.split()}
