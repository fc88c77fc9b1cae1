"""
SELinux options that free containers from what holds them.

What it finds
-------------
Workloads whose pods or containers set `seLinuxOptions` with a `user`, a `role`, or
another `type` than those for containers. Control `seLinuxOptions`, level baseline.

Why it matters
--------------
On nodes with SELinux the type is what keeps a process that broke out of its container
from the files of the node. `spc_t` switches that off.

Example
-------
A container with `seLinuxOptions: {type: spc_t}`.

Remedy
------
Remove `user`, `role` and `type`; `level` may stay.

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

_REMEDY = "remove user, role and type of seLinuxOptions"


def _run(context: Context) -> Iterator[Finding]:
    yield from workload_findings(context, CHECK, "seLinuxOptions", _REMEDY)


CHECK = Check(
    id="pss-se-linux-options",
    title="SELinux options",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="SELinux no longer keeps the container from the files of the node",
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
