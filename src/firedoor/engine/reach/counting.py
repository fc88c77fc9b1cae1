"""
How many pairs of pods may connect, for clusters of any size: pairs are counted and never listed.

Pods of one profile count together, and so do profiles whose rows and columns agree
but for exceptions. What an exception changes is counted for all profiles of its row at
once; where exceptions of both directions meet, what each changes alone is taken back.
"""

from __future__ import annotations

from enum import IntEnum
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.reach.columns import distinct, ranges
from firedoor.engine.reach.nearby import near_pairs
from firedoor.engine.reach.sides import CountedSide
from firedoor.engine.reach.tally import Tally
from firedoor.engine.reach.values import Value, both
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firedoor.engine.reach.network import Network

    Integers = NDArray[np.int64]

MOST_CELLS = 1 << 18
"""Cells that are looked at together."""


class Extent(IntEnum):
    """How much traffic a pair may exchange."""

    NONE = 0
    UNKNOWN = 1
    SOME = 2
    ALL = 3


def count_pairs(network: Network) -> dict[Extent, int]:
    """Return for each extent how many ordered pairs of different pods have it."""
    return _Counting(network).count()


class _Counting:
    def __init__(self, network: Network) -> None:
        self._network = network
        self._size = len(network.profiles)
        self._profile_of = np.asarray(network.profile_of, dtype=np.int64)
        self._weights = np.bincount(self._profile_of, minlength=self._size).astype(np.int64)
        self._ingress, self._egress = (CountedSide(network, each) for each in (Direction.INGRESS, Direction.EGRESS))
        sizes = len(self._ingress.values), len(self._egress.values)
        self._found = Tally(*sizes)
        """How many pairs have which values: that of the destination, and that of the source."""
        self._anew = [0] * len(Extent)
        """What comes to these besides."""

    def count(self) -> dict[Extent, int]:
        ingress, egress = self._ingress, self._egress
        own = np.where(ingress.is_whole, 0, self._weights), np.where(egress.is_whole, 0, self._weights)
        self._count_bases(*own)
        self._correct_exceptions(ingress, egress, *own)
        self._correct_exceptions(egress, ingress, *own[::-1])
        self._correct_meetings(*own)
        self._count_whole(ingress, egress, self._weights)
        self._count_whole(egress, ingress, own[0])
        everyone = np.arange(self._size, dtype=np.int64)
        self._found.add(*self._ruled(everyone, everyone), -self._weights)
        self._correct_nodes()
        found = self._anew.copy()
        for (incoming, outgoing), count in self._found.items():
            found[self._extent(both(ingress.values[incoming], egress.values[outgoing]))] += count
        return {each: found[each] for each in Extent}

    def _ruled(self, destinations: Integers, sources: Integers) -> tuple[Integers, Integers]:
        """Return the values of pairs of profiles in both directions, wherever their pods run."""
        return self._ingress.at(destinations, sources), self._egress.at(sources, destinations)

    def _extent(self, value: Value) -> Extent:
        if value[0] == self._network.axis.everything:
            return Extent.ALL
        return Extent.SOME if value[0] else Extent.UNKNOWN if value[1] else Extent.NONE

    def _add(self, side: CountedSide, own: Integers, others: Integers, weights: Integers) -> None:
        """Count values of a side with those that the other end has for them."""
        self._found.add(*((own, others) if side is self._ingress else (others, own)), weights)

    def _count_bases(self, destinations: Integers, sources: Integers) -> None:
        """Count all pairs as their bases have it."""
        ingress, egress = self._ingress, self._egress
        rows, to = _grouped(ingress.kind, egress.pattern, destinations)
        others, come = _grouped(egress.kind, ingress.pattern, sources)
        step = max(1, MOST_CELLS // max(1, len(come)))
        for first in range(0, len(to), step):
            kinds, patterns = (each[first : first + step, None] for each in rows)
            incoming, outgoing = ingress.kinds[kinds, others[1]], egress.kinds[others[0], patterns]
            weights = to[first : first + step, None] * come
            self._found.add(incoming.ravel(), outgoing.ravel(), weights.ravel())

    def _correct_exceptions(self, side: CountedSide, other: CountedSide, own: Integers, others: Integers) -> None:
        """Count the exceptions of one side as if the other had its bases alone."""
        cells = side.exceptions
        rows, patterns, weights = other.patterns_of_rows(side, own)
        ends = np.searchsorted(rows, cells.rows, side="right")
        starts = np.searchsorted(rows, cells.rows)
        which, places = ranges(starts, ends - starts)
        columns = cells.columns[which]
        met = other.kinds[other.kind[columns], patterns[places]]
        counts = weights[places] * others[columns]
        self._add(side, cells.numbers[which], met, counts)
        self._add(side, cells.based[which], met, -counts)

    def _correct_meetings(self, destinations: Integers, sources: Integers) -> None:
        """Count the pairs that are exceptions on both sides, which so far count twice and never as they are."""
        ingress, egress = self._ingress, self._egress
        width = len(egress.pairs.base)
        first, second = ingress.exceptions, egress.exceptions
        # Exceptions meet where each one's column is a profile of the other's row.
        these = first.rows * width + egress.rows[first.columns]
        those = ingress.rows[second.columns] * width + second.rows
        come = np.where(egress.dark, 0, sources)[first.columns]
        to = np.where(ingress.dark, 0, destinations)[second.columns]
        shared: Integers = distinct(those)
        mine = first.grouped(these, shared, come)
        theirs = second.grouped(those, shared, to)
        starts = np.searchsorted(theirs.keys, mine.keys)
        which, places = ranges(starts, np.searchsorted(theirs.keys, mine.keys, side="right") - starts)
        counts = mine.counts[which] * theirs.counts[places]
        own, its = (mine.numbers[which], mine.based[which]), (theirs.numbers[places], theirs.based[places])
        self._found.add(own[0], its[0], counts)
        self._found.add(own[0], its[1], -counts)
        self._found.add(own[1], its[0], -counts)
        self._found.add(own[1], its[1], counts)

    def _count_whole(self, side: CountedSide, other: CountedSide, others: Integers) -> None:
        """Count the pairs with a row of one side that is kept whole."""
        subjects = np.flatnonzero(side.is_whole)
        columns = other.columns_of(subjects)
        step, first = max(1, MOST_CELLS // max(1, self._size)), 0
        while met := list(islice(columns, step)):
            chosen = subjects[first : first + step]
            own = np.concatenate([side.row(each) for each in chosen.tolist()])
            weights = np.multiply.outer(self._weights[chosen], others)
            self._add(side, own, np.concatenate(met), weights.ravel())
            first += step

    def _correct_nodes(self) -> None:
        """Count anew what pods on the network of their node may do towards pods that are, or may be, on that node."""
        for near in near_pairs(self._network, self._profile_of):
            self._move(near.hosts, near.pods, near.counts)
            if self._network.tells_own_nodes:
                self._move(near.pods, near.hosts, near.counts)

    def _move(self, sources: Integers, destinations: Integers, counts: Integers) -> None:
        """Count pairs of pods that are alike near as `Network.value` has it, and no longer as the rows alone do."""
        incoming, outgoing = self._ruled(self._profile_of[destinations], self._profile_of[sources])
        self._found.add(incoming, outgoing, -counts)
        codes = incoming * len(self._egress.values) + outgoing
        if self._network.typed.cilium:
            # Its rules see more of a node than the rows do.
            codes = np.arange(len(counts))
        _, firsts, inverse = np.unique(codes, return_index=True, return_inverse=True)
        sums = np.bincount(inverse, weights=counts, minlength=len(firsts))
        pairs = zip(sources[firsts].tolist(), destinations[firsts].tolist(), sums.tolist(), strict=True)
        for source, destination, count in pairs:
            self._anew[self._extent(self._network.value(source, destination))] += int(count)


def _grouped(first: Integers, second: Integers, weights: Integers) -> tuple[tuple[Integers, Integers], Integers]:
    """Return the distinct pairs of two arrays that have a weight, and the sum of the weights of each."""
    width = int(second.max(initial=0)) + 1
    sums = np.bincount(first * width + second, weights=weights).astype(np.int64)
    codes = np.flatnonzero(sums)
    return (codes // width, codes % width), sums[codes]
