"""
Classes of members that the whole network treats alike, but for the nodes that they run on.

Finer than profiles by what is unknown of a member. Values between classes are found
for all sources at once; only pairs that may share a node are asked about singly.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.reach.values import Value, both
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from firedoor.engine.reach.network import Network
    from firedoor.engine.reach.values import ValueTable

_FEW = 256
"""Columns of so many classes are made one by one, before all rows pay for the rest."""
_SPARSE = 16
"""So many times as many codes as there are places are still looked up in a table."""


@dataclass(frozen=True, slots=True)
class Valued:
    """Values of many places, each distinct one once: a place has the value at its number."""

    numbers: NDArray[np.int64]
    values: Sequence[Value]


class ClassIndex:
    """The classes of the members of one network, numbered in the order they are met."""

    def __init__(self, network: Network) -> None:
        """Find the class of every member."""
        self._network = network
        self._unknown: Value = (0, network.axis.everything)
        # What is unknown of a member hangs on its namespace and network, which profiles tell apart.
        profile_of = np.asarray(network.profile_of, dtype=np.int64)
        profiles, first, sorted_number = np.unique(profile_of, return_index=True, return_inverse=True)
        order = np.argsort(first)
        number = np.empty_like(order)
        number[order] = np.arange(len(order))
        self.of_member: list[int] = number[sorted_number].tolist()
        """The class of each member, by its position."""
        self._first = first[order]
        self.profiles = profiles[order]
        some = [network.members[position] for position in self._first.tolist()]
        self.hosts = np.asarray([each.host_network for each in some], dtype=bool)
        """Which classes use the network of their node."""
        self.dark = {
            way: np.asarray([next(network.gaps_of(each, way), None) is not None for each in some], dtype=bool)
            for way in Direction
        }
        """Which classes gaps make unknown, in each direction."""
        self._towards: dict[int, Valued] = {}
        self._egress: NDArray[np.int32] | None = None
        self._asked = 0

    def towards(self, destination: int) -> Valued:
        """Return the value from every class to one, where the two do not run on one node."""
        found = self._towards.get(destination)
        if found is None:
            incoming, outgoing = (self._network.matrix[each].table for each in (Direction.INGRESS, Direction.EGRESS))
            into, out = self._row(Direction.INGRESS, destination), self._egress_to(destination)
            found = self._towards[destination] = _both((into, incoming), (out, outgoing))
        return found

    def starting(self, source: int) -> Valued:
        """Return the value from one class to every class, where the two do not run on one node."""
        incoming, outgoing = (self._network.matrix[each].table for each in (Direction.INGRESS, Direction.EGRESS))
        into, out = self._column(Direction.INGRESS, source), self._row(Direction.EGRESS, source)
        return _both((into, incoming), (out, outgoing))

    def outside(self, number: int, direction: Direction) -> Valued:
        """Return the value of one class in a direction with every class of addresses."""
        network = self._network
        if self.dark[direction][number]:
            return Valued(np.zeros(network.addresses.size, dtype=np.int64), [self._unknown])
        matrix = network.matrix[direction]
        row = matrix.row(int(matrix.program_of[self.profiles[number]]))
        numbers = row[network.index.first_external : network.index.first_domain]
        return Valued(numbers.astype(np.int64), matrix.table.values)

    def domain(self, number: int, name: str) -> Value:
        """Return what one class may send to a domain name, which stands for addresses that nobody knows."""
        network = self._network
        column = network.index.domain_column(name)
        if column is not None and not self.dark[Direction.EGRESS][number]:
            return network.direction_value(Direction.EGRESS, int(self._first[number]), name)
        outside = self.outside(number, Direction.EGRESS)
        sure, possible = network.axis.everything, 0
        for each in np.unique(outside.numbers).tolist():
            value = outside.values[each]
            sure, possible = sure & value[0], possible | value[1]
        return sure, possible

    def _row(self, direction: Direction, subject: int) -> NDArray[np.int64]:
        """Return what the policies on one class say of every class."""
        matrix = self._network.matrix[direction]
        if self.dark[direction][subject]:
            return np.full(len(self.profiles), matrix.table.number(self._unknown), dtype=np.int64)
        row = matrix.row(int(matrix.program_of[self.profiles[subject]]))
        return row[self.profiles].astype(np.int64)

    def _column(self, direction: Direction, peer: int) -> NDArray[np.int64]:
        """Return what the policies on every class say of one; no rows are made for that."""
        matrix = self._network.matrix[direction]
        programs, where = np.unique(matrix.program_of[self.profiles], return_inverse=True)
        column = np.full(len(programs), self.profiles[peer])
        found: NDArray[np.int64] = matrix.pairs.at(programs.astype(np.int64), column).astype(np.int64)[where]
        return self._darkened(direction, found)

    def _darkened(self, direction: Direction, column: NDArray[np.int64]) -> NDArray[np.int64]:
        dark = self.dark[direction]
        if dark.any():
            column[dark] = self._network.matrix[direction].table.number(self._unknown)
        return column

    def _egress_to(self, destination: int) -> NDArray[np.int64]:
        self._asked += 1
        if self._asked <= _FEW:
            return self._column(Direction.EGRESS, destination)
        matrix = self._network.matrix[Direction.EGRESS]
        programs = matrix.program_of[self.profiles]
        if self._egress is None:
            columns = len(self._network.profiles)
            self._egress = np.stack([matrix.row(each)[:columns] for each in range(len(matrix.programs))])
        return self._darkened(Direction.EGRESS, self._egress[programs, self.profiles[destination]].astype(np.int64))


def _both(first: tuple[NDArray[np.int64], ValueTable], second: tuple[NDArray[np.int64], ValueTable]) -> Valued:
    """Return what both of two directions accept, each given as numbers of a table."""
    # Asking may have made new values.
    (into, incoming), (out, outgoing) = first, second
    width = len(outgoing.values)
    met, numbers = distinct(into * width + out, len(incoming.values) * width)
    return Valued(
        numbers, [both(incoming.values[code // width], outgoing.values[code % width]) for code in met.tolist()]
    )


def distinct(codes: NDArray[np.int64], bound: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the codes there are, sorted, and the position among them of each; all are below `bound`."""
    if bound > _SPARSE * len(codes):
        found, numbers = np.unique(codes, return_inverse=True)
        return found, numbers
    # Few values are counted faster than sorted.
    is_there = np.zeros(bound, dtype=bool)
    is_there[codes] = True
    return np.flatnonzero(is_there), (np.cumsum(is_there) - 1)[codes]


class Nearness(IntEnum):
    """Whether a pod on its node's network and another pod run on one node, which is then always let in."""

    APART = 0
    UNPLACED = 1
    TOGETHER = 2


def nearness(sources: Mapping[str, int], destinations: Mapping[str, int]) -> dict[Nearness, tuple[int, int]]:
    """Return how pods of two groups may lie to each other, with a pair for each; groups are given by node."""
    found: dict[Nearness, tuple[int, int]] = {}
    shared = next((node for node in destinations if node and node in sources), None)
    if shared is not None:
        found[Nearness.TOGETHER] = sources[shared], destinations[shared]
    first, second = (tuple(islice(filter(None, each), 2)) for each in (sources, destinations))
    apart = next(((a, b) for a in first for b in second if a != b), None)
    if apart is not None:
        found[Nearness.APART] = sources[apart[0]], destinations[apart[1]]
    if "" in sources and destinations:
        found[Nearness.UNPLACED] = sources[""], next(iter(destinations.values()))
    elif "" in destinations and sources:
        found[Nearness.UNPLACED] = next(iter(sources.values())), destinations[""]
    return found
