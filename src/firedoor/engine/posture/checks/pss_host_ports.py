"""
Containers that take ports of their node.

What it finds
-------------
Workloads with a container port that has a `hostPort`. Control `hostPorts`, level
baseline.

Why it matters
--------------
The port is reachable on the address of every node that runs such a pod, past Services,
and depending on the network plugin past NetworkPolicies.

Example
-------
A Deployment with `hostPort: 8080`, which can run once on each node only.

Remedy
------
Remove `hostPort` and use a Service.

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

_REMEDY = "remove hostPort, and use a Service"


def _run(context: Context) -> Iterator[Finding]:
    yield from workload_findings(context, CHECK, "hostPorts", _REMEDY)


CHECK = Check(
    id="pss-host-ports",
    title="Ports of the node",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="the port is open on the node, past Services and possibly past policies",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("5.2.12",),
        nsa=("pod-security-enforcement",),
        nist_800_207=("2",),
        nist_800_53=("CM-7", "SC-7"),
        pci_dss_4=("1.2.5",),
    ),
    run=_run,
)
