"""
Pods without a controller.

What it finds
-------------
Pods that no controller owns. Those of `kube-system`, static pods, hooks of Helm and
finished ones are left out.

Why it matters
--------------
When its node fails or is drained the pod is gone. It was mostly made by hand, and so
passed no review.

Example
-------
`kubectl run debug --image=...`, forgotten.

Remedy
------
Delete it, or make a Deployment or a Job of it.

References
----------
https://kubernetes.io/docs/concepts/workloads/pods/#working-with-pods
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding

_OWNED = frozenset({"helm.sh/hook", "kubernetes.io/config.mirror"})
"""Annotations of pods that something else makes: Helm, and a kubelet from a file."""


def _run(context: Context) -> Iterator[Finding]:
    for crew in context.crews:
        pod = crew.member.pod
        if crew.workload.kind != "Pod" or crew.workload.namespace == "kube-system":
            continue
        if pod.metadata.controller is None and _OWNED.isdisjoint(pod.metadata.annotations):
            yield CHECK.finding(
                crew.workload,
                crew.source,
                f"no controller owns {crew.workload}: it is gone when its node is",
                ("metadata.ownerReferences names no controller",),
                Fix("delete it, or make a Deployment or a Job of it"),
            )


CHECK = Check(
    id="bare-pod",
    title="Pods that nobody makes anew",
    severity=Severity.INFO,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="it is gone when its node is, and was mostly made by hand",
    docs=__doc__ or "",
    mappings=Mappings(),
    run=_run,
)
