"""
Volumes of types that are no longer meant to stand in pods.

What it finds
-------------
Workloads with a volume of another type than `configMap`, `csi`, `downwardAPI`,
`emptyDir`, `ephemeral`, `image`, `persistentVolumeClaim`, `projected` and `secret`. Of
`hostPath` the check `pss-host-path-volumes` tells. Control `restrictedVolumes`, level
restricted.

Why it matters
--------------
Types such as `nfs` or `iscsi` let the author of a pod choose the server, past the
administrators who make PersistentVolumes; drivers inside Kubernetes for some of them
had holes.

Example
-------
A pod with a volume `nfs: {server: files.example, path: /}`.

Remedy
------
Make a PersistentVolume of it, and use its claim.

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

_REMEDY = "use a PersistentVolumeClaim instead"


def _run(context: Context) -> Iterator[Finding]:
    yield from workload_findings(context, CHECK, "restrictedVolumes", _REMEDY)


CHECK = Check(
    id="pss-restricted-volumes",
    title="Types of volumes",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="the author of the pod chooses what is mounted, past those who make volumes",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("5.6.3",),
        nsa=("pod-security-enforcement",),
        nist_800_207=("5",),
        nist_800_53=("CM-7",),
        pci_dss_4=("2.2.6",),
    ),
    run=_run,
)
