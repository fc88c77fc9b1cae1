"""
Controller managers and schedulers that listen on all addresses.

What it finds
-------------
Controller managers and schedulers whose `--bind-address` is not one of the machine
itself. The default is all addresses. Only pods of the sources whose command and flags
can be read are judged.

Why it matters
--------------
Their ports serve metrics, health and profiles to whoever reaches the node.

Example
-------
`--bind-address=0.0.0.0`, set so that a scraper of metrics gets there.

Remedy
------
Set `--bind-address=127.0.0.1`, or keep the ports 10257 and 10259 behind a firewall.

References
----------
https://kubernetes.io/docs/reference/networking/ports-and-protocols/
https://www.cisecurity.org/benchmark/kubernetes
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.control_plane import LOOPBACK, faults
from firedoor.model.findings import Confidence, Severity
from firedoor.model.frameworks import Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.posture.control_plane import Program, Wrong
    from firedoor.model.findings import Finding


def _run(context: Context) -> Iterator[Finding]:
    return faults(CHECK, context, ("kube-controller-manager", "kube-scheduler"), _wrong)


def _wrong(program: Program) -> Iterator[Wrong]:
    if program.flags.get("bind-address", "") not in LOOPBACK:
        yield "listens on addresses that others reach", ("bind-address",), "set --bind-address=127.0.0.1", None


CHECK = Check(
    id="control-plane-bind-address",
    title="Controllers and schedulers that listen for everybody",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="metrics, health and profiles are served to whoever reaches the node",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("1.3.7", "1.4.2"),
        nsa=("control-plane-hardening",),
        nist_800_207=("2",),
        nist_800_53=("CM-7", "SC-7"),
        mitre=("T1046",),
        pci_dss_4=("2.2.4",),
    ),
    run=_run,
)
