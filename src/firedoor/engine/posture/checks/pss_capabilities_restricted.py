"""
Containers that keep the capabilities of the container runtime.

What it finds
-------------
Workloads with a container that does not drop `ALL` capabilities, or adds another than
`NET_BIND_SERVICE` back. Added ones that the baseline forbids are told of there, and
pods for Windows are left out. Control `capabilities_restricted`, level restricted.

Why it matters
--------------
The usual default set still lets root inside the container change owners, forge
addresses of processes and make device files.

Example
-------
A container without `capabilities`.

Remedy
------
Set `capabilities: {drop: [ALL]}`, and add `NET_BIND_SERVICE` where a port below 1024 is
needed.

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

_REMEDY = "drop ALL capabilities, and add back NET_BIND_SERVICE at most"


def _run(context: Context) -> Iterator[Finding]:
    yield from workload_findings(context, CHECK, "capabilities_restricted", _REMEDY)


CHECK = Check(
    id="pss-capabilities-restricted",
    title="Kept capabilities",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="the container keeps rights that few programs need",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("5.2.8", "5.2.9"),
        nsa=("pod-security-enforcement",),
        nist_800_207=("5",),
        nist_800_53=("AC-6", "SC-39"),
        mitre=("T1611",),
        pci_dss_4=("2.2.6",),
    ),
    run=_run,
)
