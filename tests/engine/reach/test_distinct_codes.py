from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.engine.reach.classes import distinct


@pytest.mark.parametrize("spread", [1, 10_000])
@given(st.lists(st.integers(0, 60), min_size=1, max_size=30))
def test_codes_are_numbered_as_numpy_does_whether_few_or_far_apart(spread: int, values: list[int]) -> None:
    codes = np.asarray(values, dtype=np.int64) * spread
    found, numbers = distinct(codes, 61 * spread)
    expected, places = np.unique(codes, return_inverse=True)
    assert found.tolist() == expected.tolist()
    assert numbers.tolist() == places.tolist()
