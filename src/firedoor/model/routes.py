"""Ingress, Gateway API routes and OpenShift Routes, reduced to hosts and backends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firedoor.model.services import GatewayRoute, IngressRoute

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
    spec = _mapping(document.get("spec"))
    rules = _mappings(spec.get("rules"))
    backends = [_ingress_backend(spec.get("defaultBackend"))]
    for rule in rules:
        paths = _mappings(_mapping(rule.get("http")).get("paths"))
        backends.extend(_ingress_backend(path.get("backend")) for path in paths)
    tls = [str(host) for each in _mappings(spec.get("tls")) for host in each.get("hosts") or ()]
    return IngressRoute(
        metadata,
        str(spec.get("ingressClassName") or metadata.annotations.get("kubernetes.io/ingress.class", "")),
        tuple(str(rule.get("host") or "*") for rule in rules),
        tuple(tls),
        tuple(dict.fromkeys(each for each in backends if each is not None)),
        place,
    )


def gateway_route(kind: str, document: dict[str, Any], metadata: ObjectMeta, place: Place) -> GatewayRoute:
    """Return a route with its parent gateways, hostnames and backend services."""
    spec = _mapping(document.get("spec"))
    if kind == "Route":
        target = _mapping(spec.get("to"))
        port = _mapping(spec.get("port")).get("targetPort", "")
        backend = (metadata.namespace, str(target.get("name", "")), str(port))
        return GatewayRoute(kind, metadata, (), (str(spec.get("host", "")),), (backend,), place)
    parents = tuple(
        f"{each.get('namespace') or metadata.namespace}/{each.get('name', '')}"
        for each in _mappings(spec.get("parentRefs"))
    )
    backends = tuple(
        (
            str(each.get("namespace") or metadata.namespace),
            str(each.get("name", "")),
            str(each.get("port", "")),
        )
        for rule in _mappings(spec.get("rules"))
        for each in _mappings(rule.get("backendRefs"))
    )
    hostnames = tuple(str(each) for each in spec.get("hostnames") or ())
    return GatewayRoute(kind, metadata, parents, hostnames, backends, place)


def _ingress_backend(backend: object) -> tuple[str, str] | None:
    service = _mapping(_mapping(backend).get("service"))
    if not service.get("name"):
        return None
    port = _mapping(service.get("port"))
    return str(service["name"]), str(port.get("name") or port.get("number") or "")


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _mappings(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
