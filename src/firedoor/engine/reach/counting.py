"""
How many pairs of pods may connect, for clusters of any size: pairs are counted and never listed.

Pods of one profile count together; profiles whose rows and columns agree but for
exceptions do as well, and the exceptions are set right afterwards, pair by pair.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.reach.values import Value, both
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from firedoor.engine.reach.allpairs import AllPairs
    from firedoor.engine.reach.network import Network

    Integers = NDArray[np.int64]


class Extent(IntEnum):
    """How much traffic a pair may exchange."""

    NONE = 0
    UNKNOWN = 1
    SOME = 2
    ALL = 3


def count_pairs(network: Network) -> dict[Extent, int]:
    """Return for each extent how many ordered pairs of different pods have it."""
    return _Counting(network).count()


class _Side:
    """One direction: the rows of profiles, those of pods with gaps being unknown throughout."""

    def __init__(self, network: Network, direction: Direction) -> None:
        matrix = network.matrix[direction]
        self.pairs: AllPairs = matrix.pairs
        self.values = matrix.table.values
        self.rows = matrix.program_of.astype(np.int64)
        self.unknown = matrix.table.number((0, network.axis.everything))
        self.dark = np.asarray([network.is_dark(profile, direction) for profile in network.profiles], dtype=bool)
        self.is_whole = self.pairs.is_whole()[self.rows] & ~self.dark
        base = np.vstack([self.pairs.base, np.full(self.pairs.patterns, self.unknown, dtype=np.int32)])
        self.kinds, kind_of_row = _distinct_rows(base)
        """Bases that differ, shape ``(kinds, patterns)``."""
        self.kind = kind_of_row[np.where(self.dark, len(base) - 1, self.rows)]
        """The base of each profile."""
        self.pattern = self.pairs.pattern_of[: len(network.profiles)].astype(np.int64)
        """The pattern of each profile's column."""

    def at(self, subjects: Integers, peers: Integers) -> NDArray[np.int32]:
        """Return the values of pairs of profiles."""
        found = self.pairs.at(self.rows[subjects], peers)
        found[self.dark[subjects]] = self.unknown
        return found

    def exceptional(self, profiles: int) -> tuple[Integers, Integers]:
        """Return the pairs of profiles whose value is not that of the base: subjects and peers."""
        inside = self.pairs.columns < profiles
        rows, columns = self.pairs.rows[inside], self.pairs.columns[inside]
        order = np.argsort(self.rows, kind="stable")
        starts = np.searchsorted(self.rows[order], np.arange(len(self.pairs.base) + 1))
        counts = (starts[1:] - starts[:-1])[rows]
        firsts = np.repeat(starts[:-1][rows], counts)
        offsets = np.arange(len(firsts)) - np.repeat(np.cumsum(counts) - counts, counts)
        return order[firsts + offsets], np.repeat(columns, counts)


class _Counting:
    def __init__(self, network: Network) -> None:
        self._network = network
        self._size = len(network.profiles)
        self._ingress, self._egress = (_Side(network, each) for each in (Direction.INGRESS, Direction.EGRESS))
        self._profile_of = np.asarray(network.profile_of, dtype=np.int64)
        self._weights = np.bincount(self._profile_of, minlength=self._size).astype(np.int64)
        self._extents: dict[int, Extent] = {}
        self._found = np.zeros(len(Extent), dtype=np.int64)

    def count(self) -> dict[Extent, int]:
        self._count_bases()
        self._correct_exceptions()
        self._count_whole()
        everyone = np.arange(self._size, dtype=np.int64)
        self._add(self._extent(everyone, everyone), -self._weights)
        self._correct_nodes()
        return {each: int(self._found[each]) for each in Extent}

    def _add(self, extents: NDArray[np.uint8], weights: Integers) -> None:
        for each in Extent:
            self._found[each] += int(weights[extents == each].sum())

    def _extent(self, destinations: Integers, sources: Integers) -> NDArray[np.uint8]:
        """Return the extents of pairs of profiles, wherever their pods run."""
        return self._combined(self._ingress.at(destinations, sources), self._egress.at(sources, destinations))

    def _combined(self, incoming: NDArray[np.int32], outgoing: NDArray[np.int32]) -> NDArray[np.uint8]:
        codes = incoming.astype(np.int64) << 32 | outgoing
        distinct, inverse = np.unique(codes, return_inverse=True)
        found = np.asarray([self._of_code(code) for code in distinct.tolist()], dtype=np.uint8)
        extents: NDArray[np.uint8] = found[inverse.reshape(codes.shape)]
        return extents

    def _of_code(self, code: int) -> Extent:
        found = self._extents.get(code)
        if found is None:
            value = both(self._ingress.values[code >> 32], self._egress.values[code & 0xFFFFFFFF])
            found = self._extents[code] = self._of_value(value)
        return found

    def _of_value(self, value: Value) -> Extent:
        if value[0] == self._network.axis.everything:
            return Extent.ALL
        return Extent.SOME if value[0] else Extent.UNKNOWN if value[1] else Extent.NONE

    def _count_bases(self) -> None:
        """Count all pairs as their bases have it, those of whole rows left out."""
        ingress, egress = self._ingress, self._egress
        destinations, to = _groups(ingress.kind, egress.pattern, np.where(ingress.is_whole, 0, self._weights))
        sources, come = _groups(egress.kind, ingress.pattern, np.where(egress.is_whole, 0, self._weights))
        incoming = ingress.kinds[destinations[0][:, None], sources[1][None, :]]
        outgoing = egress.kinds[sources[0][None, :], destinations[1][:, None]]
        self._add(self._combined(incoming, outgoing), to[:, None] * come[None, :])

    def _correct_exceptions(self) -> None:
        ingress, egress = self._ingress, self._egress
        first, second = ingress.exceptional(self._size), egress.exceptional(self._size)[::-1]
        keys = np.unique(np.concatenate([each[0] * self._size + each[1] for each in (first, second)]))
        destinations, sources = keys // self._size, keys % self._size
        kept = ~(ingress.is_whole[destinations] | egress.is_whole[sources])
        destinations, sources = destinations[kept], sources[kept]
        weights = self._weights[destinations] * self._weights[sources]
        based = self._combined(
            ingress.kinds[ingress.kind[destinations], ingress.pattern[sources]],
            egress.kinds[egress.kind[sources], egress.pattern[destinations]],
        )
        self._add(based, -weights)
        self._add(self._extent(destinations, sources), weights)

    def _count_whole(self) -> None:
        """Count the pairs with a row that is kept whole at either end."""
        everyone = np.arange(self._size, dtype=np.int64)
        for destination in np.flatnonzero(self._ingress.is_whole).tolist():
            weights = self._weights * self._weights[destination]
            self._add(self._extent(np.full_like(everyone, destination), everyone), weights)
        others = everyone[~self._ingress.is_whole]
        for source in np.flatnonzero(self._egress.is_whole).tolist():
            weights = self._weights[others] * self._weights[source]
            self._add(self._extent(others, np.full_like(others, source)), weights)

    def _correct_nodes(self) -> None:
        """Count anew what pods on the network of their node may do towards pods that are, or may be, on that node."""
        near = list(_near(self._network, self._profile_of))
        if not near:
            return
        hosts, pods, counts = (np.asarray(each, dtype=np.int64) for each in zip(*near, strict=True))
        self._move(hosts, pods, counts)
        if self._network.tells_own_nodes:
            self._move(pods, hosts, counts)

    def _move(self, sources: Integers, destinations: Integers, counts: Integers) -> None:
        """Count pairs of pods as `Network.value` has it, and no longer as the rows alone do."""
        ruled = self._extent(self._profile_of[destinations], self._profile_of[sources])
        self._add(ruled, -counts)
        pairs = zip(sources.tolist(), destinations.tolist(), strict=True)
        found = [self._of_value(self._network.value(*pair)) for pair in pairs]
        self._add(np.asarray(found, dtype=np.uint8), counts)


def _near(network: Network, profile_of: Integers) -> Iterator[tuple[int, int, int]]:
    """
    Yield pairs of a host-network pod and another that share a node or may, and how many pairs are like them.

    The number counts all pairs of pods of the two profiles that are as near as these.
    """
    nodes = {"": 0}
    node_of = np.asarray([nodes.setdefault(each.node, len(nodes)) for each in network.members], dtype=np.int64)
    hosts: dict[int, list[int]] = {}
    for position, member in enumerate(network.members):
        if member.host_network:
            hosts.setdefault(int(profile_of[position]), []).append(position)
    is_pod = np.asarray([not each.host_network for each in network.members], dtype=bool)
    pods = np.flatnonzero(is_pod)
    for positions in hosts.values():
        own = np.asarray(positions, dtype=np.int64)
        on_node = np.bincount(node_of[own], minlength=len(nodes))
        unplaced, on_node[0] = int(on_node[0]), 0
        example = np.zeros(len(nodes), dtype=np.int64)
        example[node_of[own]] = own
        together = on_node[node_of[pods]]
        yield from _alike(pods, profile_of, together, example[node_of[pods]])
        apart = np.where(node_of[pods] == 0, len(own), unplaced)
        stand_in = np.where(node_of[pods] == 0, own[0], example[0])
        yield from _alike(pods, profile_of, apart, stand_in)


def _alike(pods: Integers, profile_of: Integers, counts: Integers, hosts: Integers) -> Iterator[tuple[int, int, int]]:
    """Yield for each profile one of its pods that counts, a host for it, and the sum of the counts."""
    chosen = np.flatnonzero(counts)
    sums = np.bincount(profile_of[pods[chosen]], weights=counts[chosen])
    profiles, firsts = np.unique(profile_of[pods[chosen]], return_index=True)
    for profile, first in zip(profiles.tolist(), chosen[firsts].tolist(), strict=True):
        yield int(hosts[first]), int(pods[first]), int(sums[profile])


def _distinct_rows(array: NDArray[np.int32]) -> tuple[NDArray[np.int32], Integers]:
    """Return the distinct rows, and for each row its number among them."""
    numbers: dict[bytes, int] = {}
    found = np.asarray([numbers.setdefault(row.tobytes(), len(numbers)) for row in array], dtype=np.int64)
    firsts = np.unique(found, return_index=True)[1]
    return array[firsts], found


def _groups(first: Integers, second: Integers, weights: Integers) -> tuple[tuple[Integers, Integers], Integers]:
    """Return the distinct pairs of two arrays, and the sum of the weights of each."""
    width = int(second.max(initial=0)) + 1
    codes, inverse = np.unique(first * width + second, return_inverse=True)
    sums = np.zeros(len(codes), dtype=np.int64)
    np.add.at(sums, inverse, weights)
    return (codes // width, codes % width), sums
