"""Sets of integers as sorted, disjoint, non-adjacent closed intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Interval = tuple[int, int]
"""A closed interval ``(first, last)`` with ``first <= last``."""

IntervalSet = tuple[Interval, ...]
"""A canonical set: sorted, disjoint, and merged where one interval ends just before the next begins."""


def canonical(intervals: Iterable[Interval]) -> IntervalSet:
    """Return the canonical set of all integers in `intervals`; empty intervals are dropped."""
    merged: list[Interval] = []
    for first, last in sorted(interval for interval in intervals if interval[0] <= interval[1]):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return tuple(merged)


def difference(left: IntervalSet, right: IntervalSet) -> IntervalSet:
    """Return the integers of `left` that are not in `right`."""
    kept: list[Interval] = []
    for first, last in left:
        start = first
        for cut_first, cut_last in right:
            if cut_last < start or cut_first > last:
                continue
            if cut_first > start:
                kept.append((start, cut_first - 1))
            start = cut_last + 1
        if start <= last:
            kept.append((start, last))
    return tuple(kept)


def contains(intervals: IntervalSet, value: int) -> bool:
    """Return whether `value` is in the set."""
    return any(first <= value <= last for first, last in intervals)


def covers(left: IntervalSet, right: IntervalSet) -> bool:
    """Return whether every integer of `right` is in `left`."""
    return not difference(right, left)


def overlaps(left: IntervalSet, right: IntervalSet) -> bool:
    """Return whether the two sets share an integer."""
    return any(a[0] <= b[1] and b[0] <= a[1] for a in left for b in right)
