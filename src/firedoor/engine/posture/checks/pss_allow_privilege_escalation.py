"""
Containers whose processes may gain rights.

What it finds
-------------
Workloads with a container that does not set `allowPrivilegeEscalation: false`. Pods for
Windows are left out. Control `allowPrivilegeEscalation`, level restricted.

Why it matters
--------------
A program with the set-user-ID bit, or one with file capabilities, makes an ordinary
user root inside the container.

Example
-------
A container that says nothing, and has `sudo` in its image.

Remedy
------
Set `allowPrivilegeEscalation: false`. A privileged container, or one with `SYS_ADMIN`,
cannot have it: change that first.

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

_REMEDY = "set allowPrivilegeEscalation to false"


def _run(context: Context) -> Iterator[Finding]:
    yield from workload_findings(context, CHECK, "allowPrivilegeEscalation", _REMEDY)


CHECK = Check(
    id="pss-allow-privilege-escalation",
    title="Privilege escalation",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="a set-user-ID program makes an ordinary user root inside the container",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("5.2.6",),
        nsa=("non-root-containers", "pod-security-enforcement"),
        nist_800_207=("5",),
        nist_800_53=("AC-6(10)", "CM-6"),
        mitre=("T1068", "T1611"),
        pci_dss_4=("2.2.6",),
    ),
    run=_run,
)
