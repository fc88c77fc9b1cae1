"""
Workloads that run in the namespace default.

What it finds
-------------
Pods and workloads that a cluster serves in the namespace `default`. Manifests without a
namespace may be meant for any, and are left out.

Why it matters
--------------
Whatever was started without a namespace lands there. It cannot be isolated or given
rights by what it belongs to.

Example
-------
`kubectl apply -f web.yaml` without `-n`.

Remedy
------
Move it into a namespace of its own.

References
----------
https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.words import count
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding

MOST = 10
"""Workloads that are named."""


def _run(context: Context) -> Iterator[Finding]:
    served = {each.ref: each for each in context.snapshot.workloads if each.metadata.uid}
    inside = [
        each
        for each in context.first_crews
        if each.workload.namespace == "default" and (each.workload in served or each.member.pod.metadata.uid)
    ]
    if inside:
        yield CHECK.finding(
            ObjectRef("Namespace", "", "default"),
            inside[0].source,
            f"{count(len(inside), 'workload')} {'runs' if len(inside) == 1 else 'run'} in the namespace default",
            tuple(f"{each.source}: {each.workload}" for each in inside[:MOST]),
            Fix("move each into a namespace of what it belongs to"),
        )


CHECK = Check(
    id="namespace-default-used",
    title="Workloads in the namespace default",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="it cannot be isolated, or given rights, by what it belongs to",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("5.6.4",),
        nsa=("namespaces",),
        nist_800_53=("SC-7(21)",),
    ),
    run=_run,
)
