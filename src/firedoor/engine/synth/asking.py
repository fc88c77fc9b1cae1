"""What becomes of a connection between two ends, whichever of their pods and addresses it is between."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import format_address, parse_cidr
from firedoor.engine.reach.domains import canonical_name
from firedoor.engine.reach.values import both
from firedoor.model.networkpolicy import Direction
from firedoor.model.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firedoor.engine.reach.network import Network
    from firedoor.engine.reach.values import Value
    from firedoor.engine.synth.groups import GroupIndex
    from firedoor.model.generation import Need, Party


class Asker:
    """Asks one network, whose members are those that the groups were made of."""

    def __init__(self, network: Network, groups: GroupIndex, *, domains: bool) -> None:
        """With `domains`, an end with a name is asked about by it where policies name it, else by its addresses."""
        self._network = network
        self._groups = groups
        self._domains = domains
        self._by_profile: dict[int, list[int]] = defaultdict(list)
        for position, profile in enumerate(network.profile_of):
            self._by_profile[profile].append(position)

    def verdict(self, need: Need) -> Verdict:
        """Return what holds for all pods and addresses of both ends: denied if anything is."""
        ports = self._network.axis.mask(need.protocol, need.first, need.last)
        values = list(self._values(need))
        if not values or any(ports & ~value[1] for value in values):
            return Verdict.DENIED
        return Verdict.UNKNOWN if any(ports & ~value[0] for value in values) else Verdict.ACCEPTED

    def _values(self, need: Need) -> Iterator[Value]:
        """Yield the value of every pair of ends that behaves in a way of its own."""
        for source in self._ends(need.source, need.destination):
            for destination in self._ends(need.destination, need.source):
                if isinstance(source, int) and isinstance(destination, int):
                    yield self._between(source, destination)
                elif isinstance(destination, int):
                    yield self._network.value(source, self._elsewhere(destination, source))
                else:
                    yield self._network.value(source, destination)

    def _between(self, source: int, destination: int) -> Value:
        network = self._network
        if source != destination:
            is_host = network.members[source].host_network
            return network.value(source, self._elsewhere(destination, source) if is_host else destination)
        profile = network.profile_of[source]
        egress, ingress = (
            network.matrix[each].value(profile, profile) for each in (Direction.EGRESS, Direction.INGRESS)
        )
        return both(egress, ingress)

    def _elsewhere(self, position: int, peer: int | str) -> int:
        """Return a pod like one that is on another node than `peer`, which its own node always lets in."""
        network = self._network
        alike = self._by_profile[network.profile_of[position]]
        return next((each for each in alike if not network.lets_in(Direction.INGRESS, each, peer)), position)

    def _ends(self, party: Party, other: Party) -> Sequence[int | str]:
        """Return a pod for each way in which those of an end behave, or an address for each class of addresses."""
        network = self._network
        if party.workload is not None:
            firsts: dict[int, int] = {}
            hosts = []
            for group in self._groups.of.get(party.workload, ()):
                for position in group.members:
                    if group.is_host:
                        hosts.append(position)
                    else:
                        firsts.setdefault(network.profile_of[position], position)
            return (*firsts.values(), *hosts)
        is_named = party.domain and other.workload is not None and self._domains
        if is_named and network.index.domain_column(canonical_name(party.domain)) is not None:
            return (canonical_name(party.domain),)
        return [each for block in party.blocks for each in self._addresses(block)]

    def _addresses(self, block: str) -> Iterator[str]:
        family, first, last = parse_cidr(block)
        seen: set[int] = set()
        for atom in self._network.addresses.atoms:
            if atom.family is family and atom.first <= last and first <= atom.last and atom.external not in seen:
                seen.add(atom.external)
                yield format_address(family, max(first, atom.first))
