"""The peers of workloads by namespace, from whole rows of values: pods are never paired one by one."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.reach.sides import CountedSide
from firedoor.engine.reach.values import both
from firedoor.model.namespace_peers import NamespacePeer, WorkloadPeers
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from firedoor.algebra.ports import Traffic
    from firedoor.engine.reach.network import Network
    from firedoor.model.places import ObjectRef

    Integers = NDArray[np.int64]

_Masks = dict[str, tuple[int, int]]
"""By namespace: the ports that are surely, and those that are possibly accepted with any pod of it."""


class PeerFinder:
    """Finds the peers of the workloads of a network."""

    def __init__(self, network: Network) -> None:
        """Look at both directions."""
        self._network = network
        self._sides = {each: CountedSide(network, each) for each in Direction}
        profiles = network.profiles
        self._names = tuple(profiles.namespaces)
        self._home = np.asarray(profiles.namespace_of, dtype=np.int64)
        self._weights = np.bincount(np.asarray(network.profile_of, dtype=np.int64), minlength=len(profiles))
        self._counts = (self._weights > 0) & ~np.asarray(profiles.is_host, dtype=bool)
        atoms = (each for each in network.addresses.atoms if each.family in network.families)
        self._words: dict[int, Traffic] = {}
        self._externals = np.unique(np.fromiter((each.external for each in atoms), dtype=np.int64))

    def of(self, workloads: Iterable[ObjectRef]) -> tuple[WorkloadPeers, ...]:
        """Return the peers of these workloads, in their order; those on the network of nodes have none."""
        members: dict[ObjectRef, list[int]] = {each: [] for each in workloads}
        for member, profile in zip(self._network.members, self._network.profile_of, strict=True):
            if member.workload in members and not member.host_network:
                members[member.workload].append(profile)
        chosen = sorted({profile for found in members.values() for profile in found})
        sources, destinations = (self._peers(chosen, each) for each in (Direction.INGRESS, Direction.EGRESS))
        # Many workloads have the same profiles.
        kinds = {ref: tuple(sorted({*found})) for ref, found in members.items()}
        joined = {each: (self._joined(each, sources), self._joined(each, destinations)) for each in set(kinds.values())}
        return tuple(WorkloadPeers(ref, len(found), *joined[kinds[ref]]) for ref, found in members.items())

    def _peers(self, profiles: list[int], direction: Direction) -> dict[int, tuple[_Masks, list[tuple[int, int]]]]:
        """Return for each profile what it exchanges with each namespace, and with each class of addresses outside."""
        own, (other,) = self._sides[direction], (side for way, side in self._sides.items() if way is not direction)
        columns = other.columns_of(np.asarray(profiles, dtype=np.int64))
        return {
            profile: (self._inside(profile, own, theirs, other), self._outside(profile, own, direction))
            for profile, theirs in zip(profiles, columns, strict=True)
        }

    def _inside(self, profile: int, own: CountedSide, theirs: Integers, other: CountedSide) -> _Masks:
        mine = np.full_like(theirs, own.unknown) if own.dark[profile] else own.row(profile)
        counts = self._counts.copy()
        # A pod is no peer of itself.
        counts[profile] &= bool(self._weights[profile] > 1)
        width, spaces = len(other.values), len(self._names)
        codes = ((mine * width + theirs) * spaces + self._home)[counts]
        found: _Masks = {}
        for code in np.unique(codes).tolist():
            pair, space = divmod(code, spaces)
            sure, possible = both(own.values[pair // width], other.values[pair % width])
            before = found.get(self._names[space], (0, 0))
            found[self._names[space]] = before[0] | sure, before[1] | possible
        return found

    def _outside(self, profile: int, own: CountedSide, direction: Direction) -> list[tuple[int, int]]:
        if own.dark[profile]:
            return [own.values[own.unknown]]
        matrix = self._network.matrix[direction]
        row = matrix.row(int(matrix.program_of[profile]))[self._network.index.first_external :]
        return [matrix.table.values[number] for number in np.unique(row[self._externals]).tolist()]

    def _joined(
        self, profiles: tuple[int, ...], found: dict[int, tuple[_Masks, list[tuple[int, int]]]]
    ) -> tuple[NamespacePeer, ...]:
        """Return the peers of a workload from those of its profiles: outside first, then by namespace."""
        masks: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
        outside: list[tuple[int, int]] = []
        for profile in profiles:
            inside, own = found[profile]
            outside += own
            for name, (sure, possible) in inside.items():
                masks[name] = masks[name][0] | sure, masks[name][1] | possible
        sure = possible = 0
        for value in outside:
            sure, possible = sure | value[0], possible | value[1]
        peers = [self._peer("", sure, possible, is_part=any(each != (sure, possible) for each in outside))]
        peers += [self._peer(name, *masks[name], is_part=False) for name in sorted(masks)]
        return tuple(each for each in peers if each.traffic or each.unknown)

    def _peer(self, name: str, sure: int, possible: int, *, is_part: bool) -> NamespacePeer:
        return NamespacePeer(name, self._traffic(sure), self._traffic(possible & ~sure), is_part)

    def _traffic(self, mask: int) -> Traffic:
        """Return the ports of a mask, each distinct mask computed once."""
        found = self._words.get(mask)
        if found is None:
            found = self._words[mask] = self._network.axis.traffic(mask)
        return found
