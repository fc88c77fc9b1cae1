"""Profiles are told apart by what the policies on them say, and by nothing else."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from firedoor.engine.reach.selecting import Selecting

POLICIES = 4


@given(
    st.lists(st.frozensets(st.integers(0, 2 * POLICIES - 1), max_size=4), max_size=9),
    st.lists(st.integers(0, POLICIES - 1), min_size=POLICIES, max_size=POLICIES).map(sorted),
    st.frozensets(st.integers(0, POLICIES - 1)),
)
def test_profiles_have_one_number_where_their_policies_say_the_same(
    selected: list[frozenset[int]], contents: list[int], asking: frozenset[int]
) -> None:
    pairs = [(holder, code) for holder, codes in enumerate(selected) for code in codes]
    holders, codes = np.asarray(pairs, dtype=np.int64).reshape(-1, 2).T
    numbers, asks = Selecting(codes, holders, len(selected)).groups(contents, asking)
    said = [frozenset((contents[code >> 1], code & 1) for code in own) for own in selected]
    known: dict[frozenset[tuple[int, int]], int] = {}
    assert numbers.tolist() == [known.setdefault(each, len(known)) for each in said]
    assert asks.tolist() == [any(content in asking for content, _ in each) for each in said]
