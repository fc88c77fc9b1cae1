"""Gateways, classes, VirtualServices and ReferenceGrants, reduced to what decides where traffic goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from firedoor.model.gateways import (
    GATEWAY_API,
    ISTIO,
    ControllerClass,
    Gateway,
    Listener,
    ReferenceGrant,
    VirtualService,
    VirtualServiceRoute,
)
from firedoor.model.labels import EVERYTHING, LabelSelector
from firedoor.model.shapes import mapping, mappings, number, texts

if TYPE_CHECKING:
    from firedoor.model.metadata import ObjectMeta
    from firedoor.model.places import Place

GATEWAY_KINDS: dict[tuple[str, str], bool] = {
    ("networking.k8s.io", "IngressClass"): False,
    (GATEWAY_API, "Gateway"): True,
    (GATEWAY_API, "GatewayClass"): False,
    (GATEWAY_API, "ReferenceGrant"): True,
    (ISTIO, "Gateway"): True,
    (ISTIO, "VirtualService"): True,
}
"""``(group, kind)`` of what is read here, and whether it lives in a namespace."""

_DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class"
_MESH = "mesh"
_SERVICE_DOMAIN = 3
"""The label of a Service's host name that is ``svc``, counted from 1."""


def gateway_object(
    group: str, kind: str, document: dict[str, Any], metadata: ObjectMeta, place: Place
) -> Gateway | ControllerClass | VirtualService | ReferenceGrant:
    """Return the model object of a kind of `GATEWAY_KINDS`."""
    spec = mapping(document.get("spec"))
    match kind:
        case "Gateway":
            return _gateway(group, spec, metadata, place)
        case "VirtualService":
            return _virtual_service(spec, metadata, place)
        case "ReferenceGrant":
            return _reference_grant(spec, metadata, place)
        case _:
            controller = str(spec.get("controller" if kind == "IngressClass" else "controllerName") or "")
            is_default = metadata.annotations.get(_DEFAULT_CLASS) == "true"
            return ControllerClass(kind, metadata, controller, is_default, place)


def _gateway(group: str, spec: dict[str, Any], metadata: ObjectMeta, place: Place) -> Gateway:
    if group == ISTIO:
        servers = tuple(_server(each) for each in mappings(spec.get("servers")))
        selector = {str(key): str(value) for key, value in mapping(spec.get("selector")).items()}
        return Gateway(group, metadata, "", selector, servers, place)
    listeners = tuple(_listener(each) for each in mappings(spec.get("listeners")))
    return Gateway(group, metadata, str(spec.get("gatewayClassName") or ""), {}, listeners, place)


def _server(server: dict[str, Any]) -> Listener:
    port = mapping(server.get("port"))
    hosts = texts(server.get("hosts"))
    return Listener(str(port.get("name") or ""), number(port.get("number")), str(port.get("protocol") or ""), hosts)


def _listener(listener: dict[str, Any]) -> Listener:
    allowed = mapping(listener.get("allowedRoutes"))
    namespaces = mapping(allowed.get("namespaces"))
    selector = namespaces.get("selector")
    host = listener.get("hostname")
    return Listener(
        str(listener.get("name") or ""),
        number(listener.get("port")),
        str(listener.get("protocol") or ""),
        (str(host),) if host else (),
        str(namespaces.get("from") or "Same"),
        msgspec.convert(selector, LabelSelector) if selector else EVERYTHING,
        tuple(str(each.get("kind", "")) for each in mappings(allowed.get("kinds"))),
    )


def _virtual_service(spec: dict[str, Any], metadata: ObjectMeta, place: Place) -> VirtualService:
    namespace = metadata.namespace
    gateways = _gateways(texts(spec.get("gateways")) or (_MESH,), namespace)
    routes = []
    for protocol in ("http", "tls", "tcp"):
        for each in mappings(spec.get(protocol)):
            found = mappings(each.get("route"))
            backends = tuple(_destination(mapping(one.get("destination")), namespace) for one in found)
            target = mapping(each.get("delegate"))
            delegate = f"{target.get('namespace') or namespace}/{target['name']}" if target.get("name") else ""
            routes.append(VirtualServiceRoute(_effective(each, gateways, namespace), backends, delegate))
    return VirtualService(metadata, texts(spec.get("hosts")), tuple(routes), texts(spec.get("exportTo")), place)


def _effective(route: dict[str, Any], gateways: tuple[str, ...], namespace: str) -> tuple[str, ...]:
    """Return the gateways that a route holds for: its match conditions may name fewer or others than the object."""
    found: dict[str, None] = {}
    for condition in mappings(route.get("match")) or [{}]:
        own = texts(condition.get("gateways"))
        found.update(dict.fromkeys(_gateways(own, namespace) if own else gateways))
    return tuple(found)


def _gateways(names: tuple[str, ...], namespace: str) -> tuple[str, ...]:
    return tuple(each if "/" in each else f"{namespace}/{each}" for each in names if each != _MESH)


def _destination(destination: dict[str, Any], namespace: str) -> tuple[str, str, str]:
    host = str(destination.get("host") or "")
    port = str(mapping(destination.get("port")).get("number") or "")
    labels = host.split(".")
    if len(labels) == 1:
        return namespace, host, port
    if len(labels) > _SERVICE_DOMAIN and labels[_SERVICE_DOMAIN - 1] == "svc":
        return labels[1], labels[0], port
    return "", host, port


def _reference_grant(spec: dict[str, Any], metadata: ObjectMeta, place: Place) -> ReferenceGrant:
    sources = tuple(
        (str(each.get("group") or ""), str(each.get("kind") or ""), str(each.get("namespace") or ""))
        for each in mappings(spec.get("from"))
    )
    services = tuple(
        str(each.get("name") or "")
        for each in mappings(spec.get("to"))
        if not each.get("group") and each.get("kind") == "Service"
    )
    return ReferenceGrant(metadata, sources, services, place)
