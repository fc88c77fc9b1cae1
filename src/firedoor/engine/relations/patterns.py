"""Columns by what matches them: those that the same terms match are told apart by nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.reach.matrix import WORD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from firedoor.engine.reach.columns import ColumnSets


@dataclass(frozen=True, slots=True)
class Patterns:
    """
    The distinct combinations of terms that match columns.

    Bit j of ``masks[p]`` says whether term j matches the columns of pattern p;
    ``of_column`` has the pattern of each column.
    """

    masks: tuple[int, ...]
    of_column: NDArray[np.int32]

    def columns(self, pattern: int) -> NDArray[np.int64]:
        """Return the columns of a pattern, sorted."""
        return np.flatnonzero(self.of_column == pattern)


def patterns(sets: ColumnSets, terms: Sequence[int]) -> Patterns:
    """Return the patterns of terms that are given by the numbers of their column sets."""
    codes = np.zeros(sets.size, dtype=np.int64)
    masks = [0]
    for start in range(0, len(terms), WORD):
        words = np.zeros(sets.size, dtype=np.int64)
        for bit, number in enumerate(terms[start : start + WORD]):
            words[sets.arrays[number]] |= 1 << bit
        distinct, inverse = np.unique(words, return_inverse=True)
        if not start:
            codes, masks = inverse, distinct.tolist()
            continue
        # The patterns so far and this word together, numbered anew so that they stay small.
        pairs, codes = np.unique(codes * len(distinct) + inverse, return_inverse=True)
        masks = [masks[pair // len(distinct)] | int(distinct[pair % len(distinct)]) << start for pair in pairs.tolist()]
    return Patterns(tuple(masks), codes.astype(np.int32))
