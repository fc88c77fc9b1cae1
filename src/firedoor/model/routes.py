"""Ingress, Gateway API routes and OpenShift Routes, reduced to hosts and backends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firedoor.model.services import GatewayRoute, IngressRoute
from firedoor.model.shapes import mapping, mappings, number, texts

if TYPE_CHECKING:
    from firedoor.model.metadata import ObjectMeta
    from firedoor.model.places import Place

ROUTE_KINDS = frozenset(
    {
        ("gateway.networking.k8s.io", "HTTPRoute"),
        ("gateway.networking.k8s.io", "GRPCRoute"),
        ("gateway.networking.k8s.io", "TCPRoute"),
        ("gateway.networking.k8s.io", "TLSRoute"),
        ("gateway.networking.k8s.io", "UDPRoute"),
        ("route.openshift.io", "Route"),
    }
)


def ingress_route(document: dict[str, Any], metadata: ObjectMeta, place: Place) -> IngressRoute:
    """Return an Ingress with the hosts of its rules and the services that they lead to."""
    spec = mapping(document.get("spec"))
    rules = mappings(spec.get("rules"))
    default = _ingress_backend(spec.get("defaultBackend"))
    backends = [default]
    for rule in rules:
        paths = mappings(mapping(rule.get("http")).get("paths"))
        backends.extend(_ingress_backend(path.get("backend")) for path in paths)
    tls = [texts(each.get("hosts")) for each in mappings(spec.get("tls"))]
    return IngressRoute(
        metadata,
        str(spec.get("ingressClassName") or metadata.annotations.get("kubernetes.io/ingress.class", "")),
        tuple(str(rule.get("host") or "*") for rule in rules),
        tuple(host for hosts in tls for host in hosts),
        tuple(dict.fromkeys(each for each in backends if each is not None)),
        place,
        default,
        not all(tls),
    )


def gateway_route(kind: str, document: dict[str, Any], metadata: ObjectMeta, place: Place) -> GatewayRoute:
    """Return a route with its parent gateways, hostnames and backend services."""
    spec = mapping(document.get("spec"))
    if kind == "Route":
        return _openshift_route(spec, metadata, place)
    # A parent may be a Service too: that is a route of the mesh, which leads nobody in from outside.
    parents = [each for each in mappings(spec.get("parentRefs")) if each.get("kind", "Gateway") == "Gateway"]
    references = [each for rule in mappings(spec.get("rules")) for each in mappings(rule.get("backendRefs"))]
    services = [each for each in references if _is_service(each)]
    return GatewayRoute(
        kind,
        metadata,
        tuple(f"{each.get('namespace') or metadata.namespace}/{each.get('name', '')}" for each in parents),
        texts(spec.get("hostnames")),
        tuple(
            (str(each.get("namespace") or metadata.namespace), str(each.get("name", "")), str(each.get("port", "")))
            for each in services
        ),
        place,
        tuple((str(each.get("sectionName") or ""), number(each.get("port"))) for each in parents),
        tuple(f"{each.get('kind')} {each.get('name', '')}" for each in references if not _is_service(each)),
    )


def _openshift_route(spec: dict[str, Any], metadata: ObjectMeta, place: Place) -> GatewayRoute:
    port = str(mapping(spec.get("port")).get("targetPort") or "")
    targets = [mapping(spec.get("to")), *mappings(spec.get("alternateBackends"))]
    backends = tuple((metadata.namespace, str(each.get("name", "")), port) for each in targets)
    hosts = (str(spec.get("host") or ""),)
    return GatewayRoute("Route", metadata, (), hosts, backends, place, tls=bool(spec.get("tls")))


def _is_service(reference: dict[str, Any]) -> bool:
    return reference.get("kind", "Service") == "Service" and not reference.get("group")


def _ingress_backend(backend: object) -> tuple[str, str] | None:
    service = mapping(mapping(backend).get("service"))
    if not service.get("name"):
        return None
    port = mapping(service.get("port"))
    return str(service["name"]), str(port.get("name") or port.get("number") or "")
