"""How many pairs have which values in the two directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

MOST_CODES = 1 << 18
"""Pairs of values that are counted in a table, and not sorted."""


class Tally:
    """
    Counts of pairs of numbers, each below a width.

    Sums stay exact up to 2 ** 53, which is more than the pairs of ninety million pods.
    """

    def __init__(self, firsts: int, seconds: int) -> None:
        """Start with no counts."""
        self._seconds = seconds
        self._size = firsts * seconds
        self._counts: dict[int, int] = {}

    def add(self, firsts: Integers, seconds: Integers, weights: Integers) -> None:
        """Add weights to the counts of pairs; less than nothing takes away."""
        codes = firsts * self._seconds + seconds
        if self._size <= MOST_CODES:
            sums = np.bincount(codes, weights=weights)
            distinct = np.flatnonzero(sums)
            found = sums[distinct]
        else:
            distinct, inverse = np.unique(codes, return_inverse=True)
            found = np.bincount(inverse, weights=weights)
        for code, count in zip(distinct.tolist(), found.tolist(), strict=True):
            self._counts[code] = self._counts.get(code, 0) + int(count)

    def items(self) -> Iterator[tuple[tuple[int, int], int]]:
        """Yield the pairs of numbers with their counts."""
        return ((divmod(code, self._seconds), count) for code, count in self._counts.items())
