"""
Intents about one namespace whose policies change, while all others stay what they are.

What a connection is, two policies say: those of its source and those of its destination.
A part of the network is compiled anew, in which there are the policies of the namespace
alone; what those of all others say is looked up in the network as it was.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.assertions.ends import EndFinder
from firedoor.engine.assertions.pairs import PairFinder
from firedoor.engine.reach.classes import ClassIndex
from firedoor.engine.reach.values import both
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from collections.abc import Set as AbstractSet

    from numpy.typing import NDArray

    from firedoor.engine.assertions.ends import Ends
    from firedoor.engine.assertions.findings import Findings
    from firedoor.engine.reach.network import Network
    from firedoor.engine.reach.values import Value

    Integers = NDArray[np.int64]

MOST_CLASSES = 64
"""So many classes of peers of one class of pods are told of; there are thousands where everything is opened."""


class Whole:
    """A network before a change, and the value of every connection in it, one direction at a time."""

    def __init__(self, network: Network, classes: ClassIndex, shared: Collection[tuple[str, str]]) -> None:
        """Judge all pairs, so that a question only looks them up."""
        self.network = network
        self.classes = classes
        self.shared = shared
        self.class_of = np.asarray(classes.of_member, dtype=np.int64)
        unknown: Value = (0, network.axis.everything)
        self._unknown = {direction: network.matrix[direction].table.number(unknown) for direction in Direction}
        for direction in Direction:
            _ = network.matrix[direction].pairs

    def values(self, direction: Direction, subjects: Integers, column: int) -> tuple[Integers, Sequence[Value]]:
        """Return what the policies on classes say of a column, as numbers of values, and the values."""
        matrix = self.network.matrix[direction]
        programs = matrix.program_of[self.classes.profiles[subjects]].astype(np.int64)
        numbers = matrix.pairs.at(programs, np.full(len(subjects), column)).astype(np.int64)
        numbers[self.classes.dark[direction][subjects]] = self._unknown[direction]
        return numbers, matrix.table.values


class PartClasses(ClassIndex):
    """The classes of a part: members that neither the part nor the whole tells apart."""

    def __init__(self, network: Network, whole: Whole, positions: Integers) -> None:
        """Find the class of every member; `positions` are those of the members in the whole network."""
        self._network = network
        self._unknown = (0, network.axis.everything)
        self._towards = {}
        self._egress = None
        self._asked = 0
        of_whole, profiles = whole.class_of[positions], np.asarray(network.profile_of, dtype=np.int64)
        codes = profiles * len(whole.classes.profiles) + of_whole
        _, self._first, self.numbers = np.unique(codes, return_index=True, return_inverse=True)
        self.of_member = self.numbers.tolist()
        self.profiles = profiles[self._first]
        self.of_whole = of_whole[self._first]
        """The class in the whole network of each class."""
        self.hosts = whole.classes.hosts[self.of_whole]
        self.dark = {direction: whole.classes.dark[direction][self.of_whole] for direction in Direction}


class PartPairs(PairFinder):
    """
    Judges pairs of which one end at least is in the namespace whose policies the part has.

    `is_cut` says that there may be more than was found.
    """

    def __init__(self, network: Network, whole: Whole, positions: Integers, own: AbstractSet[int]) -> None:
        """
        Prepare for `network`, the part, of which the members `own` are in the namespace.

        `positions` are those of all its members in the whole.
        """
        self._classes = PartClasses(network, whole, positions)
        super().__init__(network, EndFinder(network), self._classes, whole.shared)
        self._whole = whole
        self._own = own
        self._found: dict[tuple[Direction, int], tuple[Integers, Sequence[Value]]] = {}
        self.is_cut = False

    def judge(self, sources: Ends, destinations: Ends, found: Findings) -> None:
        """Add what `PairFinder.judge` does, as far as the namespace has to do with it."""
        first, second = self._grouped(sources.members & self._own), self._grouped(destinations.members & self._own)
        self._inside(first, second, found)
        self._across(destinations.members & self._own, sources.members - self._own, Direction.INGRESS, found)
        self._across(sources.members & self._own, destinations.members - self._own, Direction.EGRESS, found)
        self._beyond(first, second, sources, destinations, found)

    def _across(self, own: AbstractSet[int], others: AbstractSet[int], direction: Direction, found: Findings) -> None:
        """Judge pods of the namespace, whose policies in a direction are asked, and pods of other namespaces."""
        if not (own and others):
            return
        classes, positions = self._classes, np.asarray(sorted(others), dtype=np.int64)
        numbers = classes.numbers[positions]
        peers = np.flatnonzero(np.bincount(numbers))
        for subject, groups in self._grouped(own).items():
            numbers_of, values = self._values(direction, subject)
            codes = numbers_of[peers]
            broken = np.asarray([any(found.demand.broken_by(value)) for value in values], dtype=bool)
            hits = np.flatnonzero(broken[codes])
            self.is_cut |= len(hits) > MOST_CLASSES
            hits = hits[:MOST_CLASSES]
            value_of = dict(zip(peers[hits].tolist(), codes[hits].tolist(), strict=True))
            met = self._grouped(positions[np.isin(numbers, peers[hits])].tolist())
            for number, near in met.items():
                value = values[value_of[number]]
                is_near = direction is Direction.INGRESS and self._near_to(classes.hosts[[number]], subject)[0]
                for one in near:
                    for other in groups:
                        source, destination = (one, other) if direction is Direction.INGRESS else (other, one)
                        if is_near:
                            self._near(source, destination, found)
                        else:
                            pair = source.members[0], destination.members[0]
                            self._add(source.name, destination.name, pair, value, found)

    def _values(self, direction: Direction, subject: int) -> tuple[Integers, Sequence[Value]]:
        """Return what is accepted between a class of the namespace and every other, as numbers, and the values."""
        found = self._found.get((direction, subject))
        if found is None:
            found = self._found[direction, subject] = self._evaluated(direction, subject)
        return found

    def _evaluated(self, direction: Direction, subject: int) -> tuple[Integers, Sequence[Value]]:
        classes, matrix = self._classes, self._network.matrix[direction]
        back = Direction.EGRESS if direction is Direction.INGRESS else Direction.INGRESS
        row = matrix.row(int(matrix.program_of[classes.profiles[subject]]))[classes.profiles].astype(np.int64)
        if classes.dark[direction][subject]:
            row[:] = matrix.table.number(self._unknown)
        column = int(self._whole.classes.profiles[classes.of_whole[subject]])
        theirs, told = self._whole.values(back, classes.of_whole, column)
        met, numbers = np.unique(row * len(told) + theirs, return_inverse=True)
        own = matrix.table.values
        return numbers, [
            both(own[code // len(told)], self._translated(told[code % len(told)])) for code in met.tolist()
        ]

    @cached_property
    def _unknown(self) -> Value:
        return 0, self._network.axis.everything

    @cached_property
    def _masks(self) -> dict[int, int]:
        return {}

    def _translated(self, value: Value) -> Value:
        """Return a value of the whole network on the ports of the part, which tells apart all that the whole does."""
        return self._mask(value[0]), self._mask(value[1])

    def _mask(self, ports: int) -> int:
        found = self._masks.get(ports)
        if found is None:
            axis = self._network.axis
            found = 0
            for protocol, first, last in self._whole.network.axis.traffic(ports):
                found |= axis.mask(protocol, first, last)
            self._masks[ports] = found
        return found
