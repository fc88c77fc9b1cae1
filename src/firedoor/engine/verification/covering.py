"""The greedy cover: one candidate after the other that shows most of what is not shown yet."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

T = TypeVar("T")


def cover(shows: Mapping[T, Sequence[int]], liked: Mapping[T, int]) -> list[T]:
    """
    Return candidates that together show all that any of them shows, those that add most first.

    Among those that add as much the one that is liked more (a smaller number) comes first, and
    then the one that stands first.
    """
    candidates = list(shows)
    left = {goal for goals in shows.values() for goal in goals}
    heap = [(-len(shows[each]), liked[each], number) for number, each in enumerate(candidates)]
    heapq.heapify(heap)
    chosen: list[T] = []
    while left:
        promised, like, number = heapq.heappop(heap)
        # What a candidate adds only shrinks: one that still adds most is the best of all.
        adds = left.intersection(shows[candidates[number]])
        if -len(adds) == promised:
            chosen.append(candidates[number])
            left -= adds
        elif adds:
            heapq.heappush(heap, (-len(adds), like, number))
    return chosen
