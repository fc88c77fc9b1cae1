"""Whether a condition holds, for conditions that the manifests need not settle."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class Match(Enum):
    """Whether a condition holds; ``MAYBE`` when the manifests do not tell."""

    NO = 0
    MAYBE = 1
    YES = 2


def any_of(matches: Iterable[Match]) -> Match:
    """Return whether at least one condition holds; none of nothing does. Doubts never add up to certainty."""
    return max(matches, key=lambda match: match.value, default=Match.NO)


def all_of(matches: Iterable[Match]) -> Match:
    """Return whether every condition holds, as all of nothing do."""
    return min(matches, key=lambda match: match.value, default=Match.YES)


def certainly(holds: bool) -> Match:
    """Return the match of a condition that the manifests do settle."""
    return Match.YES if holds else Match.NO


def negated(match: Match) -> Match:
    """Return whether a condition does not hold."""
    return Match(Match.YES.value - match.value)
