"""Where the ports of Services lead: to pods by selector, or to the endpoints that EndpointSlices list."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import is_address
from firedoor.algebra.ports import FIRST_PORT, LAST_PORT, PROTOCOLS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.reach.network import Network
    from firedoor.model.members import Member
    from firedoor.model.services import EndpointSlice, Service, ServicePort


@dataclass(frozen=True, slots=True)
class Target:
    """A member (by position) or an address of no pod, and the port there that a connection ends at."""

    end: int | str
    protocol: str
    port: int


class ServiceIndex:
    """The Services of a network by name, and where they lead."""

    def __init__(self, network: Network) -> None:
        """Index the Services, the EndpointSlices and the members of `network`."""
        self._network = network
        self.services: dict[tuple[str, str], Service] = {
            (each.metadata.namespace, each.metadata.name): each for each in network.snapshot.services
        }
        self._slices: dict[tuple[str, str], list[EndpointSlice]] = defaultdict(list)
        for each in network.snapshot.endpoint_slices:
            self._slices[each.metadata.namespace, each.service].append(each)
        self._inhabitants: dict[str, list[int]] = defaultdict(list)
        for position, member in enumerate(network.members):
            self._inhabitants[member.namespace].append(position)

    @cached_property
    def _holders(self) -> dict[str, int]:
        """The pods by their own addresses."""
        return {
            address: position
            for position, member in enumerate(self._network.members)
            if not member.host_network
            for address in member.addresses
        }

    def targets(self, service: Service, port: ServicePort) -> list[Target]:
        """Return where a port of a Service leads, each target once (``spec.ports[].targetPort``)."""
        found = self._selected(service, port) if service.spec.selector else self._listed(service, port)
        valid = (each for each in found if each.protocol in PROTOCOLS and FIRST_PORT <= each.port <= LAST_PORT)
        return list(dict.fromkeys(valid))

    def _selected(self, service: Service, port: ServicePort) -> Iterator[Target]:
        wanted = service.spec.selector.items()
        for position in self._inhabitants[service.metadata.namespace]:
            member = self._network.members[position]
            if wanted <= member.labels.items():
                number = target_port(port, member)
                if number is not None:
                    yield Target(position, port.protocol, number)

    def _listed(self, service: Service, port: ServicePort) -> Iterator[Target]:
        for piece in self._slices[service.metadata.namespace, service.metadata.name]:
            numbers = [each.port for each in piece.ports if (each.name, each.protocol) == (port.name, port.protocol)]
            for number in numbers:
                for endpoint in piece.endpoints:
                    # All addresses of an endpoint are of one backend, and the first one serves.
                    for address in filter(is_address, endpoint.addresses[:1]):
                        yield Target(self._holders.get(address, address), port.protocol, number or 0)


def target_port(port: ServicePort, member: Member) -> int | None:
    """Return the pod's port: of a named one the first container that declares it decides; None if none does."""
    target = port.target_port or port.port
    if isinstance(target, int):
        return target
    for container in member.spec.serving_containers:
        for declared in container.ports:
            if declared.name == target and (declared.protocol or "TCP") == port.protocol:
                return declared.container_port
    return None
