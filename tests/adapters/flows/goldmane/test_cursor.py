"""Stretches of time that were read: however a stream is cut, each flow is taken once, and none is left out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from firedoor.adapters.flows.goldmane.cursor import STEP, Cursor

BASE = 1000 * STEP
FLOWS = [(BASE + step * STEP, step * 10 + number) for step in range(12) for number in range(3)]
"""Three flows in each step, in the order in which they are told."""


def streamed(cursor: Cursor, base: int, most: int) -> list[int]:
    """Return what is new in a stream that is cut after so many flows."""
    since = cursor.since(base)
    cursor.begin(since)
    told = [each for each in FLOWS if each[0] >= since][:most]
    return [found for start, found in told if cursor.takes(start, found)]


@given(st.lists(st.integers(0, 40), max_size=8), st.lists(st.tuples(st.integers(0, 11), st.integers(1, 6)), max_size=3))
def test_each_flow_is_taken_once(cuts: list[int], pieces: list[tuple[int, int]]) -> None:
    cursor = Cursor()
    taken: list[int] = []
    for first, steps in pieces:
        at, end = BASE + first * STEP, BASE + min(first + steps, 12) * STEP
        while (at := cursor.since(at)) < end:
            until = cursor.until(at, end)
            taken += [found for start, found in FLOWS if at <= start < until]
            cursor.read(at, until)
    for cut in cuts:
        taken += streamed(cursor, BASE, cut)
        cursor = Cursor(cursor.mark())
    taken += streamed(cursor, BASE, len(FLOWS))
    assert sorted(taken) == sorted(found for _, found in FLOWS)


def test_what_came_last_is_known_one_by_one_until_its_time_was_read() -> None:
    cursor = Cursor()
    assert streamed(cursor, BASE, len(FLOWS)) == [found for _, found in FLOWS]
    last = FLOWS[-1]
    assert cursor.knows(last[1])
    assert cursor.has_single(last[0], last[0] + STEP)
    cursor.read(BASE, last[0] + STEP)
    assert not cursor.has_single(BASE, last[0] + STEP)
    assert cursor.since(BASE) == cursor.last == last[0] + STEP
    cursor.read(5, 5)
    assert cursor.since(5) == 5
