"""
Probes and lifecycle hooks that are sent to another host than the pod.

What it finds
-------------
Workloads with a probe or a lifecycle hook whose `httpGet` or `tcpSocket` has a `host`.
The standards forbid it from version 1.34 on. Control `hostProbesAndHostLifecycle`,
level baseline.

Why it matters
--------------
The agent of the node sends these requests from the network of the node: whoever writes
the pod can let it knock where pods may not.

Example
-------
A liveness probe with `host: 169.254.169.254`.

Remedy
------
Remove `host`: the request then goes to the pod.

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

_REMEDY = "remove host from probes and hooks"


def _run(context: Context) -> Iterator[Finding]:
    yield from workload_findings(context, CHECK, "hostProbesAndHostLifecycle", _REMEDY)


CHECK = Check(
    id="pss-host-probes-and-host-lifecycle",
    title="Probes and hooks that ask other hosts",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="the node itself sends requests wherever the pod's author likes",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("pod-security-enforcement",),
        nist_800_207=("2",),
        nist_800_53=("AC-4", "SC-7"),
        pci_dss_4=("1.3.2",),
    ),
    run=_run,
)
