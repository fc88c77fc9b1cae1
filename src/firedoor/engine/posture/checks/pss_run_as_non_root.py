"""
Containers that nothing keeps from running as root.

What it finds
-------------
Workloads whose pods or containers set `runAsNonRoot: false`, or containers for which
neither they nor their pod sets it. From version 1.35 of the standards on, pods with
`hostUsers: false` are left out. Control `runAsNonRoot`, level restricted.

Why it matters
--------------
The user of a container without a user namespace is the same user on the node: root in
it is root on the node once something breaks.

Example
-------
A Deployment without `securityContext`, with an image that names no user.

Remedy
------
Set `runAsNonRoot: true` for the pod, and use an image with a user that is not 0.

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

_REMEDY = "set runAsNonRoot to true for the pod, and name a user in the image or in runAsUser"


def _run(context: Context) -> Iterator[Finding]:
    yield from workload_findings(context, CHECK, "runAsNonRoot", _REMEDY)


CHECK = Check(
    id="pss-run-as-non-root",
    title="Containers that may run as root",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="root in the container is root on the node once something breaks",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("5.2.7",),
        nsa=("non-root-containers", "pod-security-enforcement"),
        nist_800_207=("5",),
        nist_800_53=("AC-6", "AC-6(10)"),
        mitre=("T1611",),
        pci_dss_4=("2.2.6",),
    ),
    run=_run,
)
