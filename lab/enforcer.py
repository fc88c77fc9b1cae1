"""The enforcer of NetworkPolicies of a node, and how it fails."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from lab.processes import Processes
from lab.requirements import found
from lab.troubles import LabError

if TYPE_CHECKING:
    from lab.machine import Machine
    from lab.node_settings import NodeSettings

NAME = "kube-router"
_PATIENCE = 30.0
_CHAINS = ("KUBE-ROUTER-", "KUBE-POD-FW-", "KUBE-NWPLCY-")
_SETS = ("KUBE-SRC-", "KUBE-DST-")
_IN_FORCE = "sync iptables took"
"""What it says each time that it has gone through all policies."""


def enforce(machine: Machine, settings: NodeSettings) -> None:
    """Start the enforcer where it does not run, and wait until the policies that there are then are in force."""
    processes = Processes(machine.folder)
    if processes.is_running(NAME):
        return
    processes.start(NAME, settings.enforcer(), machine.inside())
    end = time.monotonic() + _PATIENCE
    while not processes.has_said(NAME, _IN_FORCE):
        processes.check(NAME)
        if time.monotonic() > end:
            message = f"{NAME} has no rules in force after {_PATIENCE:.0f} s: {processes.last_words(NAME)}"
            raise LabError(message)
        time.sleep(0.05)


def stop_enforcing(machine: Machine, *, kill: bool) -> None:
    """
    End the enforcer.

    With `kill` it is killed as a crash would: its rules stay in force, and nobody changes them any more. Without, its
    rules go too, and the node is as if there had never been one.
    """
    Processes(machine.folder).stop(NAME, kill=kill)
    if not kill:
        _forget(machine)


def _forget(machine: Machine) -> None:
    """Remove what an enforcer left in the kernel."""
    rules = machine.run(found("iptables-save"), "-t", "filter").stdout.splitlines()
    chains = [line[1:].split()[0] for line in rules if line.startswith(tuple(f":{each}" for each in _CHAINS))]
    its_own = tuple(f"-A {each}" for each in _CHAINS)
    jumps = [line for line in rules if any(each in line for each in _CHAINS) and not line.startswith((":", *its_own))]
    # Only these rules are touched: those for Services may change at the same time.
    emptied = [f":{each} - [0:0]" for each in chains]
    undone = [f"-D{each.removeprefix('-A')}" for each in jumps]
    removed = [f"-X {each}" for each in chains]
    changes = "\n".join(["*filter", *emptied, *undone, *removed, "COMMIT", ""])
    done = machine.run(found("iptables-restore"), "--noflush", given=changes)
    if done.returncode:
        message = f"the rules of {NAME} cannot be removed: {done.stderr.strip()}"
        raise LabError(message)
    for name in machine.run(found("ipset"), "list", "-n").stdout.split():
        if name.startswith(_SETS):
            machine.run(found("ipset"), "destroy", name)
