"""Counts of pairs of values, kept in a table or sorted."""

from __future__ import annotations

import numpy as np
import pytest

from firedoor.engine.reach import tally
from firedoor.engine.reach.tally import Tally


@pytest.mark.parametrize("most", [0, tally.MOST_CODES])
def test_weights_of_equal_pairs_add_up_and_are_taken_away(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "MOST_CODES", most)
    found = Tally(3, 4)
    firsts, seconds = np.asarray([2, 0, 2, 1]), np.asarray([3, 0, 3, 2])
    found.add(firsts, seconds, np.asarray([5, 7, 1 << 40, 2]))
    found.add(firsts[3:], seconds[3:], np.asarray([-2]))
    assert {pair: count for pair, count in found.items() if count} == {(2, 3): (1 << 40) + 5, (0, 0): 7}


def test_nothing_added_counts_nothing() -> None:
    found = Tally(3, 4)
    nothing = np.zeros(0, dtype=np.int64)
    found.add(nothing, nothing, nothing)
    assert not list(found.items())
