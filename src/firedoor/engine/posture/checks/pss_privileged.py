"""
Containers that are root on their node.

What it finds
-------------
Workloads with a container whose `securityContext.privileged` is true. Control
`privileged`, level baseline.

Why it matters
--------------
A privileged container sees all devices of the node, has every capability and no mask on
`/proc` and `/sys`. Whoever runs code in it owns the node and all pods on it.

Example
-------
A Deployment `agent` with `privileged: true` because one system call was refused.

Remedy
------
Set `privileged: false`, and add the one capability or mount the one device that is
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

_REMEDY = "set privileged to false, and add the one capability that is needed instead"


def _run(context: Context) -> Iterator[Finding]:
    yield from workload_findings(context, CHECK, "privileged", _REMEDY)


CHECK = Check(
    id="pss-privileged",
    title="Privileged containers",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="code in a privileged container is root on the node",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("5.2.2",),
        nsa=("pod-security-enforcement",),
        nist_800_207=("5",),
        nist_800_53=("AC-6", "SC-39"),
        mitre=("T1611",),
        pci_dss_4=("2.2.6",),
    ),
    run=_run,
)
