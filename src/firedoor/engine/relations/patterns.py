"""Columns by what matches them: those that the same terms match are told apart by nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.reach.columns import ColumnSets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

WORD = 63
"""Terms whose matches fit one word."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """
    The distinct combinations of terms that match columns.

    Bit j of ``masks[p]`` says whether term j matches the columns of pattern p. The columns that some term
    tells from others are `told`, sorted, with the pattern of each in `numbers`; all others have the pattern
    `rest`, and there is none of them where that is -1.
    """

    masks: tuple[int, ...]
    size: int
    told: NDArray[np.int64]
    numbers: NDArray[np.int64]
    rest: int

    @property
    def of_column(self) -> NDArray[np.int64]:
        """The pattern of each column."""
        found = np.full(self.size, self.rest, dtype=np.int64)
        found[self.told] = self.numbers
        return found

    def of(self, columns: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the patterns of some columns."""
        if not len(self.told):
            return np.full(len(columns), self.rest, dtype=np.int64)
        places = np.minimum(np.searchsorted(self.told, columns), len(self.told) - 1)
        return np.where(self.told[places] == columns, self.numbers[places], self.rest)

    def columns(self, pattern: int) -> NDArray[np.int64]:
        """Return the columns of a pattern, sorted."""
        if pattern == self.rest:
            return np.flatnonzero(self.of_column == pattern)
        found: NDArray[np.int64] = self.told[self.numbers == pattern]
        return found


def patterns(sets: ColumnSets, terms: Sequence[int]) -> Patterns:
    """Return the patterns of terms that are given by the numbers of their column sets."""
    is_told = np.zeros(sets.size, dtype=bool)
    for number in set(terms) - {ColumnSets.ALL}:
        is_told[sets.arrays[number]] = True
    told = np.flatnonzero(is_told)
    # One column stands for all that no term tells apart.
    whole = len(told) == sets.size
    codes = np.zeros(len(told) + (not whole), dtype=np.int64)
    masks = [0]
    for start in range(0, len(terms), WORD):
        words = np.zeros(sets.size, dtype=np.int64)
        always = 0
        for bit, number in enumerate(terms[start : start + WORD]):
            if number == ColumnSets.ALL:
                always |= 1 << bit
            else:
                words[sets.arrays[number]] |= 1 << bit
        asked = words[told] if whole else np.append(words[told], 0)
        distinct, inverse = np.unique(asked | always, return_inverse=True)
        if not start:
            codes, masks = inverse, distinct.tolist()
            continue
        # The patterns so far and this word together, numbered anew so that they stay small.
        pairs, codes = np.unique(codes * len(distinct) + inverse, return_inverse=True)
        masks = [masks[pair // len(distinct)] | int(distinct[pair % len(distinct)]) << start for pair in pairs.tolist()]
    return Patterns(tuple(masks), sets.size, told, codes[: len(told)], -1 if whole else int(codes[-1]))
