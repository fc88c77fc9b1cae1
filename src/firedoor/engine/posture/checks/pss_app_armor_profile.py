"""
Containers that AppArmor does not hold.

What it finds
-------------
Workloads whose pods or containers set the AppArmor profile `Unconfined`, by field or by
the annotation `container.apparmor.security.beta.kubernetes.io/`. Control
`appArmorProfile`, level baseline.

Why it matters
--------------
On nodes with AppArmor the profile of the container runtime keeps containers from
writing to the kernel's files and from mounting.

Example
-------
The annotation `container.apparmor.security.beta.kubernetes.io/web: unconfined`.

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

_REMEDY = "set the AppArmor profile to RuntimeDefault, or to a Localhost profile"


def _run(context: Context) -> Iterator[Finding]:
    yield from workload_findings(context, CHECK, "appArmorProfile", _REMEDY)


CHECK = Check(
    id="pss-app-armor-profile",
    title="AppArmor turned off",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="AppArmor no longer keeps the container from the kernel's files",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("5.6.3",),
        nsa=("hardening-container-environments", "pod-security-enforcement"),
        nist_800_207=("5",),
        nist_800_53=("SC-39", "CM-6"),
        mitre=("T1611",),
        pci_dss_4=("2.2.6",),
    ),
    run=_run,
)
