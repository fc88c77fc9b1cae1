from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from firedoor.algebra.intervals import IntervalSet, canonical, contains, covers, difference, overlaps

PAIRS = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=5)


def _numbers(intervals: IntervalSet) -> set[int]:
    return {number for first, last in intervals for number in range(first, last + 1)}


@given(PAIRS)
def test_a_canonical_set_holds_the_same_integers_with_a_hole_between_any_two_intervals(
    pairs: list[tuple[int, int]],
) -> None:
    found = canonical(pairs)
    assert _numbers(found) == _numbers(tuple(pairs))
    assert all(left[1] + 1 < right[0] for left, right in pairwise(found))


@given(PAIRS, PAIRS, st.integers(0, 20))
def test_operations_are_those_of_sets_of_integers(
    left: list[tuple[int, int]], right: list[tuple[int, int]], value: int
) -> None:
    one, other = canonical(left), canonical(right)
    assert _numbers(difference(one, other)) == _numbers(one) - _numbers(other)
    assert difference(one, other) == canonical(difference(one, other))
    assert covers(one, other) is (_numbers(one) >= _numbers(other))
    assert overlaps(one, other) is bool(_numbers(one) & _numbers(other))
    assert contains(one, value) is (value in _numbers(one))
