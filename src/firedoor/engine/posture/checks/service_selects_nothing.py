"""
Services whose selector matches no pod.

What it finds
-------------
Services with a selector that no pod of their namespace meets, where the namespace has
pods. ExternalName services are left out.

Why it matters
--------------
Connections to it are refused. And whoever creates a pod with these labels gets them.

Example
-------
A selector `app: wep` for pods with `app: web`, or a service that was forgotten when its
Deployment was deleted.

Remedy
------
Correct the selector, or delete the Service.

References
----------
https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.doors import selected
from firedoor.engine.posture.nearness import Neighbourhood
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.labels import LabelSelector
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding
    from firedoor.model.services import Service


def _run(context: Context) -> Iterator[Finding]:
    near: dict[str, Neighbourhood] = {}
    for service in context.snapshot.services:
        namespace = service.metadata.namespace
        inside = context.homes.get(namespace)
        if not service.spec.selector or service.spec.type == "ExternalName" or not inside:
            continue
        if selected(service, context.homes):
            continue
        if namespace not in near:
            near[namespace] = Neighbourhood((each.member.labels for each in inside), f"pods of namespace {namespace}")
        yield _finding(context, service, near[namespace])


def _finding(context: Context, service: Service, near: Neighbourhood) -> Finding:
    ref = ObjectRef("Service", service.metadata.namespace, service.metadata.name)
    selector = LabelSelector(service.spec.selector)
    meant = near.corrected(selector)
    hint = "" if meant is None else f": {meant} would match"
    return CHECK.finding(
        ref,
        str(service.place),
        f"{ref} selects {selector}, and no pod has these labels",
        tuple(near.evidence(selector)),
        Fix(f"correct spec.selector{hint}, or delete the Service"),
        confidence=Confidence.MEDIUM if context.is_partial or context.snapshot.origin.kind == "manifests" else None,
    )


CHECK = Check(
    id="service-selects-nothing",
    title="Services that select no pod",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="it leads nowhere, and whoever creates a pod with these labels gets its connections",
    docs=__doc__ or "",
    mappings=Mappings(),
    run=_run,
)
