"""Services that the outside reaches without a controller: LoadBalancer, NodePort, and external addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from firedoor.engine.exposure.services import Target
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firedoor.engine.exposure.services import ServiceIndex
    from firedoor.model.members import Member
    from firedoor.model.services import Service, ServicePort

_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"
_OPEN_TYPES = ("LoadBalancer", "NodePort")


@dataclass(frozen=True, slots=True)
class DirectTarget:
    """One target of one port of an exposed Service; `target` is None where the port leads nowhere."""

    service: Service
    door: str
    port: ServicePort
    target: Target | None

    @property
    def ref(self) -> ObjectRef:
        """The Service."""
        return ObjectRef("Service", self.service.metadata.namespace, self.service.metadata.name)

    @property
    def source_ranges(self) -> tuple[str, ...]:
        """The only networks that the way is for; empty where node ports or external addresses heed no ranges."""
        spec = self.service.spec
        is_beside = spec.allocate_load_balancer_node_ports is not False or any(each.node_port for each in spec.ports)
        return () if is_beside or spec.external_ips else source_ranges(self.service)

    @property
    def keeps_client(self) -> bool:
        """Whether the pod surely sees the client's address (``spec.externalTrafficPolicy: Local``)."""
        return self.service.spec.external_traffic_policy == "Local"


def direct_targets(index: ServiceIndex) -> Iterator[DirectTarget]:
    """Yield the targets of every Service that has a door to the outside."""
    for service in index.services.values():
        door = _door(service)
        for port in service.spec.ports if door else ():
            targets: list[Target | None] = [*index.targets(service, port)]
            yield from (DirectTarget(service, door, port, each) for each in targets or [None])


def host_targets(members: Sequence[Member]) -> Iterator[tuple[int, Target]]:
    """
    Yield the ports that pods open on their node (``containers[].ports[].hostPort``), with the pods' positions.

    A pod on the node's network has all its ports there anyway; a port of the node's own
    loopback (``hostIP``) is open to nobody outside.
    """
    for position, member in enumerate(members):
        for container in () if member.host_network else member.spec.serving_containers:
            for port in container.ports:
                if port.host_port and not port.is_on_loopback:
                    yield position, Target(position, port.protocol or "TCP", port.container_port)


def source_ranges(service: Service) -> tuple[str, ...]:
    """Return ``spec.loadBalancerSourceRanges`` of a load balancer, or those of the annotation before that field."""
    written = service.metadata.annotations.get(_RANGES, "").split(",")
    return service.spec.load_balancer_source_ranges or tuple(each.strip() for each in written if each.strip())


def _door(service: Service) -> str:
    """
    Return how a Service is open to the outside; empty when it is not.

    ExternalName leads out, not in; a headless Service has no virtual address, so that
    nothing forwards its external ones.
    """
    spec = service.spec
    if spec.type == "ExternalName" or spec.cluster_ip == "None":
        return ""
    doors = [spec.type] if spec.type in _OPEN_TYPES else []
    return ", ".join([*doors, *(["externalIPs"] if spec.external_ips else [])])
