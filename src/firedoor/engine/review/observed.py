"""Observed connections as arrays: one row for each pair of columns that an edge may have been between."""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from firedoor.algebra.ports import FIRST_PORT, LAST_PORT, PROTOCOLS
from firedoor.engine.reach.columns import distinct
from firedoor.engine.review.ends import ANYBODY, Ends
from firedoor.model.flows import FlowVerdict
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from firedoor.engine.reach.network import Network
    from firedoor.engine.review.ends import End
    from firedoor.model.flows import FlowEdge, FlowPeer

WENT_THROUGH = frozenset({FlowVerdict.ALLOWED, FlowVerdict.AUDITED})
MAYBE_THROUGH = frozenset({FlowVerdict.OTHER})
_NO_ROWS: NDArray[np.int64] = np.zeros(0, dtype=np.int64)


class Hits(NamedTuple):
    """The edges that something surely matched, and those that it may have matched beside, as sorted positions."""

    sure: NDArray[np.int64]
    maybe: NDArray[np.int64]


class Observed:
    """
    The connections that went through, or may have.

    Columns past those of the network stand for no name (`size`) and for anybody (`size` + 1); the port past
    those of its axis for all that is on no port, such as ICMP.
    """

    def __init__(self, network: Network, edges: Iterable[FlowEdge]) -> None:
        """Take those of the edges that went through."""
        self.network = network
        self.ends = Ends(network)
        self.edges: list[FlowEdge] = []
        self.is_about_here = False
        """Whether any of the connections, denied ones too, has an end that is a pod of the network."""
        for each in edges:
            self.is_about_here = self.is_about_here or self._is_here(each)
            if each.verdict in WENT_THROUGH | MAYBE_THROUGH:
                self.edges.append(each)
        self.no_name, self.anybody = network.index.size, network.index.size + 1
        self.off_axis = len(network.axis)
        sources, destinations = ([self.ends.of(end) for end in ends] for ends in self._ends_of_edges())
        pairs = [
            (number, source, destination)
            for number, (one, other) in enumerate(zip(sources, destinations, strict=True))
            for source, destination in product(one.columns, other.columns)
        ]
        table = np.asarray(pairs, dtype=np.int64).reshape(-1, 3)
        self.edge = np.ascontiguousarray(table[:, 0])
        """The edge of each row."""
        self.columns = {
            Direction.EGRESS: self._column(table[:, 1]),
            Direction.INGRESS: self._column(table[:, 2]),
        }
        """The column of the end whose policies are asked, by direction."""
        self.rows_of = np.bincount(self.edge, minlength=len(self.edges))
        self.is_on_port = [_is_on_port(each) for each in self.edges]
        """Whether each edge is on a port that rules can name."""
        self.atoms = np.asarray(list(map(self._atom, self.edges, self.is_on_port)), dtype=np.int64)[self.edge]
        sure = [each.verdict in WENT_THROUGH and on for each, on in zip(self.edges, self.is_on_port, strict=True)]
        self.is_sure = np.asarray(sure, dtype=bool)[self.edge]
        """Whether the edge of each row surely went through, on a port."""
        self.names = self._names(destinations)
        self._order = {each: np.argsort(found, kind="stable") for each, found in self.columns.items()}
        self._starts = {
            each: np.searchsorted(found[self._order[each]], np.arange(self.anybody + 2))
            for each, found in self.columns.items()
        }
        self._open = {Direction.EGRESS: self._opened(sources), Direction.INGRESS: self._opened(destinations)}

    def _is_here(self, edge: FlowEdge) -> bool:
        ends = (self.ends.of(each) for each in (edge.source, edge.destination))
        return any(isinstance(like, int) for end in ends for like in end.like)

    def _ends_of_edges(self) -> tuple[list[FlowPeer], list[FlowPeer]]:
        return [each.source for each in self.edges], [each.destination for each in self.edges]

    def rows_at(self, direction: Direction, columns: Sequence[int], namespace: str) -> NDArray[np.int64]:
        """
        Return the rows whose subject is in some columns, or may be anybody.

        Where a policy is of a `namespace`, those of ends that were in another one are left out.
        """
        order, starts = self._order[direction], self._starts[direction]
        found = [order[starts[each] : starts[each + 1]] for each in columns]
        if not namespace:
            found.append(order[starts[self.anybody] : starts[self.anybody + 1]])
        else:
            found += [self._open[direction].get(each, _NO_ROWS) for each in ("", namespace)]
        return np.concatenate(found)

    def hits(self, sure: NDArray[np.int64], maybe: NDArray[np.int64]) -> Hits:
        """Return the edges all of whose rows are among the sure ones, and the others of which one may match."""
        found, counts = np.unique(self.edge[sure], return_counts=True)
        certain = found[counts == self.rows_of[found]]
        possible = distinct(self.edge[maybe])
        return Hits(certain, possible[~np.isin(possible, certain)])

    def _opened(self, ends: list[End]) -> dict[str, NDArray[np.int64]]:
        """Return the rows of the edges with an end that may be anybody, by the namespace where that was."""
        places: dict[str, list[int]] = defaultdict(list)
        for number, each in enumerate(ends):
            if each.columns == (ANYBODY,):
                places[each.namespace].append(number)
        return {place: np.flatnonzero(np.isin(self.edge, numbers)) for place, numbers in places.items()}

    def _column(self, found: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.where(found == ANYBODY, self.anybody, found)

    def _atom(self, edge: FlowEdge, is_on_port: bool) -> int:  # noqa: FBT001 - of each edge
        return self.network.axis.atom(edge.protocol, edge.port) if is_on_port else self.off_axis

    def _names(self, destinations: list[End]) -> NDArray[np.int64]:
        """Return the columns of the names of each row's destination, as many as the most has."""
        most = max((len(each.names) for each in destinations), default=0)
        padded = [[*each.names, *[self.no_name] * (most - len(each.names))] for each in destinations]
        return np.asarray(padded, dtype=np.int64).reshape(len(self.edges), most)[self.edge]


def _is_on_port(edge: FlowEdge) -> bool:
    return edge.protocol in PROTOCOLS and FIRST_PORT <= edge.port <= LAST_PORT
