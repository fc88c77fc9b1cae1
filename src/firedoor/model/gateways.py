"""Gateways, the classes that say who serves them, and the routes and grants that hang on them."""

from __future__ import annotations

from msgspec import Struct

from firedoor.model.labels import EVERYTHING, LabelSelector
from firedoor.model.metadata import ObjectMeta
from firedoor.model.places import NOWHERE, Place

GATEWAY_API = "gateway.networking.k8s.io"
ISTIO = "networking.istio.io"


class Listener(Struct, frozen=True, gc=False):
    """
    Where a gateway listens: a listener of the Gateway API, or a server of an Istio Gateway.

    `hosts` is empty for all hosts; Istio's are ``namespace/host`` or ``host``.
    `namespaces` is ``Same``, ``All``, ``Selector`` or ``None`` (``allowedRoutes.namespaces.from``),
    with its `selector`; `kinds` are the route kinds that are listed as allowed.
    """

    name: str = ""
    port: int = 0
    protocol: str = ""
    hosts: tuple[str, ...] = ()
    namespaces: str = "Same"
    selector: LabelSelector = EVERYTHING
    kinds: tuple[str, ...] = ()

    @property
    def is_tls(self) -> bool:
        """Whether clients speak TLS to it."""
        return self.protocol.upper() in {"HTTPS", "TLS"}


class Gateway(Struct, frozen=True, gc=False):
    """
    A Gateway of the Gateway API (`class_name` counts) or of Istio (`selector` counts), by its API `group`.

    `selector` are the labels of the pods that serve an Istio Gateway, in any namespace.
    """

    group: str
    metadata: ObjectMeta
    class_name: str = ""
    selector: dict[str, str] = {}
    listeners: tuple[Listener, ...] = ()
    place: Place = NOWHERE

    @property
    def full_name(self) -> str:
        """``namespace/name``."""
        return f"{self.metadata.namespace}/{self.metadata.name}"


class ControllerClass(Struct, frozen=True, gc=False):
    """An IngressClass or a GatewayClass: the controller that serves what names the class."""

    kind: str
    metadata: ObjectMeta
    controller: str = ""
    is_default: bool = False
    place: Place = NOWHERE


class VirtualServiceRoute(Struct, frozen=True, gc=False):
    """
    One route of a VirtualService: the gateways it holds for (``mesh`` is left out) and where it leads.

    `backends` are ``(namespace, service name, port number)``, with the whole host as name and
    no namespace where the host is none of a Service; `delegate` is ``namespace/name``.
    """

    gateways: tuple[str, ...] = ()
    backends: tuple[tuple[str, str, str], ...] = ()
    delegate: str = ""


class VirtualService(Struct, frozen=True, gc=False):
    """A VirtualService of Istio; `export_to` is empty for all namespaces."""

    metadata: ObjectMeta
    hosts: tuple[str, ...] = ()
    routes: tuple[VirtualServiceRoute, ...] = ()
    export_to: tuple[str, ...] = ()
    place: Place = NOWHERE


class ReferenceGrant(Struct, frozen=True, gc=False):
    """
    A ReferenceGrant of the Gateway API: who may refer to the Services of its namespace.

    `sources` are ``(group, kind, namespace)``; `services` are names, the empty one for all.
    """

    metadata: ObjectMeta
    sources: tuple[tuple[str, str, str], ...] = ()
    services: tuple[str, ...] = ()
    place: Place = NOWHERE

    def allows(self, kind: str, namespace: str, service: str) -> bool:
        """Return whether a route of the Gateway API in `namespace` may refer to a Service of this one."""
        named = not {"", service}.isdisjoint(self.services)
        return named and (GATEWAY_API, kind, namespace) in self.sources
