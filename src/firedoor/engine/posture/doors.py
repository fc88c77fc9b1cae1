"""Ways from outside the cluster to its pods: Services that are open to it, Ingresses and routes."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from firedoor.engine.posture.outside import is_reached
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firedoor.engine.posture.crews import Crew
    from firedoor.engine.reach.network import Network
    from firedoor.model.members import Member
    from firedoor.model.places import Place
    from firedoor.model.services import Service, ServicePort
    from firedoor.model.snapshot import Snapshot


class Door(NamedTuple):
    """
    A way in, and the pods and the port that it ends at.

    `is_direct` says that clients connect to the Service itself, so that policies are
    asked about them; else a controller stands between.
    """

    ref: ObjectRef
    place: Place
    how: str
    service: Service
    port: ServicePort
    crew: Crew
    number: int
    is_direct: bool

    def __str__(self) -> str:
        """Return the way in words."""
        return f"{self.ref} ({self.how})" if self.how else str(self.ref)


def selected(service: Service, homes: dict[str, list[Crew]]) -> list[Crew]:
    """Return the pods that a Service selects."""
    wanted = service.spec.selector.items()
    if not wanted:
        return []
    return [each for each in homes.get(service.metadata.namespace, ()) if wanted <= each.member.labels.items()]


def target_number(port: ServicePort, member: Member) -> int | None:
    """Return the port of a pod that a port of a Service leads to; None where the pod declares none of that name."""
    target = port.target_port or port.port
    if isinstance(target, int):
        return target
    return next(
        (number for name, protocol, number in member.ports if (name, protocol) == (target, port.protocol)), None
    )


def opening(service: Service) -> str:
    """Return how clients outside connect to a Service: its type, ``externalIPs``, or nothing."""
    spec = service.spec
    if spec.cluster_ip == "None" or spec.type == "ExternalName":
        return ""
    if spec.type in {"LoadBalancer", "NodePort"}:
        return spec.type
    return "externalIPs" if spec.external_ips else ""


def homes_of(crews: Sequence[Crew]) -> dict[str, list[Crew]]:
    """Return the crews by namespace."""
    found: dict[str, list[Crew]] = defaultdict(list)
    for each in crews:
        found[each.workload.namespace].append(each)
    return found


def doors_of(snapshot: Snapshot, network: Network, homes: dict[str, list[Crew]]) -> Iterator[Door]:
    """Yield the ways that policies do not close, by the object that opens them."""
    services = {(each.metadata.namespace, each.metadata.name): each for each in snapshot.services}
    for service in snapshot.services:
        how = opening(service)
        if how:
            ref = ObjectRef("Service", service.metadata.namespace, service.metadata.name)
            yield from _ends(network, homes, Way(ref, service.place, how, is_direct=True), service, "")
    for way, (namespace, name, port) in _routed(snapshot):
        found = services.get((namespace, name))
        if found is not None:
            yield from _ends(network, homes, way, found, port)


class Way(NamedTuple):
    """The object that opens a way."""

    ref: ObjectRef
    place: Place
    how: str
    is_direct: bool


def _routed(snapshot: Snapshot) -> Iterator[tuple[Way, tuple[str, str, str]]]:
    """Yield the backends of Ingresses and routes: namespace, name and port of a Service."""
    for ingress in snapshot.ingress_routes:
        ref = ObjectRef("Ingress", ingress.metadata.namespace, ingress.metadata.name)
        for name, port in ingress.backends:
            yield Way(ref, ingress.place, "", is_direct=False), (ref.namespace, name, port)
    for route in snapshot.gateway_routes:
        ref = ObjectRef(route.kind, route.metadata.namespace, route.metadata.name)
        for backend in route.backends if route.parents or route.kind == "Route" else ():
            yield Way(ref, route.place, "", is_direct=False), backend


def _ends(network: Network, homes: dict[str, list[Crew]], way: Way, service: Service, wanted: str) -> Iterator[Door]:
    for crew in selected(service, homes):
        for port in service.spec.ports:
            number = target_number(port, crew.member)
            # A Route of OpenShift names the port of the pods, all others that of the Service.
            own = port.target_port if way.ref.kind == "Route" else port.port
            if number is None or wanted not in {"", port.name, str(own)}:
                continue
            if is_reached(network, crew.position, port.protocol, number, is_direct=way.is_direct):
                yield Door(way.ref, way.place, way.how, service, port, crew, number, way.is_direct)
