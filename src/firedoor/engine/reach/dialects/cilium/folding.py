"""The rows of several matrices as one: what is true in all of them is sure."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.reach.allpairs import AllPairs
from firedoor.engine.reach.matrix import DirectionMatrix
from firedoor.engine.reach.values import Value, ValueTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from firedoor.engine.reach.programs import Program


class FoldedMatrix(DirectionMatrix):
    """The rows of a matrix, into which those of others are folded at some columns."""

    def __init__(self, base: DirectionMatrix, others: Sequence[tuple[DirectionMatrix, NDArray[np.bool_]]]) -> None:
        """Fold `others`, each at the columns of its mask, into `base`."""
        self._base = base
        self._others = others
        self.layering = base.layering
        self.sets = base.sets
        self.everything = base.everything
        self.table = ValueTable()
        self.programs: list[Program] = []
        """The programs of `base`, one for each row."""
        self._rows = {}
        self._folded: list[tuple[int, ...]] = []
        numbers: dict[tuple[int, ...], int] = {}
        self.program_of = np.zeros(len(base.program_of), dtype=np.int32)
        for profile, own in enumerate(base.program_of.tolist()):
            key = (own, *(int(matrix.program_of[profile]) for matrix, _ in others))
            number = numbers.setdefault(key, len(numbers))
            if number == len(self._folded):
                self._folded.append(key)
                self.programs.append(base.programs[own])
            self.program_of[profile] = number

    @cached_property
    def pairs(self) -> AllPairs:
        """All rows at once."""
        return FoldedPairs(self)

    @property
    def columns(self) -> NDArray[np.int64]:
        """The columns at which something is folded in, sorted."""
        return np.flatnonzero(np.any([mask for _, mask in self._others], axis=0))

    def evaluate(self, number: int) -> NDArray[np.int32]:
        """Return what `row` returns, without keeping it."""
        own, *folded = self._folded[number]
        row = self._base.evaluate(own)
        numbers = {each: self.table.number(self._base.table.values[each]) for each in np.unique(row).tolist()}
        found = np.zeros(int(row.max()) + 1, dtype=np.int32)
        found[list(numbers)] = list(numbers.values())
        found = found[row]
        for (matrix, mask), program in zip(self._others, folded, strict=True):
            codes = found[mask].astype(np.int64) << 32 | matrix.evaluate(program)[mask]
            distinct, inverse = np.unique(codes, return_inverse=True)
            joined = [
                self.table.number(all_of((self.table.values[code >> 32], matrix.table.values[code & 0xFFFFFFFF])))
                for code in distinct.tolist()
            ]
            found[mask] = np.asarray(joined, dtype=np.int32)[inverse]
        return found


class FoldedPairs(AllPairs):
    """All pairs of a folded matrix: those of its programs, and what is folded in as exceptions."""

    def __init__(self, matrix: FoldedMatrix) -> None:
        """Evaluate all rows at the columns at which something is folded in."""
        super().__init__(matrix)
        columns = matrix.columns
        is_kept = ~np.isin(self.columns, columns)
        rows, found, numbers = [self.rows[is_kept]], [self.columns[is_kept]], [self.numbers[is_kept]]
        for row in np.flatnonzero(~self.is_whole()).tolist():
            values = matrix.evaluate(row)[columns]
            differs = values != self.base[row, self.pattern_of[columns]]
            rows.append(np.full(int(differs.sum()), row, dtype=np.int64))
            found.append(columns[differs])
            numbers.append(values[differs])
        order = np.lexsort((np.concatenate(found), np.concatenate(rows)))
        self.rows = np.concatenate(rows)[order]
        self.columns = np.concatenate(found)[order]
        self.numbers = np.concatenate(numbers)[order]
        self._keys = self.rows * self.size + self.columns
        self._starts = np.searchsorted(self.rows, np.arange(len(self.base) + 1))


def all_of(values: Iterable[Value]) -> Value:
    """Return what is surely accepted under all of several possibilities, and possibly under any."""
    sure, possible = -1, 0
    for value in values:
        sure, possible = sure & value[0], possible | value[1]
    return sure, possible
