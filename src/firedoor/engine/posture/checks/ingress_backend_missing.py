"""
Ingresses and routes whose backend does not exist.

What it finds
-------------
Backends of Ingresses, of routes of the Gateway API and of OpenShift Routes that name a
Service, or a port of one, that is not there. Where the snapshot holds no Service of the
namespace at all, nothing is said.

Why it matters
--------------
Clients get an error. And whoever may create a Service of that name gets what clients
send to the host, with its certificate.

Example
-------
A host whose application has been deleted.

Remedy
------
Correct the name or the port, or delete the rule.

References
----------
https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-rules
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding
    from firedoor.model.places import Place
    from firedoor.model.services import Service


def _run(context: Context) -> Iterator[Finding]:
    services = {(each.metadata.namespace, each.metadata.name): each for each in context.snapshot.services}
    known = {namespace for namespace, _ in services}
    for ref, place, by_target, backends in _ways(context):
        for namespace, name, port in backends:
            service = services.get((namespace, name))
            if namespace not in known or (service is not None and _has(service, port, by_target=by_target)):
                continue
            what = f"Service {namespace}/{name}"
            missing = what if service is None else f"port {port} of {what}"
            ports = () if service is None else (f"{each.name or each.port}" for each in service.spec.ports)
            yield CHECK.finding(
                ref,
                str(place),
                f"{ref} leads to {missing}, and there is none",
                (f"{place}: backend {name}, port {port or 'any'}", *(f"ports of {what}: {each}" for each in ports)),
                Fix("name a Service and a port that are there, or delete the backend"),
                confidence=Confidence.MEDIUM if context.snapshot.origin.kind == "manifests" else None,
            )


def _ways(context: Context) -> Iterator[tuple[ObjectRef, Place, bool, tuple[tuple[str, str, str], ...]]]:
    for ingress in context.snapshot.ingress_routes:
        ref = ObjectRef("Ingress", ingress.metadata.namespace, ingress.metadata.name)
        yield ref, ingress.place, False, tuple((ref.namespace, *each) for each in ingress.backends)
    for route in context.snapshot.gateway_routes:
        ref = ObjectRef(route.kind, route.metadata.namespace, route.metadata.name)
        yield ref, route.place, route.kind == "Route", route.backends


def _has(service: Service, port: str, *, by_target: bool) -> bool:
    """Return whether a Service has a port; Routes of OpenShift name that of the pods."""
    if not port or service.spec.type == "ExternalName":
        return True
    return any(port in {each.name, str(each.target_port if by_target else each.port)} for each in service.spec.ports)


CHECK = Check(
    id="ingress-backend-missing",
    title="Ingresses and routes that lead to no Service",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="clients get errors, and whoever creates the Service gets what they send",
    docs=__doc__ or "",
    mappings=Mappings(),
    run=_run,
)
