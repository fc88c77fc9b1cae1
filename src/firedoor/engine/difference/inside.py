"""Changes between pods: classes are compared with classes, and only what changed is looked at end by end."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.difference.groups import ABSENT
from firedoor.engine.difference.transitions import Transition, transition
from firedoor.engine.reach.classes import Nearness, Valued, distinct, nearness
from firedoor.engine.reach.values import DENIED, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from firedoor.engine.difference.groups import JointGroup, JointGroups
    from firedoor.engine.difference.refinement import Side

_WORDS = {
    Nearness.TOGETHER: "on the same node",
    Nearness.APART: "on different nodes",
    Nearness.UNPLACED: "where the node is not known",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """The transition between two groups, and of pods on the network of their node where it holds."""

    sources: JointGroup
    destinations: JointGroup
    transition: Transition
    where: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    """The transitions between one joint class and every one, in one direction, and which of them are changes."""

    numbers: NDArray[np.int64]
    transitions: list[Transition]
    changed: NDArray[np.int64]


class InsideComparer:
    """Compares what passes between the pods of all ends."""

    def __init__(self, old: Side, new: Side, groups: JointGroups) -> None:
        """Prepare for the given groups."""
        self._old, self._new, self._groups = old, new, groups
        self._columns: dict[int, _Line] = {}
        self._rows: dict[int, _Line] = {}
        self._nodes: dict[tuple[int, bool], dict[str, int]] = {}
        self._tells_own_nodes = old.network.tells_own_nodes or new.network.tells_own_nodes
        self._near: dict[tuple[int, int, Nearness, bool], Value] = {}
        self._host_ends = sorted({end for each in np.flatnonzero(groups.hosts) for end in groups.ends_of[each]})

    def changes_towards(self, destination: int) -> Iterator[tuple[int, list[Cell]]]:
        """Yield the ends from which something changed towards one end, with the cells of all their groups."""
        suspects = set(self._host_ends)
        if self._tells_own_nodes and any(self._groups.hosts[each.joint] for each in self._groups.of_end[destination]):
            suspects.update(range(len(self._groups.of_end)))
        for group in self._groups.of_end[destination]:
            changed = self._column(group.joint).changed
            # Sources on the network of their node are suspects anyway, and what passes hangs on more than their class.
            for joint in changed[~self._groups.hosts[changed]].tolist():
                suspects.update(self._groups.ends_of[joint])
        yield from self._changed(sorted(suspects), destination)

    def destinations(self, source: int) -> set[int]:
        """Return the ends towards which something may have changed from one end."""
        hosts, all_ends = self._groups.hosts, range(len(self._groups.of_end))
        suspects: set[int] = set(self._host_ends) if self._tells_own_nodes else set()
        for group in self._groups.of_end[source]:
            if hosts[group.joint]:
                suspects.update(all_ends)
            for joint in self._row(group.joint).changed.tolist():
                suspects.update(self._groups.ends_of[joint])
        return suspects

    def changes_from(self, sources: Iterable[int], destination: int) -> Iterator[tuple[int, list[Cell]]]:
        """Yield those of some ends, of which `destinations` were asked, from which something changed towards one."""
        return self._changed(sorted(sources), destination)

    def _changed(self, sources: Iterable[int], destination: int) -> Iterator[tuple[int, list[Cell]]]:
        for source in sources:
            cells = list(self._cells(source, destination))
            if any(cell.transition.is_change for cell in cells):
                yield source, cells

    def _cells(self, source: int, destination: int) -> Iterator[Cell]:
        hosts = self._groups.hosts
        for into in self._groups.of_end[destination]:
            for out in self._groups.of_end[source]:
                if out is into and len(into.members) == 1:
                    # A pod always reaches itself.
                    continue
                if hosts[out.joint] or (self._tells_own_nodes and hosts[into.joint]):
                    yield from self._near_cells(out, into)
                else:
                    yield Cell(out, into, self._between(out.joint, into.joint))

    def _between(self, source: int, destination: int) -> Transition:
        """Return the transition from one joint class to another, by what is known already."""
        row = self._rows.get(source) if destination not in self._columns else None
        if row is not None:
            return row.transitions[int(row.numbers[destination])]
        column = self._column(destination)
        return column.transitions[int(column.numbers[source])]

    def _column(self, joint: int) -> _Line:
        found = self._columns.get(joint)
        if found is None:
            found = self._columns[joint] = self._line(joint, lambda side, number: side.classes.towards(number))
        return found

    def _row(self, joint: int) -> _Line:
        found = self._rows.get(joint)
        if found is None:
            found = self._rows[joint] = self._line(joint, lambda side, number: side.classes.starting(number))
        return found

    def _line(self, joint: int, ask: Callable[[Side, int], Valued]) -> _Line:
        groups = self._groups
        before = _on_joint(self._old, int(groups.old[joint]), groups.old, ask)
        after = _on_joint(self._new, int(groups.new[joint]), groups.new, ask)
        width = len(after.values)
        met, numbers = distinct(before.numbers * width + after.numbers, len(before.values) * width)
        transitions = [transition(before.values[code // width], after.values[code % width]) for code in met.tolist()]
        is_change = np.asarray([each.is_change for each in transitions], dtype=bool)
        return _Line(numbers, transitions, np.flatnonzero(is_change[numbers]))

    def _near_cells(self, out: JointGroup, into: JointGroup) -> Iterator[Cell]:
        """Yield the cells of pods on the network of their node, for each way in which the pods may lie."""
        before = self._lying(self._old, out, into, is_old=True)
        after = self._lying(self._new, out, into, is_old=False)
        found: dict[Transition, list[Nearness]] = defaultdict(list)
        for first, second in _matched(sorted(before), sorted(after)):
            found[transition(before.get(first, DENIED), after.get(second, DENIED))].append(second if after else first)
        for each, near in found.items():
            yield Cell(out, into, each, " or ".join(_WORDS[one] for one in near) if len(found) > 1 else "")

    def _lying(self, side: Side, out: JointGroup, into: JointGroup, *, is_old: bool) -> dict[Nearness, Value]:
        joint = self._groups.classes
        source, destination = joint[out.joint], joint[into.joint]
        numbers = (source.old, destination.old) if is_old else (source.new, destination.new)
        if ABSENT in numbers:
            return {}
        hosts = side.classes.hosts
        is_near = hosts[numbers[0]] and not hosts[numbers[1]]
        if not is_near and not (side.network.tells_own_nodes and hosts[numbers[1]] and not hosts[numbers[0]]):
            valued = side.classes.towards(numbers[1])
            return {Nearness.APART: side.value(valued.values[int(valued.numbers[numbers[0]])])}
        found: dict[Nearness, Value] = {}
        sources, destinations = (self._nodes_of(side, each, is_old=is_old) for each in (out, into))
        for near, pair in nearness(sources, destinations).items():
            key = (*numbers, near, is_old)
            if key not in self._near:
                self._near[key] = side.value(side.network.value(*pair))
            found[near] = self._near[key]
        return found

    def _nodes_of(self, side: Side, group: JointGroup, *, is_old: bool) -> dict[str, int]:
        key = (id(group), is_old)
        found = self._nodes.get(key)
        if found is None:
            found = self._nodes[key] = group.nodes(side.network, is_old=is_old)
        return found


def _on_joint(side: Side, number: int, others: NDArray[np.int64], ask: Callable[[Side, int], Valued]) -> Valued:
    """Return values of a class on the joint ports for every joint class; of pods that are not there nothing passes."""
    if number == ABSENT:
        return Valued(np.zeros(len(others), dtype=np.int64), [DENIED])
    found = ask(side, number)
    values = [*(side.value(each) for each in found.values), DENIED]
    return Valued(np.append(found.numbers, len(values) - 1)[others], values)


def _matched(before: list[Nearness], after: list[Nearness]) -> Iterator[tuple[Nearness, Nearness]]:
    """
    Yield which ways to lie to each other are compared with which.

    Where pods run changes all the time: like is compared with like, and only what has
    no counterpart with something else.
    """
    if not before or not after:
        yield from ((each, each) for each in before or after)
        return
    yield from ((each, each) for each in before if each in after)
    gone = [each for each in before if each not in after]
    come = [each for each in after if each not in before]
    yield from ((first, second) for first in gone or before[:1] for second in come or after[:1] if gone or come)
