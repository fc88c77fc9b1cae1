"""
All pairs of one direction as a base and exceptions: exact, complete, and far smaller than a matrix.

Few sets of columns are large. Which of those a column is in is its pattern; a row has
one value for each pattern, its base. Small sets make single columns differ from it:
these are the exceptions. Rows of large sets that few others share are kept whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.reach.columns import ColumnSets
from firedoor.engine.reach.programs import judge, terms_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from firedoor.engine.reach.matrix import DirectionMatrix
    from firedoor.engine.reach.programs import Program

SMALL = 128
"""Sets of up to so many columns are never large."""
FRACTION = 64
"""Nor are those that hold less than this part of the columns."""
MOST_PATTERNS = 64
MOST_SHORT = 1 << 16
MOST_SMALL = 62
"""Rows of more small sets than fit a word are kept whole."""


class AllPairs:
    """The values of all rows of a matrix for all columns."""

    def __init__(self, matrix: DirectionMatrix) -> None:
        """Evaluate all rows."""
        self._matrix = matrix
        self._everything = matrix.everything
        self.table = matrix.table
        self.size = matrix.sets.size
        plan = _Plan(matrix.programs, matrix.sets)
        self.pattern_of = plan.pattern_of
        """The pattern of each column."""
        self.patterns = len(plan.patterns)
        self.base: NDArray[np.int32] = np.zeros((len(matrix.programs), self.patterns), dtype=np.int32)
        """The values of rows for patterns, shape ``(rows, patterns)``; those of whole rows mean nothing."""
        self._fill_base(plan)
        self.rows: NDArray[np.int64]
        self.columns: NDArray[np.int64]
        self.numbers: NDArray[np.int32]
        self.rows, self.columns, self.numbers = self._exceptions(plan)
        """The exceptions: row, column and value of each, sorted by row and column."""
        self._whole_rows = np.asarray(sorted(plan.whole), dtype=np.int64)
        self._whole: NDArray[np.uint16 | np.uint32] = self._evaluated(plan)
        self._keys = self.rows * self.size + self.columns
        self._starts = np.searchsorted(self.rows, np.arange(len(matrix.programs) + 1))

    def row(self, row: int) -> NDArray[np.int32]:
        """Return the values of one row for all columns, shape ``(columns,)``."""
        position = int(np.searchsorted(self._whole_rows, row))
        if position < len(self._whole_rows) and int(self._whole_rows[position]) == row:
            whole: NDArray[np.int32] = self._whole[position].astype(np.int32)
            return whole
        found: NDArray[np.int32] = self.base[row][self.pattern_of]
        own = slice(int(self._starts[row]), int(self._starts[row + 1]))
        found[self.columns[own]] = self.numbers[own]
        return found

    def is_whole(self) -> NDArray[np.bool_]:
        """Return which rows are kept whole, shape ``(rows,)``."""
        found = np.zeros(len(self.base), dtype=bool)
        found[self._whole_rows] = True
        return found

    def at(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the values of single cells, given as two arrays of the same shape."""
        found: NDArray[np.int32] = self.base[rows, self.pattern_of[columns]]
        if len(self._keys):
            keys = rows * self.size + columns
            positions = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
            hits = self._keys[positions] == keys
            found[hits] = self.numbers[positions[hits]]
        if len(self._whole_rows):
            places = np.minimum(np.searchsorted(self._whole_rows, rows), len(self._whole_rows) - 1)
            hits = self._whole_rows[places] == rows
            found[hits] = self._whole[places[hits], columns[hits]]
        return found

    def _evaluated(self, plan: _Plan) -> NDArray[np.uint16 | np.uint32]:
        """Return the values of the whole rows, one after the other; few values fit half the memory."""
        found: NDArray[np.uint16 | np.uint32] = np.zeros((len(plan.whole), self.size), dtype=np.uint16)
        for position, row in enumerate(self._whole_rows.tolist()):
            values = self._matrix.evaluate(row)
            if found.dtype == np.uint16 and len(self.table.values) > MOST_SHORT:
                found = found.astype(np.uint32)
            found[position] = values
        return found

    def _fill_base(self, plan: _Plan) -> None:
        for row, program in enumerate(plan.programs):
            if row in plan.whole:
                continue
            known: dict[int, int] = {}
            for pattern, held in enumerate(plan.patterns):
                relevant = held & plan.large_of_row[row]
                number = known.get(relevant)
                if number is None:
                    value = judge(program, plan.mask(row, held, 0), self._everything)
                    number = known[relevant] = self.table.number(value)
                self.base[row, pattern] = number

    def _exceptions(self, plan: _Plan) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
        rows, columns, words = plan.small_cells()
        patterns = self.pattern_of[columns]
        distinct_words, word_numbers = np.unique(words, return_inverse=True)
        codes = (rows * max(1, len(distinct_words)) + word_numbers) * self.patterns + patterns
        distinct, inverse = np.unique(codes, return_inverse=True)
        numbers = np.zeros(len(distinct), dtype=np.int32)
        for position, code in enumerate(distinct.tolist()):
            rest, pattern = divmod(code, self.patterns)
            row, word = divmod(rest, len(distinct_words))
            mask = plan.mask(row, plan.patterns[pattern], int(distinct_words[word]))
            numbers[position] = self.table.number(judge(plan.programs[row], mask, self._everything))
        found = numbers[inverse]
        differs = found != self.base[rows, patterns]
        return rows[differs], columns[differs], found[differs]


class _Plan:
    """Which sets of a matrix are large, and what each row is made of."""

    def __init__(self, programs: Sequence[Program], sets: ColumnSets) -> None:
        self.programs = programs
        self._sets = sets
        self._terms = [[term.columns for term in terms_of(program)] for program in programs]
        chosen, large = self._choose()
        self._bit = {number: 1 << position for position, number in enumerate(chosen)}
        codes = np.zeros(sets.size, dtype=np.int64)
        for number, bit in self._bit.items():
            codes[sets.arrays[number]] |= bit
        held, self.pattern_of = np.unique(codes, return_inverse=True)
        self.patterns: list[int] = held.tolist()
        self._always: list[int] = []
        self._large: list[list[tuple[int, int]]] = []
        self._small: list[list[tuple[int, int]]] = []
        self.large_of_row: list[int] = []
        self.whole: set[int] = set()
        for row, terms in enumerate(self._terms):
            self._add(row, terms, large)

    def _choose(self) -> tuple[list[int], set[int]]:
        """Return the large sets that make the patterns, the most used ones, and all large sets."""
        used: dict[int, int] = {}
        limit = max(SMALL, self._sets.size // FRACTION)
        sizes = [len(each) for each in self._sets.arrays]
        for terms in self._terms:
            for number in set(terms):
                if number != ColumnSets.ALL and sizes[number] > limit:
                    used[number] = used.get(number, 0) + 1
        chosen: list[int] = []
        codes = np.zeros(self._sets.size, dtype=np.int64)
        for number in sorted(used, key=lambda each: (-used[each], each)):
            if len(chosen) == MOST_SMALL:
                break
            more = codes.copy()
            more[self._sets.arrays[number]] |= 1 << len(chosen)
            if len(np.unique(more)) > MOST_PATTERNS:
                break
            chosen.append(number)
            codes = more
        return chosen, set(used)

    def _add(self, row: int, terms: list[int], large: set[int]) -> None:
        always, of_large, of_small = 0, 0, dict[int, int]()
        larges: list[tuple[int, int]] = []
        for position, number in enumerate(terms):
            bit = 1 << position
            if number == ColumnSets.ALL:
                always |= bit
            elif number in self._bit:
                of_large |= self._bit[number]
                larges.append((self._bit[number], bit))
            elif number in large:
                self.whole.add(row)
            else:
                of_small[number] = of_small.get(number, 0) | bit
        if len(of_small) > MOST_SMALL:
            self.whole.add(row)
        self._always.append(always)
        self._large.append(larges)
        self._small.append(list(of_small.items()))
        self.large_of_row.append(of_large)

    def mask(self, row: int, pattern: int, word: int) -> int:
        """Return the terms of a row that hold a column of a pattern that is in the small sets of `word`."""
        mask = self._always[row]
        for held, bit in self._large[row]:
            if pattern & held:
                mask |= bit
        small = self._small[row]
        while word:
            low = word & -word
            mask |= small[low.bit_length() - 1][1]
            word ^= low
        return mask

    def small_cells(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return the cells that small sets hold: row, column, and a word of the row's small sets there."""
        listed = [
            (row, position, self._sets.arrays[number])
            for row, small in enumerate(self._small)
            if row not in self.whole
            for position, (number, _) in enumerate(small)
        ]
        if not listed:
            empty = np.zeros(0, dtype=np.int64)
            return empty, empty, empty
        lengths = np.asarray([len(array) for _, _, array in listed])
        columns = np.concatenate([array for _, _, array in listed]).astype(np.int64)
        rows = np.repeat(np.asarray([row for row, _, _ in listed], dtype=np.int64), lengths)
        bits = np.repeat(np.left_shift(np.int64(1), [position for _, position, _ in listed]), lengths)
        keys = rows * self._sets.size + columns
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if len(keys) else np.zeros(0, dtype=np.int64)
        words = np.bitwise_or.reduceat(bits[order], starts) if len(keys) else bits
        return keys[starts] // self._sets.size, keys[starts] % self._sets.size, words
