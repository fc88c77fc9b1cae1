"""Whether one policy accepts what another accepts: each judged by its own rules alone, for the pods that it selects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from firedoor.engine.reach.columns import ColumnSets
from firedoor.engine.reach.programs import DENY, Term, judge
from firedoor.engine.reach.values import DENIED
from firedoor.engine.relations.parts import Part
from firedoor.model.relations import Relation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.engine.reach.values import Value
    from firedoor.engine.relations.effects import Effects
    from firedoor.engine.relations.sides import Group
    from firedoor.model.networkpolicy import Direction


@dataclass(frozen=True, slots=True)
class Example:
    """Ports that one policy accepts, or both do: in a group, of one of the columns of a pattern."""

    group: Group
    pattern: int
    ports: int


@dataclass(slots=True)
class Compared:
    """What was found of two policies: an example of what either accepts alone, and of what both do."""

    only: list[Example | None] = field(default_factory=lambda: [None, None])
    common: Example | None = None
    is_unsure: bool = False

    @property
    def relation(self) -> Relation:
        """The relation of the first to the second; two that accept nothing are equivalent."""
        first, second = self.only
        if first is None and second is None:
            return Relation.EQUIVALENT
        if first is not None and second is not None:
            return Relation.DISJOINT if self.common is None else Relation.OVERLAPPING
        return Relation.WITHIN if first is None else Relation.CONTAINS


def compare(effects: Effects, direction: Direction, first: int, second: int) -> Compared:
    """Compare what two policies (by number) accept in a direction; what is unknown of either counts as its own."""
    found = Compared()
    side, asked = effects.sides[direction], effects.asked[direction]
    for number in sorted({*side.applying(first), *side.applying(second)}):
        group = side.group(number)
        for pattern in sorted(set(group.patterns.of_column[asked].tolist())):
            _note(found, group, pattern, [_alone(effects, group, pattern, each) for each in (first, second)])
    return found


def merged(found: Iterable[Compared]) -> Compared:
    """Return what several comparisons of the same two policies come to together."""
    whole = Compared()
    for each in found:
        whole.only = [one or other for one, other in zip(whole.only, each.only, strict=True)]
        whole.common = whole.common or each.common
        whole.is_unsure |= each.is_unsure
    return whole


def _note(found: Compared, group: Group, pattern: int, values: list[Value]) -> None:
    for number, (own, other) in enumerate((values, values[::-1])):
        ports = (own[0] & ~other[0]) | (own[1] & ~other[1])
        if ports and found.only[number] is None:
            found.only[number] = Example(group, pattern, ports)
        found.is_unsure |= own[0] != own[1]
    common = values[0][1] & values[1][1]
    if common and found.common is None:
        found.common = Example(group, pattern, common)


def _alone(effects: Effects, group: Group, pattern: int, policy: int) -> Value:
    """Return what the rules of one policy accept by themselves; what they leave open they do not accept."""
    own = group.bits.get(Part(policy), 0)
    mask = group.patterns.masks[pattern] & own
    if not mask:
        return DENIED
    everything = effects.network.axis.everything
    terms = tuple(_terms(group, mask))
    rest = Term(ColumnSets.ALL, everything, DENY, sure=True)
    tiers = (((terms,),), (((rest,),),))
    return judge((tiers,), (1 << len(terms) + 1) - 1, everything)


def _terms(group: Group, mask: int) -> Iterator[Term]:
    return (term for position, term in enumerate(group.terms) if mask >> position & 1)
