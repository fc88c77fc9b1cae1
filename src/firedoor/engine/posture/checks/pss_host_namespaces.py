"""
Pods that share the network, the processes or the IPC of their node.

What it finds
-------------
Workloads whose pods set `hostNetwork`, `hostPID` or `hostIPC`. Ports that pods on the
network of the node take there are not told of a second time. Control `hostNamespaces`,
level baseline.

Why it matters
--------------
With `hostNetwork` no NetworkPolicy applies to the pod, and it reaches what listens on
the loopback interface of the node. With `hostPID` it sees all processes of the node,
and can read the environment of those of its own user.

Example
-------
A Deployment `debug` with `hostPID: true`.

Remedy
------
Remove the field. Use a Service or a `hostPort` for traffic from outside.

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

_REMEDY = "remove hostNetwork, hostPID and hostIPC"


def _run(context: Context) -> Iterator[Finding]:
    yield from workload_findings(context, CHECK, "hostNamespaces", _REMEDY)


CHECK = Check(
    id="pss-host-namespaces",
    title="Pods in namespaces of their node",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="the pod sees what belongs to its node and to the other pods there",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("5.2.3", "5.2.4", "5.2.5"),
        nsa=("pod-security-enforcement",),
        nist_800_207=("5",),
        nist_800_53=("SC-2", "SC-39", "SC-7(21)"),
        mitre=("T1611",),
        pci_dss_4=("2.2.6",),
    ),
    run=_run,
)
