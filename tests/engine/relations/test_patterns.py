"""Patterns of columns, beside those that each column has by itself."""

from __future__ import annotations

import random

import numpy as np
import pytest

from firedoor.engine.reach.columns import ColumnSets
from firedoor.engine.relations.patterns import WORD, patterns


@pytest.mark.parametrize("terms", [0, 1, WORD, WORD + 1, 3 * WORD])
def test_each_column_has_the_terms_that_hold_it(terms: int) -> None:
    chance = random.Random(terms)
    sets = ColumnSets(20)
    columns = [sorted(chance.sample(range(20), chance.randrange(20))) for _ in range(terms)]
    found = patterns(sets, [sets.number(np.asarray(each, dtype=np.int32)) for each in columns])
    told = [found.masks[each] for each in found.of_column.tolist()]
    assert told == [sum(1 << bit for bit, each in enumerate(columns) if column in each) for column in range(20)]
    assert len(set(found.masks)) == len(found.masks)
    asked = np.asarray([0, 7, 7, 19])
    assert found.of(asked).tolist() == found.of_column[asked].tolist()
    for pattern in range(len(found.masks)):
        assert found.columns(pattern).tolist() == np.flatnonzero(found.of_column == pattern).tolist()
    assert found.columns(int(found.of_column[0])).tolist() == [each for each in range(20) if told[each] == told[0]]


def test_terms_that_match_everything_and_such_that_match_all_but_together() -> None:
    sets = ColumnSets(4)
    halves = [sets.number(np.asarray(each, dtype=np.int32)) for each in ([0, 1], [2, 3])]
    found = patterns(sets, [ColumnSets.ALL, *halves])
    assert [found.masks[each] for each in found.of_column.tolist()] == [3, 3, 5, 5]
    assert (found.rest, found.of(np.asarray([0, 3])).tolist()) == (-1, found.of_column[[0, 3]].tolist())
    alone = patterns(sets, [ColumnSets.ALL])
    assert (alone.masks, alone.columns(0).tolist(), alone.of(np.asarray([2])).tolist()) == ((1,), [0, 1, 2, 3], [0])
