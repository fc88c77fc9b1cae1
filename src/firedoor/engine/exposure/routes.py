"""Ingresses, routes and VirtualServices: the pods that serve them, and the Services that they lead to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from firedoor.engine.exposure.attachment import attach, attach_virtual
from firedoor.engine.exposure.controllers import (
    routers,
    served_by_class,
    served_by_gateway,
    served_by_labels,
)
from firedoor.model.gateways import GATEWAY_API, ISTIO
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from firedoor.engine.reach.network import Network
    from firedoor.model.gateways import Gateway, VirtualService
    from firedoor.model.places import Place
    from firedoor.model.services import GatewayRoute, IngressRoute


@dataclass(frozen=True, slots=True)
class Routed:
    """
    One way that a controller opens: hosts, and backends as ``(namespace, Service, port)``.

    `controllers` are the positions of the pods that serve it; where they are empty, `doubt`
    says what is not known.
    """

    ref: ObjectRef
    hosts: tuple[str, ...]
    tls_hosts: tuple[str, ...]
    backends: tuple[tuple[str, str, str], ...]
    controllers: tuple[int, ...]
    doubt: str = ""
    by_target_port: bool = False
    """Whether a number among the ports is the pod's own port, as in an OpenShift Route."""


@dataclass(slots=True)
class Router:
    """Finds what controllers open in the snapshot of a network; `notes` are about what opens nothing."""

    network: Network
    notes: list[str] = field(default_factory=list)
    _found: dict[tuple[str, ...], tuple[int, ...]] = field(default_factory=dict)

    def routed(self) -> Iterator[tuple[Place, Routed]]:
        """Yield every way that a controller opens, with the place of the object that says so."""
        snapshot = self.network.snapshot
        for ingress in snapshot.ingress_routes:
            yield ingress.place, self._ingress(ingress)
        for route in snapshot.gateway_routes:
            found = (self._openshift(route),) if route.kind == "Route" else self._attached(route)
            yield from ((route.place, each) for each in found)
        for virtual in snapshot.virtual_services:
            yield from ((virtual.place, each) for each in self._virtual(virtual))

    def _ingress(self, ingress: IngressRoute) -> Routed:
        metadata = ingress.metadata
        classes = [each for each in self.network.snapshot.controller_classes if each.kind == "IngressClass"]
        defaults = [each.metadata.name for each in classes if each.is_default]
        name = ingress.class_name or (defaults[0] if len(defaults) == 1 else "")
        controller = next((each.controller for each in classes if each.metadata.name == name), "")
        pods = self._of_class(name, controller) if name else ()
        doubt = f"no pod of a controller of class {name} ({controller or 'no IngressClass of that name'}) is known"
        if not name:
            doubt = "it names no class and there is no default IngressClass: which controller serves it is not known"
        return Routed(
            ObjectRef("Ingress", metadata.namespace, metadata.name),
            ingress.hosts or ("*",),
            ingress.tls_hosts,
            tuple((metadata.namespace, service, port) for service, port in ingress.backends),
            pods,
            "" if pods else doubt,
        )

    def _openshift(self, route: GatewayRoute) -> Routed:
        pods = self._once(("Route",), lambda: routers(self.network.members))
        doubt = "" if pods else "no router pod is known in namespace openshift-ingress"
        hosts = tuple(host or "(generated)" for host in route.hostnames)
        secure = hosts if route.tls else ()
        return Routed(_ref(route.kind, route), hosts, secure, route.backends, pods, doubt, by_target_port=True)

    def _attached(self, route: GatewayRoute) -> Iterator[Routed]:
        ref = _ref(route.kind, route)
        self.notes += [f"{ref}: backend {other} is no Service and is not evaluated" for other in route.others]
        backends = tuple(each for each in route.backends if self._may_refer(route, each))
        for parent, section in zip(route.parents, route.sections, strict=True):
            gateway = self._gateway(GATEWAY_API, parent)
            if gateway is None:
                yield Routed(ref, route.hostnames or ("*",), (), backends, (), f"Gateway {parent} is not known")
                continue
            attached = attach(route, section, gateway, self.network.namespaces)
            if attached is None:
                self.notes.append(f"{ref} is not attached to Gateway {parent}: no listener admits it")
                continue
            found, doubt = self._serving(gateway)
            yield Routed(ref, attached.hosts, attached.tls_hosts, backends, found, doubt)

    def _may_refer(self, route: GatewayRoute, backend: tuple[str, str, str]) -> bool:
        """Return whether a route may lead to a backend: in another namespace a ReferenceGrant must say so."""
        namespace, service, _ = backend
        home = route.metadata.namespace
        if namespace == home or any(
            grant.metadata.namespace == namespace and grant.allows(route.kind, home, service)
            for grant in self.network.snapshot.reference_grants
        ):
            return True
        ref = _ref(route.kind, route)
        self.notes.append(f"{ref} may not lead to Service {namespace}/{service}: no ReferenceGrant there allows it")
        return False

    def _serving(self, gateway: Gateway) -> tuple[tuple[int, ...], str]:
        """Return the pods that serve a Gateway of the Gateway API, and what is not known of them."""
        metadata, members = gateway.metadata, self.network.members
        key = ("Gateway", gateway.full_name)
        own = self._once(key, lambda: served_by_gateway(metadata.namespace, metadata.name, members))
        if own:
            return own, ""
        name = gateway.class_name
        classes = (each for each in self.network.snapshot.controller_classes if each.kind == "GatewayClass")
        controller = next((each.controller for each in classes if each.metadata.name == name), "")
        pods = self._of_class(name, controller)
        doubt = f"no pod of Gateway {gateway.full_name} or of a controller of class {name} is known"
        return pods, "" if pods else doubt

    def _of_class(self, name: str, controller: str) -> tuple[int, ...]:
        key = ("class", name, controller)
        return self._once(key, lambda: served_by_class(name, controller, self.network.members))

    def _once(self, key: tuple[str, ...], find: Callable[[], Iterable[int]]) -> tuple[int, ...]:
        """Return the pods that `find` finds, the first time that `key` is asked for."""
        if key not in self._found:
            self._found[key] = tuple(find())
        return self._found[key]

    def _virtual(self, virtual: VirtualService) -> Iterator[Routed]:
        ref = _ref("VirtualService", virtual)
        names = dict.fromkeys(name for route in virtual.routes for name in route.gateways)
        for name in names:
            backends = [
                backend
                for route in virtual.routes
                if name in route.gateways
                for backend in (*route.backends, *self._delegated(route.delegate))
            ]
            gateway = self._gateway(ISTIO, name)
            if gateway is None:
                doubt = f"Gateway {name} is not known"
                yield Routed(ref, virtual.hosts, (), tuple(dict.fromkeys(backends)), (), doubt)
                continue
            attached = attach_virtual(virtual.hosts, virtual.metadata.namespace, gateway)
            if attached is None:
                self.notes.append(f"{ref} is not attached to Gateway {name}: no server has a host of it")
                continue
            pods = self._selected(gateway, virtual)
            doubt = "" if pods else f"no pod that Gateway {name} selects and the VirtualService is exported to is known"
            yield Routed(ref, attached.hosts, attached.tls_hosts, tuple(dict.fromkeys(backends)), pods, doubt)

    def _selected(self, gateway: Gateway, virtual: VirtualService) -> tuple[int, ...]:
        """Return the gateway's pods that the VirtualService is exported to (``spec.exportTo``)."""
        home = virtual.metadata.namespace
        spaces = {home if each == "." else each for each in virtual.export_to or ("*",)}
        members = self.network.members
        key = ("Istio", gateway.full_name)
        found = self._once(key, lambda: served_by_labels(gateway.selector, members)) if gateway.selector else ()
        return tuple(each for each in found if not spaces.isdisjoint({"*", members[each].namespace}))

    def _delegated(self, name: str) -> Iterator[tuple[str, str, str]]:
        """Yield the backends of the VirtualService that a route delegates to."""
        for each in self.network.snapshot.virtual_services:
            if name == f"{each.metadata.namespace}/{each.metadata.name}":
                yield from (backend for route in each.routes for backend in route.backends)

    def _gateway(self, group: str, name: str) -> Gateway | None:
        found = (each for each in self.network.snapshot.gateways if each.group == group and each.full_name == name)
        return next(found, None)


def _ref(kind: str, each: GatewayRoute | VirtualService) -> ObjectRef:
    return ObjectRef(kind, each.metadata.namespace, each.metadata.name)
