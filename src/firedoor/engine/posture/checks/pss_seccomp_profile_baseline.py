"""
Containers that may make any system call.

What it finds
-------------
Workloads whose pods or containers set the seccomp profile `Unconfined`; in versions of
the standards before 1.19 the annotations that said so then. Control
`seccompProfile_baseline`, level baseline.

Why it matters
--------------
Most ways out of a container begin with a system call that an ordinary program never
makes. The profile of the container runtime refuses these.

Example
-------
A pod with `seccompProfile: {type: Unconfined}`.

Remedy
------
Use `RuntimeDefault`, or a `Localhost` profile that allows what is needed.

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

_REMEDY = "set the seccomp profile to RuntimeDefault, or to a Localhost profile"


def _run(context: Context) -> Iterator[Finding]:
    yield from workload_findings(context, CHECK, "seccompProfile_baseline", _REMEDY)


CHECK = Check(
    id="pss-seccomp-profile-baseline",
    title="Seccomp turned off",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="system calls that only attacks need are not refused",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("5.6.2",),
        nsa=("hardening-container-environments", "pod-security-enforcement"),
        nist_800_207=("5",),
        nist_800_53=("SC-39", "CM-7"),
        mitre=("T1611",),
        pci_dss_4=("2.2.6",),
    ),
    run=_run,
)
