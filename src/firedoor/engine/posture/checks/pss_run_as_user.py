"""
Containers that ask to run as root.

What it finds
-------------
Workloads whose pods or containers set `runAsUser: 0`. From version 1.35 of the
standards on, pods with `hostUsers: false` are left out. Control `runAsUser`, level
restricted.

Why it matters
--------------
The user of a container without a user namespace is the same user on the node: root in
it is root on the node once something breaks.

Example
-------
A container with `runAsUser: 0`, to write to a volume.

Remedy
------
Remove it or name another user, and set `fsGroup` for the volumes.

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

_REMEDY = "remove runAsUser, or name a user that is not 0"


def _run(context: Context) -> Iterator[Finding]:
    yield from workload_findings(context, CHECK, "runAsUser", _REMEDY)


CHECK = Check(
    id="pss-run-as-user",
    title="Containers that run as root",
    severity=Severity.MEDIUM,
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
