"""What becomes of a connection between two ends, whichever of their pods and addresses it is between."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from firedoor.algebra.cidrs import format_address, parse_cidr
from firedoor.engine.reach.domains import canonical_name
from firedoor.engine.reach.replay import VERDICTS, encode, replay
from firedoor.engine.reach.values import both
from firedoor.model.networkpolicy import Direction
from firedoor.model.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firedoor.engine.reach.network import Network
    from firedoor.engine.reach.values import Value
    from firedoor.engine.synth.groups import GroupIndex
    from firedoor.model.generation import Need, Party
    from firedoor.model.places import ObjectRef


_VERDICTS = (Verdict.ACCEPTED, Verdict.UNKNOWN, Verdict.DENIED, Verdict.DENIED)
"""From good to bad; what nothing is known of (-1) is denied."""
_BADNESS = np.asarray([_VERDICTS.index(each) for each in VERDICTS], dtype=np.int8)


class Asker:
    """Asks one network, whose members are those that the groups were made of."""

    def __init__(self, network: Network, groups: GroupIndex, *, domains: bool) -> None:
        """With `domains`, an end with a name is asked about by it where policies name it, else by its addresses."""
        self._network = network
        self._groups = groups
        self._domains = domains
        self._pods: dict[ObjectRef, Sequence[int]] = {}
        self._by_profile: dict[int, list[int]] = defaultdict(list)
        for position, profile in enumerate(network.profile_of):
            self._by_profile[profile].append(position)

    def verdicts(self, needs: Sequence[Need]) -> list[Verdict]:
        """Return for each need what holds for all pods and addresses of both ends: denied if anything is."""
        asked: list[tuple[int | str, int | str, str, int]] = []
        owners: list[int] = []
        worst = np.full(len(needs), -1, dtype=np.int8)
        for number, need in enumerate(needs):
            alone: list[Value] = []
            for source, destination, is_same in self._pairs(need):
                if is_same:
                    alone.append(self._replicas(destination))
                elif need.first != need.last:
                    alone.append(self._network.value(source, destination))
                else:
                    asked.append((source, destination, need.protocol, need.first))
                    owners.append(number)
            if alone:
                ports = self._network.axis.mask(need.protocol, need.first, need.last)
                worst[number] = max(_badness(ports, value) for value in alone)
        found = _BADNESS[replay(self._network, encode(asked))]
        np.maximum.at(worst, np.asarray(owners, dtype=np.int64), found)
        return [_VERDICTS[each] for each in worst.tolist()]

    def _pairs(self, need: Need) -> Iterator[tuple[int | str, int | str, bool]]:
        """Yield every pair of ends that behaves in a way of its own, and whether both are the same pod."""
        members = self._network.members
        for source in self._ends(need.source, need.destination):
            is_near = isinstance(source, str) or members[source].host_network
            for destination in self._ends(need.destination, need.source):
                is_same = source == destination
                if is_near and not is_same and isinstance(destination, int):
                    yield source, self._elsewhere(destination, source), False
                else:
                    yield source, destination, is_same

    def _replicas(self, end: int | str) -> Value:
        """Return what one pod accepts from another that is like it."""
        network = self._network
        profile = network.column(end)
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
            found = self._pods.get(party.workload)
            if found is None:
                found = self._pods[party.workload] = self._pods_of(party.workload)
            return found
        is_named = party.domain and other.workload is not None and self._domains
        if is_named and network.index.domain_column(canonical_name(party.domain)) is not None:
            return (canonical_name(party.domain),)
        return [each for block in party.blocks for each in self._addresses(block)]

    def _pods_of(self, workload: ObjectRef) -> Sequence[int]:
        firsts: dict[int, int] = {}
        hosts = []
        for group in self._groups.of.get(workload, ()):
            for position in group.members:
                if group.is_host:
                    hosts.append(position)
                else:
                    firsts.setdefault(self._network.profile_of[position], position)
        return (*firsts.values(), *hosts)

    def _addresses(self, block: str) -> Iterator[str]:
        family, first, last = parse_cidr(block)
        seen: set[int] = set()
        for atom in self._network.addresses.overlapping(family, first, last):
            if atom.external not in seen:
                seen.add(atom.external)
                yield format_address(family, max(first, atom.first))


def _badness(ports: int, value: Value) -> int:
    """Return the position in `_VERDICTS` of what a value says of all of some ports."""
    if ports & ~value[1]:
        return 2
    return 1 if ports & ~value[0] else 0
