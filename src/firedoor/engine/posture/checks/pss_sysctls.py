"""
Pods that set kernel parameters which hold for more than the pod.

What it finds
-------------
Workloads whose pods set a sysctl that is not among the safe ones of the version of the
standards. Control `sysctls`, level baseline.

Why it matters
--------------
Parameters that are not separate for each pod change the node for all pods on it, and
can bring it to a stop.

Example
-------
A pod that sets `kernel.msgmax`.

Remedy
------
Remove the sysctl, or set it on the nodes that are meant for this workload.

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

_REMEDY = "remove the sysctls that are not safe"


def _run(context: Context) -> Iterator[Finding]:
    yield from workload_findings(context, CHECK, "sysctls", _REMEDY)


CHECK = Check(
    id="pss-sysctls",
    title="Kernel parameters",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="the parameter can change the node for all pods on it",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("5.6.3",),
        nsa=("pod-security-enforcement",),
        nist_800_207=("5",),
        nist_800_53=("SC-39", "CM-6"),
        pci_dss_4=("2.2.6",),
    ),
    run=_run,
)
