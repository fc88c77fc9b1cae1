"""
Containers without a filter of system calls.

What it finds
-------------
Workloads with a container for which neither it nor its pod sets a seccomp profile. Of
`Unconfined` the check `pss-seccomp-profile-baseline` tells. Pods for Windows are left
out. Control `seccompProfile_restricted`, level restricted.

Why it matters
--------------
Unless the agent of the node was told otherwise, a container without a profile may make
any system call, also those that only attacks need.

Example
-------
A Deployment without `seccompProfile`.

Remedy
------
Set `seccompProfile: {type: RuntimeDefault}` for the pod.

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

_REMEDY = "set the seccomp profile of the pod to RuntimeDefault"


def _run(context: Context) -> Iterator[Finding]:
    yield from workload_findings(context, CHECK, "seccompProfile_restricted", _REMEDY)


CHECK = Check(
    id="pss-seccomp-profile-restricted",
    title="Missing seccomp profiles",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="system calls that only attacks need may not be refused",
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
