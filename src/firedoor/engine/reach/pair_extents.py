"""How much pairs of profiles may exchange, for many pairs at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.reach.counting import Extent
from firedoor.engine.reach.sides import CountedSide
from firedoor.engine.reach.values import both
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from firedoor.engine.reach.network import Network
    from firedoor.engine.reach.values import Value

    Integers = NDArray[np.int64]

MOST_CODES = 1 << 24
"""Pairs of values whose extents are kept in a table, a byte for each."""

MOST_TOGETHER = 256
"""Destinations whose columns are found together."""


class PairExtents:
    """The extents of pairs of profiles of a network."""

    def __init__(self, network: Network) -> None:
        """Prepare to judge pairs of values, each once."""
        self._network = network
        self._ingress, self._egress = (CountedSide(network, each) for each in (Direction.INGRESS, Direction.EGRESS))
        codes = len(self._ingress.values) * len(self._egress.values)
        self._table = np.full(codes if codes <= MOST_CODES else 0, -1, dtype=np.int8)
        """The extent of each pair of values, less than nothing where it was not asked for; empty where that is much."""

    def of(self, destinations: Integers, sources: Integers) -> Integers:
        """Return what pairs of profiles may exchange, wherever their pods run, as numbers of ``Extent``."""
        return self._extents(self._ingress.at(destinations, sources), self._egress.at(sources, destinations))

    def towards(self, destinations: Integers) -> Iterator[Integers]:
        """Yield for each of these profiles, which are sorted, what all profiles may send to it, as `of` has it."""
        for first in range(0, len(destinations), MOST_TOGETHER):
            chosen = destinations[first : first + MOST_TOGETHER]
            for profile, outgoing in zip(chosen.tolist(), self._egress.columns_of(chosen), strict=True):
                if self._ingress.dark[profile]:
                    incoming = np.full_like(outgoing, self._ingress.unknown)
                else:
                    incoming = self._ingress.row(profile)
                yield self._extents(incoming, outgoing)

    def values(self, destinations: Integers, sources: Integers) -> list[Value]:
        """Return the values of pairs of profiles, wherever their pods run."""
        incoming, outgoing = self._ingress.at(destinations, sources), self._egress.at(sources, destinations)
        return [
            both(self._ingress.values[first], self._egress.values[second])
            for first, second in zip(incoming.tolist(), outgoing.tolist(), strict=True)
        ]

    def _extents(self, incoming: Integers, outgoing: Integers) -> Integers:
        """Return the extents of pairs, given as numbers of values."""
        codes = incoming * len(self._egress.values) + outgoing
        if not self._table.size:
            distinct, inverse = np.unique(codes, return_inverse=True)
            judged: Integers = self._judged(distinct)[inverse]
            return judged
        found = self._table[codes]
        if (found < 0).any():
            distinct = np.unique(codes[found < 0])
            self._table[distinct] = self._judged(distinct)
            found = self._table[codes]
        wide: Integers = found.astype(np.int64)
        return wide

    def _judged(self, codes: Integers) -> Integers:
        """Return the extents of pairs of values."""
        width = len(self._egress.values)
        pairs = (divmod(code, width) for code in codes.tolist())
        values = (both(self._ingress.values[first], self._egress.values[second]) for first, second in pairs)
        return np.fromiter(map(self.extent, values), dtype=np.int64, count=len(codes))

    def extent(self, value: Value) -> Extent:
        """Return how much traffic a value lets through."""
        if value[0] == self._network.axis.everything:
            return Extent.ALL
        return Extent.SOME if value[0] else Extent.UNKNOWN if value[1] else Extent.NONE
