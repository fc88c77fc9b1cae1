"""One direction of a network, profile by profile that the same policies apply to, with parts taken away."""

from __future__ import annotations

from collections import OrderedDict
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from firedoor.engine.reach.columns import ColumnSets
from firedoor.engine.reach.programs import judge, terms_of
from firedoor.engine.relations.parts import Part, profiles_of
from firedoor.engine.relations.patterns import Patterns, patterns

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from firedoor.engine.reach.layering import Layering
    from firedoor.engine.reach.layers import Origin
    from firedoor.engine.reach.network import Network
    from firedoor.engine.reach.programs import Program, Term
    from firedoor.engine.reach.values import Value
    from firedoor.engine.relations.parts import PolicyBook

MOST_GROUPS = 4096
"""Groups that are kept at once."""
MOST_LISTED = 64
"""Columns of sets that are looked up one by one."""

NOTHING: frozenset[Part] = frozenset()
"""No part at all is taken away."""


class TierEnd(NamedTuple):
    """The term at the end of a tier that denies the rest, and the policies that put it there, for sure or perhaps."""

    bit: int
    isolating: frozenset[int]
    surely: frozenset[int]


class Group:
    """Profiles that the same policies apply to in one direction, and their program, rule by rule."""

    def __init__(self, network: Network, layering: Layering, profiles: NDArray[np.int64], book: PolicyBook) -> None:
        """Trace the program of `profiles`, which all have the same."""
        self.direction = layering.direction
        self.profiles = profiles
        self.program: Program
        self.origins: list[Origin]
        self.program, self.origins = layering.traced(int(profiles[0]))
        self.terms: list[Term] = list(terms_of(self.program))
        self.book = book
        self._sets = network.index.sets
        self._everything = network.axis.everything
        self._applying = list(layering.placed(int(profiles[0])))
        self._latest: tuple[tuple[int, int], list[Value]] | None = None

    @cached_property
    def patterns(self) -> Patterns:
        """The columns by the terms that match them."""
        return patterns(self._sets, [term.columns for term in self.terms])

    @cached_property
    def bits(self) -> dict[Part, int]:
        """The positions of the terms of each part, as a mask."""
        found: dict[Part, int] = {}
        for position, origin in enumerate(self.origins):
            if origin.policy is None or origin.rule is None:
                continue
            number = self.book.number_of[id(origin.policy)]
            for part in (Part(number), Part(number, self.direction, origin.rule.path)):
                found[part] = found.get(part, 0) | 1 << position
        return found

    @cached_property
    def ends(self) -> tuple[TierEnd, ...]:
        """The ends of tiers that deny the rest; an alternative's own end is nobody's."""
        isolating: dict[int, set[int]] = {}
        surely: set[int] = set()
        for tier, policy in self._applying:
            if policy.isolates:
                number = self.book.number_of[id(policy)]
                isolating.setdefault(id(tier), set()).add(number)
                if self.profiles[0] in policy.selected:
                    surely.add(number)
        return tuple(
            TierEnd(
                1 << position, frozenset(isolating[id(origin.tier)]), frozenset(isolating[id(origin.tier)] & surely)
            )
            for position, origin in enumerate(self.origins)
            if origin.rule is None and id(origin.tier) in isolating
        )

    def dropped(self, gone: Collection[Part]) -> int:
        """Return the positions of the terms that are not there without the parts `gone`, as a mask."""
        mask = 0
        for part in gone if len(gone) < len(self.bits) else [each for each in self.bits if each in gone]:
            mask |= self.bits.get(part, 0)
        for end in self.ends if gone else ():
            if all(Part(number) in gone for number in end.isolating):
                mask |= end.bit
        return mask

    @cached_property
    def values(self) -> list[Value]:
        """The value of each pattern."""
        return [judge(self.program, mask, self._everything) for mask in self.patterns.masks]

    def values_without(self, gone: Collection[Part]) -> list[Value]:
        """Return the value of each pattern without some parts."""
        drop = self.dropped(gone)
        soft = self._softened(gone)
        if not drop and not soft:
            return self.values
        if self._latest is None or self._latest[0] != (drop, soft):
            program = self._with_soft(soft) if soft else self.program
            found = [
                judge(program, mask & ~drop, self._everything) if mask & (drop | soft) else self.values[number]
                for number, mask in enumerate(self.patterns.masks)
            ]
            self._latest = (drop, soft), found
        return self._latest[1]

    def matching(self, column: int) -> int:
        """Return the terms that match one column, as a mask; for a few columns this is faster than all patterns."""
        always, large, small = self._told
        mask = always | small.get(column, 0)
        for number, bit in large:
            if self._sets.holds(number, column):
                mask |= bit
        return mask

    @cached_property
    def _told(self) -> tuple[int, list[tuple[int, int]], dict[int, int]]:
        """The terms that match every column, those of large sets with these, and those that match few by column."""
        always, large = 0, []
        small: dict[int, int] = {}
        for position, term in enumerate(self.terms):
            columns = self._sets.arrays[term.columns]
            if term.columns == ColumnSets.ALL:
                always |= 1 << position
            elif len(columns) > MOST_LISTED:
                large.append((term.columns, 1 << position))
            else:
                for column in columns.tolist():
                    small[column] = small.get(column, 0) | 1 << position
        return always, large, small

    def judged(self, matched: int) -> Value:
        """Return the value where some terms, and no others, match."""
        return judge(self.program, matched, self._everything)

    def _softened(self, gone: Collection[Part]) -> int:
        """Return the ends of tiers that are no longer sure, as a mask: who isolates for sure is gone."""
        ends = [end for end in self.ends if end.surely != end.isolating] if gone else []
        return sum(end.bit for end in ends if end.surely and all(Part(number) in gone for number in end.surely))

    def _with_soft(self, soft: int) -> Program:
        """Return the program with the terms of a mask unsure."""
        number = count()
        return tuple(
            tuple(
                tuple(
                    tuple(
                        tuple(term._replace(sure=term.sure and not soft >> next(number) & 1) for term in alternative)
                        for alternative in rank
                    )
                    for rank in tier
                )
                for tier in plane
            )
            for plane in self.program
        )


class Side:
    """One direction: its groups, each built when it is asked for."""

    def __init__(self, network: Network, layering: Layering, book: PolicyBook) -> None:
        """Group the profiles."""
        self.direction = layering.direction
        self._layering = layering
        self._network = network
        self._book = book
        self._kept: OrderedDict[int, Group] = OrderedDict()
        numbers: dict[object, int] = {}
        groups: list[list[int]] = []
        self.group_of: NDArray[np.int64] = np.zeros(len(network.profiles), dtype=np.int64)
        """The group of each profile."""
        for profile in range(len(network.profiles)):
            number = numbers.setdefault(layering.key(profile), len(numbers))
            if number == len(groups):
                groups.append([])
            groups[number].append(profile)
            self.group_of[profile] = number
        self._profiles = [np.asarray(group, dtype=np.int64) for group in groups]

    @property
    def size(self) -> int:
        """The number of groups."""
        return len(self._profiles)

    def group(self, number: int) -> Group:
        """Return a group; the latest ones are kept."""
        found = self._kept.get(number)
        if found is None:
            found = self._kept[number] = Group(self._network, self._layering, self._profiles[number], self._book)
            if len(self._kept) > MOST_GROUPS:
                self._kept.popitem(last=False)
        return found

    def applying(self, number: int) -> list[int]:
        """Return the groups that the policy of a number applies to, or may apply to, sorted."""
        found = {
            each
            for compiled in self._book.policies[number].compiled[self.direction]
            for each in self.group_of[profiles_of(compiled)].tolist()
        }
        return sorted(found)
