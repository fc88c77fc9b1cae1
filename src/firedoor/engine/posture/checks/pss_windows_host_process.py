"""
Pods that run as processes of a Windows node.

What it finds
-------------
Workloads whose pods or containers set `windowsOptions.hostProcess`. Control
`windowsHostProcess`, level baseline.

Why it matters
--------------
A HostProcess container has no walls: it runs on the node, with the rights of the user
it names.

Example
-------
A DaemonSet for Windows nodes with `hostProcess: true` that only reads logs.

Remedy
------
Remove the field. What manages nodes belongs in a namespace of its own that is labelled
privileged.

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

_REMEDY = "set hostProcess to false"


def _run(context: Context) -> Iterator[Finding]:
    yield from workload_findings(context, CHECK, "windowsHostProcess", _REMEDY)


CHECK = Check(
    id="pss-windows-host-process",
    title="Processes of a Windows node",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="the container is a process of the node",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("5.2.10",),
        nsa=("pod-security-enforcement",),
        nist_800_207=("5",),
        nist_800_53=("AC-6", "SC-39"),
        mitre=("T1611",),
        pci_dss_4=("2.2.6",),
    ),
    run=_run,
)
