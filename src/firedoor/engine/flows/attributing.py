"""Connections in columns, with the peers of their ends: whoever is the same in many of them is looked up once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from firedoor.algebra.ports import LAST_PORT
from firedoor.engine.flows.columns import PROTOCOLS, SIDES, VERDICTS, rows_of
from firedoor.engine.flows.remembering import base_of, hashes_of
from firedoor.engine.flows.resolving import Resolved, Resolver
from firedoor.engine.flows.rows import Counted, Rows
from firedoor.engine.flows.sightings import HOUR
from firedoor.model.flow_reading import ConnectionColumns
from firedoor.model.flows import FlowEnd

_Ints: TypeAlias = NDArray[np.int64]


class Attributed:
    """Connections of which both ends were looked up."""

    def __init__(self, columns: ConnectionColumns, resolver: Resolver) -> None:
        """Look them up, as of the time when each was first seen."""
        self._columns = columns
        self._rows = rows = rows_of(columns)
        ends = rows["source"].astype(np.int64) * len(columns.ends) + rows["destination"]
        _, first, self._pair = np.unique(
            (ends * len(PROTOCOLS) + rows["protocol"]) * len(SIDES) + rows["side"],
            return_index=True,
            return_inverse=True,
        )
        self._pairs = [_Pair(columns, row) for row in rows[first].tolist()]
        periods = self._periods(resolver)
        places = (self._pair * (LAST_PORT + 1) + rows["far"]) * (int(periods.max(initial=0)) + 1) + periods
        _, first, self._place = np.unique(places, return_index=True, return_inverse=True)
        asked = zip(*(each[first].tolist() for each in (self._pair, rows["far"], rows["first"])), strict=True)
        self._found = [self._pairs[pair].resolve(resolver, port, time) for pair, port, time in asked]

    def _periods(self, resolver: Resolver) -> _Ints:
        """Return for each connection a number of the time in which what is known of its ends stays the same."""
        found = np.zeros(len(self._rows), np.int64)
        for number, pair in enumerate(self._pairs):
            if pair.is_between_pods:
                # Pods are known by their names, whenever that is.
                continue
            moments = resolver.moments(pair.source, pair.destination)
            if moments:
                own = self._pair == number
                found[own] = np.searchsorted(np.array(moments, np.int64), self._rows["first"][own], side="right")
        return found

    @property
    def hashes(self) -> Sequence[int]:
        """What connections are remembered by."""
        bases = np.array([each.base for each in self._pairs], np.uint64)[self._pair]
        return hashes_of(bases, self._rows["near"], self._rows["far"], self._rows["verdict"])

    def clients(self, *, is_translated: bool) -> Iterator[tuple[int, tuple[object, ...]]]:
        """Yield those that went to a service or that did not, and what both have in common."""
        chosen = np.fromiter((each.is_translated is is_translated for each in self._found), bool, len(self._found))
        for row in np.flatnonzero(chosen[self._place]).tolist():
            pair, found = self._pairs[self._pair[row]], self._found[self._place[row]]
            near = int(self._rows["near"][row])
            yield row, (pair.source.address, near, pair.protocol, pair.side, found.destination, found.port)

    def count(self, counts: _Ints, rows: Rows) -> int:
        """Add so many of each connection to rows; return how many are not attributed."""
        told = self._rows
        hours = told["first"] // HOUR
        key = (hours * len(VERDICTS) + told["verdict"]) * len(self._columns.policies) + told["policies"]
        order = np.lexsort((key, self._place))
        place, key = self._place[order], key[order]
        begin = np.flatnonzero(np.concatenate(([True], (place[1:] != place[:-1]) | (key[1:] != key[:-1]))))
        parts = (place, self._pair[order], told["verdict"][order], hours[order], told["policies"][order])
        sums = (
            np.add.reduceat(counts[order], begin),
            np.minimum.reduceat(told["first"][order], begin),
            np.maximum.reduceat(told["last"][order], begin),
        )
        groups = zip(*(each[begin].tolist() for each in parts), *(each.tolist() for each in sums), strict=True)
        unattributed = 0
        for place, number, verdict, hour, policies, count, first, last in groups:
            pair, found = self._pairs[number], self._found[place]
            counted = Counted(pair.protocol, VERDICTS[verdict], pair.side, hour, count, first, last)
            rows.add(found, counted, self._columns.policies[policies])
            unattributed += 0 if found.is_attributed else count
        return unattributed


class _Pair:
    """Two ends, and which of them reports."""

    __slots__ = ("destination", "protocol", "side", "source")

    def __init__(self, columns: ConnectionColumns, row: tuple[int, ...]) -> None:
        source, destination, _, _, protocol, side, *_ = row
        self.source: FlowEnd = columns.ends[source]
        self.destination: FlowEnd = columns.ends[destination]
        self.protocol, self.side = PROTOCOLS[protocol], SIDES[side]

    @property
    def is_between_pods(self) -> bool:
        return bool(self.source.pod and self.destination.pod)

    @property
    def base(self) -> int:
        return base_of(self.protocol, self.source.address, self.destination.address, self.side)

    def resolve(self, resolver: Resolver, port: int, time: int) -> Resolved:
        return resolver.resolve_ends(self.source, self.destination, self.protocol, port, time)
