"""
What taking parts of policies away changes, connection by connection.

A part has an effect when some verdict differs without it: between two pods, or a pod
and the outside, on any port. Values are compared for groups of profiles and for the
columns that the same terms match; pairs of pods are never listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from firedoor.engine.reach.values import both
from firedoor.engine.relations.ends import Ends, split
from firedoor.engine.relations.guises import Doubtful
from firedoor.engine.relations.parts import PolicyBook
from firedoor.engine.relations.sides import NOTHING, Side
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from firedoor.engine.reach.network import Network
    from firedoor.engine.reach.values import Value
    from firedoor.engine.relations.ends import End
    from firedoor.engine.relations.parts import Part
    from firedoor.engine.relations.sides import Group

OTHER_END = {Direction.INGRESS: Direction.EGRESS, Direction.EGRESS: Direction.INGRESS}


@dataclass(frozen=True, slots=True)
class Witness:
    """A connection whose verdict differs, and the values of its pair before and after."""

    source: End
    destination: End
    protocol: str
    port: int
    before: Value
    after: Value


class Hidden(StrEnum):
    """Why a change at one end changes no connection."""

    OTHER_END = "other-end"
    """The policies at the other end deny it anyway."""
    EXEMPT = "exempt"
    """No policy is asked about it: a pod and itself, a node and its own pods."""
    UNKNOWN = "unknown"
    """Whether it matters hangs on something that is not known."""


class Cell(NamedTuple):
    """A group and a pattern of its columns where a part makes a difference, with the values before and after."""

    group: Group
    pattern: int
    before: Value
    after: Value


class Partner(NamedTuple):
    """Profiles at the other end of a cell, their group and pattern there, and the values before and after."""

    group: Group
    pattern: int
    peers: NDArray[np.int64]
    subjects: NDArray[np.int64]
    before: Value
    after: Value
    is_host: bool


class Effects:
    """Compares a network with itself less some parts of its policies."""

    def __init__(self, network: Network) -> None:
        """Prepare to ask about any part."""
        self.network = network
        self.ends = Ends(network)
        doubtful = {direction: Doubtful(network, self.ends, direction) for direction in Direction}
        more = [layering for each in doubtful.values() for layering in each.layerings]
        self.book = PolicyBook(network, more)
        self.sides = {way: Side(network, network.matrix[way].layering, self.book) for way in Direction}
        self.asked: dict[Direction, NDArray[np.bool_]] = {}
        """For each direction, the columns that are ends of connections, and are what they are to policies."""
        self._doubted: list[tuple[Side, NDArray[np.bool_]]] = []
        for direction, each in doubtful.items():
            asked = self.ends.asked(direction)
            self.asked[direction] = asked & ~each.columns
            self._doubted += ((Side(network, one, self.book), asked & each.columns) for one in each.layerings)

    @cached_property
    def _unknown(self) -> Value:
        return 0, self.network.axis.everything

    def witness(self, part: Part, gone: frozenset[Part] = NOTHING) -> Witness | frozenset[Hidden]:
        """
        Return a connection whose verdict differs without a part, or why its changes are hidden.

        With `gone`, parts whose going changes no verdict, it is asked whether the
        part may go as well. No reason at all means that nothing changes at its own end either.
        """
        hidden: set[Hidden] = set()
        for cell in self.cells(part, gone):
            for found in chain(self._outside(cell), self._inside(cell, gone | {part})):
                if isinstance(found, Witness):
                    return found
                hidden.add(found)
        return frozenset({*hidden, Hidden.UNKNOWN} if self.is_doubtful(part, gone) else hidden)

    def is_doubtful(self, part: Part, gone: frozenset[Part] = NOTHING) -> bool:
        """Return whether a part makes a difference to ends that are not known for what they are."""
        for side, mask in self._doubted:
            if part.direction not in {None, side.direction}:
                continue
            for group in map(side.group, side.applying(part.policy)):
                now, after = group.values, group.values_without(gone | {part})
                asked = set(group.patterns.of_column[mask].tolist())
                if any(now[pattern] != after[pattern] for pattern in asked):
                    return True
        return False

    def meets_doubtful(self, part: Part) -> bool:
        """Return whether a rule matches ends that are not known for what they are, such as nodes for Cilium."""
        for side, mask in self._doubted:
            if part.direction is not side.direction:
                continue
            for group in map(side.group, side.applying(part.policy)):
                bits = group.bits.get(part, 0)
                met = np.unique(group.patterns.of_column[mask]).tolist()
                if any(group.patterns.masks[each] & bits for each in met):
                    return True
        return False

    def cells(self, part: Part, gone: frozenset[Part] = NOTHING) -> Iterator[Cell]:
        """Yield where a part makes a difference at its own end: `before` is with nothing gone, `after` without both."""
        for direction in Direction:
            if part.direction not in {None, direction}:
                continue
            side = self.sides[direction]
            for number in side.applying(part.policy):
                group = side.group(number)
                now, after = group.values_without(gone), group.values_without(gone | {part})
                differing = [pattern for pattern in range(len(now)) if now[pattern] != after[pattern]]
                for pattern in differing:
                    cell = Cell(group, pattern, group.values[pattern], after[pattern])
                    if len(self.columns(cell)):
                        yield cell

    def columns(self, cell: Cell) -> NDArray[np.int64]:
        """Return the columns of a cell that are ends."""
        columns = cell.group.patterns.columns(cell.pattern)
        return columns[self.asked[cell.group.direction][columns]]

    def partners(self, cell: Cell, dropped: frozenset[Part]) -> Iterator[Partner]:
        """Yield the profiles among the columns of a cell, by what their own policies say of the cell's group."""
        direction = OTHER_END[cell.group.direction]
        side, columns = self.sides[direction], self.columns(cell)
        profiles = columns[columns < len(self.network.profiles)]
        numbers = side.group_of[profiles]
        for number in sorted(set(numbers.tolist())):
            group = side.group(number)
            after = group.values_without(dropped)
            patterns = group.patterns.of(cell.group.profiles)
            for peers, is_dark in split(profiles[numbers == number], self.ends.is_dark[direction]):
                for some, is_host in split(peers, self.ends.is_host):
                    for pattern in sorted(set(patterns.tolist())):
                        was, is_ = (self._unknown,) * 2 if is_dark else (group.values[pattern], after[pattern])
                        subjects = cell.group.profiles[patterns == pattern]
                        yield Partner(group, pattern, some, subjects, was, is_, is_host)

    def _inside(self, cell: Cell, dropped: frozenset[Part]) -> Iterator[Witness | Hidden]:
        direction = cell.group.direction
        for partner in self.partners(cell, dropped):
            for subjects, is_dark in split(partner.subjects, self.ends.is_dark[direction]):
                before, after = both(cell.before, partner.before), both(cell.after, partner.after)
                if is_dark:
                    yield _hidden(cell, both(self._unknown, partner.after))
                elif partner.is_host and direction is Direction.INGRESS:
                    yield from self._from_hosts(cell, partner.peers, subjects)
                elif before == after:
                    yield _hidden(cell, after)
                else:
                    found = self.ends.two(partner.peers, subjects)
                    yield Hidden.EXEMPT if found is None else self._witness(cell, *found, before, after)

    def _from_hosts(
        self, cell: Cell, hosts: NDArray[np.int64], subjects: NDArray[np.int64]
    ) -> Iterator[Witness | Hidden]:
        """Judge pods on the network of a node, which reach the pods of that node whatever policies say."""
        others = self.ends.by_node(hosts).values()
        for subject in self.ends.by_node(subjects).values():
            for other in others:
                yield self._near(cell, other, subject)

    def _outside(self, cell: Cell) -> Iterator[Witness | Hidden]:
        index, direction = self.network.index, cell.group.direction
        columns = self.columns(cell)
        outside = columns[columns >= index.first_external].tolist()
        for subjects, is_dark in split(cell.group.profiles, self.ends.is_dark[direction]):
            for column in outside:
                if is_dark:
                    yield Hidden.UNKNOWN
                    continue
                if column >= index.first_domain:
                    peers: tuple[str, ...] = (self.ends.name(column),)
                else:
                    peers = self.ends.addresses(column - index.first_external)
                for subject in self.ends.by_node(subjects).values():
                    for peer in peers:
                        yield self._near(cell, peer, subject)

    def _near(self, cell: Cell, peer: End, subject: int) -> Witness | Hidden:
        """Judge a peer whose own end denies nothing, and that a node may make exempt."""
        before, after = cell.before, cell.after
        if cell.group.direction is Direction.INGRESS:
            same_node = self.network.same_node(peer, self.network.members[subject])
            if same_node:
                return Hidden.EXEMPT
            if same_node is None:
                before, after = ((value[0], self._unknown[1]) for value in (before, after))
        return Hidden.UNKNOWN if before == after else self._witness(cell, peer, subject, before, after)

    def _witness(self, cell: Cell, peer: End, subject: int, before: Value, after: Value) -> Witness:
        differing = (before[0] ^ after[0]) | (before[1] ^ after[1])
        protocol, port, _ = self.network.axis.traffic(differing)[0]
        if cell.group.direction is Direction.INGRESS:
            return Witness(peer, subject, protocol, port, before, after)
        return Witness(subject, peer, protocol, port, before, after)


def _hidden(cell: Cell, value: Value) -> Hidden:
    """Return why a pair of an unchanged value hides the change of a cell."""
    changed = (cell.before[0] ^ cell.after[0]) | (cell.before[1] ^ cell.after[1])
    return Hidden.UNKNOWN if changed & value[1] & ~value[0] else Hidden.OTHER_END
