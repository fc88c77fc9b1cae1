"""
Containers that see all of `/proc`.

What it finds
-------------
Workloads with a container whose `procMount` is not `Default`. From version 1.35 of the
standards on, pods with `hostUsers: false` may have that at the level baseline. Control
`procMount`, level baseline.

Why it matters
--------------
Container runtimes hide or protect the parts of `/proc` through which the kernel of the
node is read and changed.

Example
-------
A container with `procMount: Unmasked`, to build images inside.

Remedy
------
Remove `procMount`, or give the pod a user namespace of its own.

References
----------
https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.pod_security import workload_findings
from firedoor.model.findings import Confidence, Severity
from firedoor.model.frameworks import Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding

_REMEDY = "remove procMount, or set hostUsers to false for the pod"


def _run(context: Context) -> Iterator[Finding]:
    yield from workload_findings(context, CHECK, "procMount", _REMEDY)


CHECK = Check(
    id="pss-proc-mount",
    title="Unmasked /proc",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="parts of /proc show and change the kernel of the node",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("5.6.3",),
        nsa=("pod-security-enforcement",),
        nist_800_207=("5",),
        nist_800_53=("SC-39",),
        mitre=("T1611",),
        pci_dss_4=("2.2.6",),
    ),
    run=_run,
)
