"""Whether a rule matters, by a glance at the first pods that it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.reach.values import both
from firedoor.engine.relations.effects import OTHER_END

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.relations.effects import Effects
    from firedoor.engine.relations.parts import Part
    from firedoor.engine.relations.sides import Group

_MOST_PEERS = 4


def plainly_matters(effects: Effects, part: Part) -> bool:
    """
    Return whether, without a rule, another verdict is given on two pods that it is about.

    Only its first pods are looked at, and none whose node or whose gaps matter: where
    this is false, ``Effects.witness`` knows.
    """
    direction = part.direction
    assert direction is not None  # noqa: S101 - a rule is of one direction
    side, other = effects.sides[direction], effects.sides[OTHER_END[direction]]
    for number in side.applying(part.policy)[:1]:
        group = side.group(number)
        subject = int(group.profiles[0])
        if effects.ends.is_dark[direction][subject]:
            continue
        terms = group.bits.get(part, 0)
        for peer in _peers(effects, group, terms):
            matched = group.matching(peer)
            now, after = group.judged(matched), group.judged(matched & ~terms)
            if now == after:
                continue
            partner = other.group(int(other.group_of[peer]))
            theirs = partner.judged(partner.matching(subject))
            if both(now, theirs) != both(after, theirs) and _are_two(effects, subject, peer):
                return True
    return False


def _peers(effects: Effects, group: Group, terms: int) -> Iterator[int]:
    """Yield the first profiles that some terms of a group match, without those that are not plain pods."""
    direction, ends = group.direction, effects.ends
    sets, profiles = effects.network.index.sets, len(effects.network.profiles)
    for position, term in enumerate(group.terms):
        if terms >> position & 1:
            for column in sets.arrays[term.columns][:_MOST_PEERS].tolist():
                is_plain = column < profiles and effects.asked[direction][column] and not ends.is_host[column]
                if is_plain and not ends.is_dark[OTHER_END[direction]][column]:
                    yield column


def _are_two(effects: Effects, one: int, other: int) -> bool:
    return effects.ends.two(np.asarray([one]), np.asarray([other])) is not None
