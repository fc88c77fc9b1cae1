"""
Containers that see all of `/proc`, in a user namespace of their own.

What it finds
-------------
Workloads with `hostUsers: false` and a container whose `procMount` is not `Default`.
Without a user namespace the check `pss-proc-mount` tells of it. Control
`procMount_restricted`, level restricted.

Why it matters
--------------
The user namespace takes the sting out of it, and the level restricted forbids it all
the same: `/proc` shows more of the node than the program needs.

Example
-------
A pod with `hostUsers: false` that builds images with `procMount: Unmasked`.

Remedy
------
Remove `procMount`, or label the namespace of such workloads baseline.

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

_REMEDY = "remove procMount, or run the workload in a namespace of the level baseline"


def _run(context: Context) -> Iterator[Finding]:
    yield from workload_findings(context, CHECK, "procMount_restricted", _REMEDY)


CHECK = Check(
    id="pss-proc-mount-restricted",
    title="Unmasked /proc in a user namespace",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="/proc shows more of the node than the program needs",
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
