"""Policies and rules that change nothing, with what decides the same without them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from firedoor.engine.relations.effects import Hidden
from firedoor.engine.relations.parts import Part
from firedoor.engine.relations.sides import NOTHING
from firedoor.engine.relations.tracing import deciders

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.engine.relations.effects import Cell, Effects
    from firedoor.engine.relations.sides import Group
    from firedoor.model.networkpolicy import Direction


@dataclass(frozen=True, slots=True)
class Cover:
    """What decides in place of a part: a rule of a policy (by number), or without rule the isolation by it."""

    policy: int
    direction: Direction
    rule: str = ""
    action: int | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """
    Why a part changes nothing.

    `covers` decide the same without it. Where nobody does, the connection is accepted
    because nothing restricts it (`is_default`). `other_end` deny at the other end what
    the part changes at its own; `is_exempt` says that no policy is asked about some of it.
    """

    covers: tuple[Cover, ...]
    is_default: bool = False
    other_end: tuple[Cover, ...] = ()
    is_exempt: bool = False


def proof(effects: Effects, part: Part, hidden: frozenset[Hidden], gone: frozenset[Part] = NOTHING) -> Proof:
    """Return the proof for a part without effect, whose changes at its own end are hidden for the reasons given."""
    covers: dict[Cover, None] = {}
    is_default = False
    for group in _groups(effects, part):
        for found in _own_covers(effects, group, part, gone):
            covers.update(dict.fromkeys(found))
            is_default |= not found
    other: dict[Cover, None] = {}
    if Hidden.OTHER_END in hidden:
        for cell in effects.cells(part, gone):
            other.update(dict.fromkeys(_other_covers(effects, cell, gone | {part})))
    return Proof(tuple(covers), is_default, tuple(other), Hidden.EXEMPT in hidden)


def covered(effects: Effects, part: Part, gone: frozenset[Part] = NOTHING) -> Proof | None:
    """Return the proof that a part changes nothing at its own end, whatever other ends do; None where it does."""
    if any(cell.before != cell.after for cell in effects.cells(part, gone)) or effects.is_doubtful(part, gone):
        return None
    return proof(effects, part, frozenset(), gone)


def removable(effects: Effects, redundant: Iterable[int]) -> list[int]:
    """Return those of the redundant policies that may all go together; of equal ones the earlier stays."""
    gone: frozenset[Part] = NOTHING
    for number in sorted(redundant, reverse=True):
        part = Part(number)
        found = effects.witness(part, gone)
        if isinstance(found, frozenset) and Hidden.UNKNOWN not in found:
            gone |= {part}
    return sorted(part.policy for part in gone)


def _groups(effects: Effects, part: Part) -> Iterator[Group]:
    for direction, side in effects.sides.items():
        if part.direction in {None, direction}:
            yield from map(side.group, side.applying(part.policy))


def _own_covers(effects: Effects, group: Group, part: Part, gone: frozenset[Part]) -> Iterator[list[Cover]]:
    """Yield what decides in place of a part, for each pattern of a group where nothing changes."""
    without = gone | {part}
    drop = group.dropped(without)
    lost = drop & ~group.dropped(gone)
    now, after = group.values_without(gone), group.values_without(without)
    named: set[int] = set()
    for pattern in sorted(set(group.patterns.of_column[effects.asked[group.direction]].tolist())):
        mask = group.patterns.masks[pattern]
        if not mask & lost or now[pattern] != after[pattern]:
            continue
        ports = 0
        for position, term in enumerate(group.terms):
            ports |= term.ports if mask & lost & 1 << position else 0
        found = list(_covers(group, mask & ~drop, ports, without))
        named.update(each.policy for each in found)
        yield found
    if part.direction is None:
        yield from _isolating(group, part, without, named)


def _isolating(group: Group, part: Part, without: frozenset[Part], named: set[int]) -> Iterator[list[Cover]]:
    """Yield who isolates a group in place of a policy, unless such a policy is named already."""
    for end in group.ends:
        others = [each for each in sorted(end.isolating) if Part(each) not in without]
        if part.policy in end.isolating and others and named.isdisjoint(others):
            yield [Cover(others[0], group.direction)]


def _other_covers(effects: Effects, cell: Cell, dropped: frozenset[Part]) -> Iterator[Cover]:
    changed = (cell.before[0] ^ cell.after[0]) | (cell.before[1] ^ cell.after[1])
    for partner in effects.partners(cell, dropped):
        group = partner.group
        mask = group.patterns.masks[partner.pattern] & ~group.dropped(dropped)
        yield from _covers(group, mask, changed, dropped)


def _covers(group: Group, matched: int, ports: int, without: frozenset[Part]) -> Iterator[Cover]:
    """Yield what decides about any of the ports where these terms match; of policies that isolate, the first."""
    for position in deciders(group.program, matched, ports):
        origin = group.origins[position]
        if origin.policy is not None and origin.rule is not None:
            number = group.book.number_of[id(origin.policy)]
            yield Cover(number, group.direction, origin.rule.path, group.terms[position].action)
            continue
        # The end of an alternative that accepts is nobody's.
        for end in (each for each in group.ends if each.bit == 1 << position):
            yield Cover(min(each for each in end.isolating if Part(each) not in without), group.direction)
