"""
All pairs of one direction as a base and exceptions: exact, complete, and far smaller than a matrix.

Few sets of columns are large. Which of those a column is in is its pattern; a row has
one value for each pattern, its base. Small sets make single columns differ from it:
these are the exceptions. Rows of large sets that few others share are kept whole.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from firedoor.engine.reach.columns import ColumnSets, distinct
from firedoor.engine.reach.programs import judge

if TYPE_CHECKING:
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
_PLACES = 64
_COLUMNS, _SAYING = itemgetter(0), itemgetter(1, 2, 3)
"""The columns of a term, and the rest of it."""
_PLANE, _TIER, _RANK, _ALTERNATIVE = range(4)


class AllPairs:
    """The values of all rows of a matrix for all columns."""

    def __init__(self, matrix: DirectionMatrix) -> None:
        """Evaluate all rows; the matrix keeps this, and this must not keep the matrix: cycles go late."""
        self.table = matrix.table
        self.size = matrix.sets.size
        plan = _Plan(matrix)
        self.pattern_of = plan.pattern_of
        """The pattern of each column."""
        self.patterns = len(plan.patterns)
        self.base: NDArray[np.int32] = plan.base()
        """The values of rows for patterns, shape ``(rows, patterns)``; those of whole rows mean nothing."""
        self.rows: NDArray[np.int64]
        self.columns: NDArray[np.int64]
        self.numbers: NDArray[np.int32]
        self.rows, self.columns, self.numbers = self._exceptions(plan)
        """The exceptions: row, column and value of each, sorted by row and column."""
        self.whole_rows = np.asarray(sorted(plan.whole), dtype=np.int64)
        """The rows that are kept whole, sorted."""
        self.whole: NDArray[np.uint16 | np.uint32] = self._evaluated(matrix)
        """The values of these, shape ``(whole rows, columns)``."""
        self._whole_at = {row: position for position, row in enumerate(self.whole_rows.tolist())}
        self._keys = self.rows * self.size + self.columns
        self._starts = np.searchsorted(self.rows, np.arange(len(matrix.programs) + 1))

    def row(self, row: int) -> NDArray[np.int32]:
        """Return the values of one row for all columns, shape ``(columns,)``."""
        position = int(np.searchsorted(self.whole_rows, row))
        if position < len(self.whole_rows) and int(self.whole_rows[position]) == row:
            whole: NDArray[np.int32] = self.whole[position].astype(np.int32)
            return whole
        found: NDArray[np.int32] = self.base[row][self.pattern_of]
        own = slice(int(self._starts[row]), int(self._starts[row + 1]))
        found[self.columns[own]] = self.numbers[own]
        return found

    def cell(self, row: int, column: int) -> int:
        """Return the value of one cell."""
        if row in self._whole_at:
            return int(self.whole[self._whole_at[row], column])
        first, last = self._starts[row : row + 2].tolist()
        place = first + int(self.columns[first:last].searchsorted(column))
        if place < last and self.columns[place] == column:
            return int(self.numbers[place])
        return int(self.base[row, self.pattern_of[column]])

    def cells(self, width: int = 1) -> NDArray[np.uint16 | np.uint32]:
        """Return `width` times the values of all rows for all columns, one row after the other."""
        largest = len(self.table.values) * width
        size: type[np.uint16 | np.uint32] = np.uint16 if largest <= MOST_SHORT else np.uint32
        found: NDArray[Any] = self.base.astype(size)[:, self.pattern_of]
        found[self.rows, self.columns] = self.numbers
        found[self.whole_rows] = self.whole
        found *= size(width)
        return found.reshape(-1)

    def is_whole(self) -> NDArray[np.bool_]:
        """Return which rows are kept whole, shape ``(rows,)``."""
        found = np.zeros(len(self.base), dtype=bool)
        found[self.whole_rows] = True
        return found

    def at(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the values of single cells, given as two arrays of the same shape."""
        found: NDArray[np.int32] = self.base[rows, self.pattern_of[columns]]
        if len(self._keys):
            keys = rows * self.size + columns
            positions = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
            hits = self._keys[positions] == keys
            found[hits] = self.numbers[positions[hits]]
        if len(self.whole_rows):
            places = np.minimum(np.searchsorted(self.whole_rows, rows), len(self.whole_rows) - 1)
            hits = self.whole_rows[places] == rows
            found[hits] = self.whole[places[hits], columns[hits]]
        return found

    def having(self, wanted: NDArray[np.bool_], first: int, last: int) -> NDArray[np.bool_]:
        """Return which rows have any of the `wanted` values in a column from `first` up to `last`, that left out."""
        inside = (self.columns >= first) & (self.columns < last)
        rows, columns = self.rows[inside], self.columns[inside]
        patterns = self.pattern_of[first:last]
        # A row has its base where columns of the pattern are left that are no exceptions.
        excepted = np.bincount(rows * self.patterns + self.pattern_of[columns], minlength=self.base.size)
        left = np.bincount(patterns, minlength=self.patterns) - excepted.reshape(self.base.shape) > 0
        found = np.asarray((wanted[self.base] & left).any(axis=1))
        found[rows[wanted[self.numbers[inside]]]] = True
        for row, values in zip(self.whole_rows.tolist(), self.whole, strict=True):
            found[row] = wanted[values[first:last]].any()
        return found

    def _evaluated(self, matrix: DirectionMatrix) -> NDArray[np.uint16 | np.uint32]:
        """Return the values of the whole rows, one after the other; few values fit half the memory."""
        found: NDArray[np.uint16 | np.uint32] = np.zeros((len(self.whole_rows), self.size), dtype=np.uint16)
        for position, row in enumerate(self.whole_rows.tolist()):
            values = matrix.evaluate(row)
            if found.dtype == np.uint16 and len(self.table.values) > MOST_SHORT:
                found = found.astype(np.uint32)
            found[position] = values
        return found

    def _exceptions(self, plan: _Plan) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
        rows, columns, found = plan.exceptions()
        differs = found != self.base[rows, self.pattern_of[columns]]
        return rows[differs], columns[differs], found[differs]


class _Plan:
    """Which sets of a matrix are large, and what each row is made of."""

    def __init__(self, matrix: DirectionMatrix) -> None:
        self._programs = matrix.programs
        self._sets = matrix.sets
        self._everything = matrix.everything
        self._table = matrix.table
        self._sizes = np.asarray(matrix.sets.arrays.sizes, dtype=np.int64)
        shaped = [_shape(program) for program in matrix.programs]
        terms = [columns for columns, _ in shaped]
        known: dict[object, dict[int, int]] = {}
        self._known = [known.setdefault(shape, {}) for _, shape in shaped]
        """For each row the values of its terms so far; rows that differ in their columns alone share them."""
        chosen, large = self._choose(terms)
        self._bit = {number: 1 << position for position, number in enumerate(chosen)}
        codes = np.zeros(matrix.sets.size, dtype=np.int64)
        for number, bit in self._bit.items():
            codes[matrix.sets.arrays[number]] |= bit
        held, self.pattern_of = np.unique(codes, return_inverse=True)
        self.patterns: list[int] = held.tolist()
        self.whole: set[int] = set()
        self._always: list[int] = []
        self._large: list[list[tuple[int, int]]] = []
        """For each row the bits of its large sets in patterns, and those of the terms that have them."""
        self._small: list[dict[int, int]] = []
        """For each row its small sets, and the bits of the terms that have them."""
        for row, columns in enumerate(terms):
            self._add(row, columns, large)

    def _choose(self, terms: list[list[int]]) -> tuple[list[int], set[int]]:
        """Return the large sets that make the patterns, the most used ones, and all large sets."""
        limit = max(SMALL, self._sets.size // FRACTION)
        is_large = self._sizes > limit
        is_large[ColumnSets.ALL] = False
        large = set(np.flatnonzero(is_large).tolist())
        used: dict[int, int] = {}
        for columns in terms if large else ():
            for number in large.intersection(columns):
                used[number] = used.get(number, 0) + 1
        chosen: list[int] = []
        codes = np.zeros(self._sets.size, dtype=np.int64)
        for number in sorted(used, key=lambda each: (-used[each], each)):
            if len(chosen) == MOST_SMALL:
                break
            more = codes.copy()
            more[self._sets.arrays[number]] |= 1 << len(chosen)
            if len(distinct(more)) > MOST_PATTERNS:
                break
            chosen.append(number)
            codes = more
        return chosen, set(used)

    def _add(self, row: int, columns: list[int], large: set[int]) -> None:
        always, bit = 0, 1
        of_large: list[tuple[int, int]] = []
        of_small: dict[int, int] = {}
        for number in columns:
            if number == ColumnSets.ALL:
                always |= bit
            elif number not in large:
                of_small[number] = of_small.get(number, 0) | bit
            elif number in self._bit:
                of_large.append((self._bit[number], bit))
            else:
                self.whole.add(row)
            bit <<= 1
        if len(of_small) > MOST_SMALL:
            self.whole.add(row)
        self._always.append(always)
        self._large.append(of_large)
        self._small.append(of_small)

    def _mask(self, row: int, pattern: int) -> int:
        """Return the terms of a row that hold the columns of a pattern, small sets left out."""
        mask, held = self._always[row], self.patterns[pattern]
        for large, bit in self._large[row]:
            if held & large:
                mask |= bit
        return mask

    def _number(self, row: int, mask: int) -> int:
        """Return the value of a row where these terms match."""
        known = self._known[row]
        found = known.get(mask)
        if found is None:
            value = judge(self._programs[row], mask, self._everything)
            found = known[mask] = self._table.number(value)
        return found

    def base(self) -> NDArray[np.int32]:
        """Return the values of rows for patterns, shape ``(rows, patterns)``."""
        everywhere = [
            0 if large or row in self.whole else self._number(row, self._always[row])
            for row, large in enumerate(self._large)
        ]
        found = np.repeat(np.asarray(everywhere, dtype=np.int32)[:, None], len(self.patterns), axis=1)
        for row, large in enumerate(self._large):
            if large and row not in self.whole:
                found[row] = [self._number(row, self._mask(row, each)) for each in range(len(self.patterns))]
        return found

    def exceptions(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
        """Return the cells that small sets hold, sorted: row, column, and value."""
        rows_of = [row for row, small in enumerate(self._small) if row not in self.whole for _ in small]
        used = [number for row, small in enumerate(self._small) if row not in self.whole for number in small]
        if not used:
            empty = np.zeros(0, dtype=np.int64)
            return empty, empty, empty.astype(np.int32)
        rows = np.asarray(rows_of, dtype=np.int64)
        firsts = np.searchsorted(rows, np.arange(len(self._small)))
        places = np.arange(len(rows)) - firsts[rows]
        lengths = self._sizes[used]
        keys = np.repeat(rows * (self._sets.size * _PLACES) + places, lengths)
        keys += np.concatenate([self._sets.arrays[number] for number in used]) * np.int64(_PLACES)
        keys.sort()
        cells = keys // _PLACES
        starts = np.flatnonzero(np.diff(cells, prepend=-1))
        cells, places = cells[starts], keys[starts] % _PLACES
        rows, columns = np.divmod(cells, self._sets.size)
        numbers = self._alone(firsts[rows] + places, columns, rows_of)
        several = np.flatnonzero(np.diff(starts, append=len(keys)) > 1)
        if len(several):
            words = np.bitwise_or.reduceat(np.int64(1) << keys % _PLACES, starts)[several]
            numbers[several] = self._together(rows[several], words, self.pattern_of[columns[several]])
        return rows, columns, numbers

    def _alone(self, sets: NDArray[np.int64], columns: NDArray[np.int64], rows_of: list[int]) -> NDArray[np.int32]:
        """Return the values of cells that one small set holds, given as its position among those of all rows."""
        patterns = len(self.patterns)
        has_large = np.asarray([bool(each) for each in self._large])[rows_of]
        codes = sets * patterns + self.pattern_of[columns] * has_large[sets]
        numbers: NDArray[np.int32] = np.zeros(len(rows_of) * patterns, dtype=np.int32)
        numbers[codes] = 1
        bits = [bit for row, small in enumerate(self._small) if row not in self.whole for bit in small.values()]
        for code in np.flatnonzero(numbers).tolist():
            position, pattern = divmod(code, patterns)
            row = rows_of[position]
            numbers[code] = self._number(row, self._mask(row, pattern) | bits[position])
        found: NDArray[np.int32] = numbers[codes]
        return found

    def _together(
        self, rows: NDArray[np.int64], words: NDArray[np.int64], patterns: NDArray[np.int64]
    ) -> NDArray[np.int32]:
        """Return the values of cells that several small sets hold, those of the bits of a word."""
        distinct_words, word_numbers = np.unique(words, return_inverse=True)
        codes = (rows * len(distinct_words) + word_numbers) * len(self.patterns) + patterns
        different, inverse = np.unique(codes, return_inverse=True)
        numbers = np.zeros(len(different), dtype=np.int32)
        for position, code in enumerate(different.tolist()):
            rest, pattern = divmod(code, len(self.patterns))
            row, number = divmod(rest, len(distinct_words))
            mask, word = self._mask(row, pattern), int(distinct_words[number])
            for place, bit in enumerate(self._small[row].values()):
                if word >> place & 1:
                    mask |= bit
            numbers[position] = self._number(row, mask)
        found: NDArray[np.int32] = numbers[inverse]
        return found


def _shape(program: Program) -> tuple[list[int], tuple[object, ...]]:
    """Return the columns of all terms, and what else a program is made of."""
    columns: list[int] = []
    shape: list[object] = []
    for plane in program:
        shape.append(_PLANE)
        for tier in plane:
            shape.append(_TIER)
            for rank in tier:
                shape.append(_RANK)
                for alternative in rank:
                    shape.append(_ALTERNATIVE)
                    columns += map(_COLUMNS, alternative)
                    shape += map(_SAYING, alternative)
    return columns, tuple(shape)
