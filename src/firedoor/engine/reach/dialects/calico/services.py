"""
What a ``services`` match of a rule stands for: addresses, each at the ports that the service leads to.

They are those of the service's EndpointSlices. Where there are none, as among
manifests, they are the slices that a cluster would make of the service's selector.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from firedoor.algebra.cidrs import is_address, parse_address
from firedoor.engine.reach.matches import Match
from firedoor.model.networkpolicy import IPBlock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.algebra.cidrs import Family
    from firedoor.engine.reach.profiles import NamedPorts, Profile
    from firedoor.engine.reach.scene import Scene
    from firedoor.engine.reach.vocabulary import Trait
    from firedoor.model.calico import ServiceMatch
    from firedoor.model.members import Member
    from firedoor.model.services import EndpointSlice, Service

BEHIND = "services"
"""The trait that names the services which select a pod, of those that rules name."""

Ports = tuple[tuple[str, int], ...]


class Backends(NamedTuple):
    """Some backends of a service, and the ``(protocol, port)`` pairs at which they serve; None for unknown ports."""

    where: Match
    ports: Ports | None


def backends(scene: Scene, wanted: ServiceMatch, family: Family) -> list[Backends]:
    """Return the backends of a service; those of one that is not known may be anything."""
    key = (wanted.namespace, wanted.name)
    slices = [each for each in scene.snapshot.endpoint_slices if (each.metadata.namespace, each.service) == key]
    if slices:
        return [_of_slice(scene, each, family) for each in slices]
    for service in scene.snapshot.services:
        if (service.metadata.namespace, service.metadata.name) == key:
            return _of_selector(scene, service, family)
    return [Backends(_anything(scene), None)]


def target_ports(service: Service) -> Iterator[tuple[str, int]]:
    """Yield protocol and number of the numbered target ports."""
    for port in service.spec.ports:
        target = port.target_port or port.port
        if isinstance(target, int):
            yield port.protocol, target


def named_target_ports(service: Service) -> Iterator[tuple[str, str]]:
    """Yield name and protocol of the named target ports."""
    for port in service.spec.ports:
        if isinstance(port.target_port, str) and port.target_port:
            yield port.target_port, port.protocol


def _anything(scene: Scene) -> Match:
    mask = np.ones(scene.index.size, dtype=bool)
    return Match.known(mask).doubted()


def _of_slice(scene: Scene, each: EndpointSlice, family: Family) -> Backends:
    addresses = [address for endpoint in each.endpoints for address in endpoint.addresses if is_address(address)]
    own = [address for address in addresses if parse_address(address)[0] is family]
    blocks = [IPBlock(f"{address}/{128 if ':' in address else 32}") for address in own]
    ports = tuple((port.protocol, port.port) for port in each.ports if port.port)
    return Backends(scene.index.inside(blocks, family), ports)


def _of_selector(scene: Scene, service: Service, family: Family) -> list[Backends]:
    spec = service.spec
    if spec.type == "ExternalName" or (spec.ip_families and f"IPv{family.value}" not in spec.ip_families):
        return []
    if not spec.selector:
        return [Backends(_anything(scene), None)]
    behind = scene.index.trait(scene.trait(BEHIND), lambda keys: _key(service) in keys.split())
    grouped: dict[Ports, list[int]] = {}
    for profile in np.flatnonzero(behind).tolist():
        grouped.setdefault(_targets(service, scene.index.profiles[profile].ports), []).append(profile)
    return [Backends(_holders(scene, profiles), ports) for ports, profiles in grouped.items()]


def behind(services: Iterable[Service]) -> Trait:
    """Return the trait to be selected by some of these services."""
    asked = [(_key(each), each.metadata.namespace, each.spec.selector.items()) for each in services]

    def trait(member: Member) -> str:
        found = [
            key
            for key, namespace, selector in asked
            if namespace == member.namespace and selector and selector <= member.labels.items()
        ]
        return " ".join(found)

    return trait


def _key(service: Service) -> str:
    return f"{service.metadata.namespace}/{service.metadata.name}"


def _targets(service: Service, declared: NamedPorts) -> Ports:
    """Return where the service leads to on a pod; of a name it declares twice, the first counts."""
    found = list(target_ports(service))
    for name, protocol in named_target_ports(service):
        found += [(protocol, number) for each, of, number in declared if (each, of) == (name, protocol)][:1]
    return tuple(sorted(set(found)))


def _holders(scene: Scene, profiles: list[int]) -> Match:
    """Return the condition to have the address of one of these pods; that of a node is shared."""
    index = scene.index
    lower, upper = np.zeros(index.size, dtype=bool), np.zeros(index.size, dtype=bool)
    lower[profiles] = True
    for own in (index.profiles[each] for each in profiles if index.profiles[each].host_network):
        if own.externals is None:
            upper[index.first_external : index.first_domain] = True
        else:
            lower[[index.first_external + each for each in own.externals]] = True
        for column, other in enumerate(index.profiles):
            if other.host_network:
                shares = _share_a_node(own, other)
                lower[column] |= shares is True
                upper[column] |= shares is None
    return Match(lower, lower | upper)


def _share_a_node(first: Profile, second: Profile) -> bool | None:
    """Return whether two pods on the host network have an address in common; None where that is not known."""
    if first.externals is not None and second.externals is not None:
        return not set(first.externals).isdisjoint(second.externals)
    if first.node and second.node:
        return first.node == second.node
    return None
