"""Changes between pods and what is outside: ranges of addresses, and domain names that policies name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.difference.groups import ABSENT
from firedoor.engine.difference.transitions import Transition, transition, union
from firedoor.engine.reach.classes import Valued, distinct
from firedoor.engine.reach.name_columns import OTHER_NAMES
from firedoor.engine.reach.values import DENIED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from firedoor.algebra.cidrs import Family
    from firedoor.engine.difference.groups import JointGroup, JointGroups
    from firedoor.engine.difference.refinement import JointAddresses, Side
    from firedoor.model.networkpolicy import Direction


@dataclass(frozen=True, slots=True)
class _Line:
    """The transitions of one joint class over all joint ranges."""

    numbers: NDArray[np.int64]
    transitions: list[Transition]

    @property
    def has_change(self) -> bool:
        return any(each.is_change for each in self.transitions)


class OutsideComparer:
    """Compares what passes between ends and the outside."""

    def __init__(self, old: Side, new: Side, groups: JointGroups, addresses: JointAddresses) -> None:
        """Prepare for the given groups."""
        self._old, self._new, self._groups, self._addresses = old, new, groups, addresses
        self._lines: dict[tuple[int, Direction], _Line] = {}
        self._others: dict[tuple[Family, ...], NDArray[np.bool_]] = {}
        names = {*old.network.index.domains, *new.network.index.domains} - {OTHER_NAMES}
        self._domains = sorted(names)

    def ranges(self, end: int, direction: Direction) -> Iterator[tuple[Family, int, int, list[Transition]]]:
        """Yield the ranges with which traffic of one end changed in a direction, with the transitions of its groups."""
        lines = [self._line(group.joint, direction) for group in self._groups.of_end[end]]
        if not any(line.has_change for line in lines):
            return
        stacked = np.stack([self._addresses.family, *(line.numbers for line in lines)])
        edges = np.flatnonzero(np.any(stacked[:, 1:] != stacked[:, :-1], axis=0)) + 1
        starts = [0, *edges.tolist()]
        ends = [*(edges - 1).tolist(), stacked.shape[1] - 1]
        for first, last in zip(starts, ends, strict=True):
            found = [line.transitions[int(line.numbers[first])] for line in lines]
            if any(each.is_change for each in found):
                family, low, _ = self._addresses.ranges[first]
                yield family, low, self._addresses.ranges[last][2], found

    def domains(self, end: int) -> Iterator[tuple[str, list[Transition]]]:
        """Yield the domain names to which traffic of one end changed, with the transitions of its groups."""
        for name in self._domains:
            found = [self._domain(group, name) for group in self._groups.of_end[end]]
            if union(found).is_change:
                yield name, found

    def _domain(self, group: JointGroup, name: str) -> Transition:
        joint = self._groups.classes[group.joint]
        values = [
            DENIED if number == ABSENT else side.value(side.classes.domain(number, name))
            for side, number in ((self._old, joint.old), (self._new, joint.new))
        ]
        return transition(*values)

    def _line(self, joint: int, direction: Direction) -> _Line:
        found = self._lines.get((joint, direction))
        if found is None:
            each, addresses = self._groups.classes[joint], self._addresses
            before = self._valued(self._old, each.old, direction, addresses.old, each.old_families)
            after = self._valued(self._new, each.new, direction, addresses.new, each.new_families)
            width = len(after.values)
            met, numbers = distinct(before.numbers * width + after.numbers, len(before.values) * width)
            transitions = [
                transition(before.values[code // width], after.values[code % width]) for code in met.tolist()
            ]
            found = self._lines[joint, direction] = _Line(numbers, transitions)
        return found

    def _valued(
        self, side: Side, number: int, direction: Direction, ranges: NDArray[np.int64], families: tuple[Family, ...]
    ) -> Valued:
        """Return the values on the joint ports for all joint ranges; none passes of a family that the pod has not."""
        if number == ABSENT:
            return Valued(np.zeros(len(ranges), dtype=np.int64), [DENIED])
        found = side.classes.outside(number, direction)
        met, numbers = distinct(found.numbers, len(found.values))
        values = [DENIED, *(side.value(found.values[each]) for each in met.tolist())]
        spread = numbers[ranges] + 1
        spread[self._not_of(families)] = 0
        return Valued(spread, values)

    def _not_of(self, families: tuple[Family, ...]) -> NDArray[np.bool_]:
        """Return which joint ranges are of none of the families."""
        found = self._others.get(families)
        if found is None:
            found = self._others[families] = ~np.isin(self._addresses.family, families)
        return found
