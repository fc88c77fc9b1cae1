"""Services that the outside reaches without a controller: LoadBalancer, NodePort, and external addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.exposure.services import ServiceIndex, Target
    from firedoor.model.services import Service, ServicePort

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
