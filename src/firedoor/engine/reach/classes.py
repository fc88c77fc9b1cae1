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
        numbers: dict[tuple[int, bool, tuple[bool, ...]], int] = {}
        self.of_member: list[int] = []
        """The class of each member, by its position."""
        for position, member in enumerate(network.members):
            dark = tuple(next(network.gaps_of(member, each), None) is not None for each in Direction)
            key = (network.profile_of[position], member.host_network, dark)
            self.of_member.append(numbers.setdefault(key, len(numbers)))
        self._first = np.unique(np.asarray(self.of_member, dtype=np.int64), return_index=True)[1]
        self.profiles = np.asarray([key[0] for key in numbers], dtype=np.int64)
        self.hosts = np.asarray([key[1] for key in numbers], dtype=bool)
        """Which classes use the network of their node."""
        self._dark = {
            direction: np.asarray([key[2][number] for key in numbers], dtype=bool)
            for number, direction in enumerate(Direction)
        }
        self._towards: dict[int, Valued] = {}
        self._egress: NDArray[np.int32] | None = None

    def towards(self, destination: int) -> Valued:
        """Return the value from every class to one, where the two do not run on one node."""
        found = self._towards.get(destination)
        if found is None:
            incoming, outgoing = (self._network.matrix[each].table for each in (Direction.INGRESS, Direction.EGRESS))
            into, out = self._ingress_from_all(destination), self._egress_to(destination)
            # Asking may have made new values.
            width = len(outgoing.values)
            met, numbers = distinct(into * width + out, len(incoming.values) * width)
            values = [both(incoming.values[code // width], outgoing.values[code % width]) for code in met.tolist()]
            found = self._towards[destination] = Valued(numbers, values)
        return found

    def outside(self, number: int, direction: Direction) -> Valued:
        """Return the value of one class in a direction with every class of addresses."""
        network = self._network
        if self._dark[direction][number]:
            return Valued(np.zeros(network.addresses.size, dtype=np.int64), [self._unknown])
        matrix = network.matrix[direction]
        row = matrix.row(int(matrix.program_of[self.profiles[number]]))
        numbers = row[network.index.first_external : network.index.first_domain]
        return Valued(numbers.astype(np.int64), matrix.table.values)

    def domain(self, number: int, name: str) -> Value:
        """Return what one class may send to a domain name, which stands for addresses that nobody knows."""
        network = self._network
        column = network.index.domain_column(name)
        if column is not None and not self._dark[Direction.EGRESS][number]:
            return network.direction_value(Direction.EGRESS, int(self._first[number]), name)
        outside = self.outside(number, Direction.EGRESS)
        sure, possible = network.axis.everything, 0
        for each in np.unique(outside.numbers).tolist():
            value = outside.values[each]
            sure, possible = sure & value[0], possible | value[1]
        return sure, possible

    def _ingress_from_all(self, destination: int) -> NDArray[np.int64]:
        matrix = self._network.matrix[Direction.INGRESS]
        if self._dark[Direction.INGRESS][destination]:
            return np.full(len(self.profiles), matrix.table.number(self._unknown), dtype=np.int64)
        row = matrix.row(int(matrix.program_of[self.profiles[destination]]))
        return row[self.profiles].astype(np.int64)

    def _egress_to(self, destination: int) -> NDArray[np.int64]:
        matrix = self._network.matrix[Direction.EGRESS]
        programs = matrix.program_of[self.profiles]
        if self._egress is None:
            columns = len(self._network.profiles)
            self._egress = np.stack([matrix.row(each)[:columns] for each in range(len(matrix.programs))])
        column: NDArray[np.int64] = self._egress[programs, self.profiles[destination]].astype(np.int64)
        dark = self._dark[Direction.EGRESS]
        if dark.any():
            column[dark] = matrix.table.number(self._unknown)
        return column


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
