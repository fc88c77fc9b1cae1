"""
Sets of columns, each distinct one kept once.

The columns are the profiles, then the external classes, then the domain names.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from firedoor.engine.reach.profiles import NamedPorts


Number = TypeVar("Number", np.int32, np.int64)

NOBODY: NDArray[np.int32] = np.zeros(0, dtype=np.int32)
"""No columns."""
_NO_NUMBERS: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
_BITS = 32
"""The bits of a column's number: sets that hold more than one of so many columns are kept as one bit for each."""


class Peers(Struct, frozen=True, gc=False):
    """The columns that a rule's peers surely match, and those that they may match, as numbers of sets."""

    sets: ColumnSets
    sure_number: int
    maybe_number: int

    @property
    def sure(self) -> NDArray[np.int32]:
        """The columns that surely match, sorted."""
        return self.sets.arrays[self.sure_number]

    @property
    def maybe(self) -> NDArray[np.int32]:
        """The columns that match or do not, depending on what is unknown, sorted."""
        return self.sets.arrays[self.maybe_number]

    def may_hold(self, column: int) -> bool:
        """Return whether a column matches, surely or perhaps."""
        return self.sets.holds(self.sure_number, column) or self.sets.holds(self.maybe_number, column)


class ColumnSets:
    """Interned sorted arrays of columns; number 0 is all columns, number 1 none."""

    ALL = 0
    NONE = 1

    def __init__(
        self, columns: int, declared: Sequence[NamedPorts] = ((),), declaring: NDArray[np.int64] = _NO_NUMBERS
    ) -> None:
        """
        Start with the set of all columns, of which there is at least one, and the empty set.

        `declared` are named ports that pods have, none to begin with, and `declaring` says which
        of them the first columns have, which are pods; the rest has none.
        """
        self.declaring: NDArray[np.int32] = np.zeros(columns, dtype=np.int32)
        """For each column, which of `declared` it has."""
        self.declaring[: len(declaring)] = declaring
        self.declared = declared
        self.arrays = _Arrays(columns)
        """The sets by number, each a sorted array."""
        self._numbers: dict[bytes, int] = {}
        self._wide: dict[bytes, int] = {}
        """Sets by their columns; those that are smaller as one bit for each column, by these."""
        self.size = columns
        self.number(np.arange(columns, dtype=np.int32))
        self.number(NOBODY)

    def number(self, columns: NDArray[np.int32]) -> int:
        """Return the number of a set given as a sorted array."""
        if len(columns) * _BITS > self.size:
            mask = np.zeros(self.size, dtype=bool)
            mask[columns] = True
            return self._of_bits(np.packbits(mask).tobytes(), len(columns))
        key = columns.tobytes()
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = self.arrays.add(columns)
        return found

    def packed(self, bits: NDArray[np.uint8]) -> int:
        """Return the number of a set given as one bit for each of the first columns, as numpy packs them."""
        count = int(np.bitwise_count(bits).sum())
        if count * _BITS > self.size:
            return self._of_bits(bits.tobytes().ljust(-(-self.size // 8), b"\0"), count)
        return self.number(np.unpackbits(bits).nonzero()[0].astype(np.int32))

    def _of_bits(self, key: bytes, count: int) -> int:
        found = self._wide.get(key)
        if found is None:
            found = self._wide[key] = self.arrays.add_bits(key, count)
        return found

    def holds(self, number: int, column: int) -> bool:
        """Return whether a set holds a column."""
        return self.arrays.holds(number, column)

    def plain(self, number: int) -> Peers:
        """
        Return the peers that are all of a set, surely.

        They are not kept here: they hold these sets, and no collector sees through them, so that both would never go.
        """
        return Peers(self, number, self.NONE)

    def peers(self, sure: NDArray[np.int32], maybe: NDArray[np.int32] | None = None) -> Peers:
        """Return the peers with these columns."""
        if maybe is None or not len(maybe):
            return self.plain(self.number(sure))
        return Peers(self, self.number(sure), self.number(maybe))

    def union(self, numbers: list[int]) -> int:
        """Return the number of the union of several sets."""
        return self.number(distinct(np.concatenate([self.arrays[each] for each in numbers])))


class _Arrays:
    """Sorted arrays of columns; those kept as bits are spread when they are asked for."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._arrays: list[NDArray[np.int32] | None] = []
        self._bits: dict[int, bytes] = {}
        self.sizes: list[int] = []
        """How many columns each set holds."""

    def __len__(self) -> int:
        return len(self._arrays)

    def __getitem__(self, number: int) -> NDArray[np.int32]:
        found = self._arrays[number]
        if found is None:
            found = self._arrays[number] = self.mask(number).nonzero()[0].astype(np.int32)
        return found

    def holds(self, number: int, column: int) -> bool:
        """Return whether a set holds a column; none is spread for that."""
        bits = self._bits.get(number)
        if bits is not None:
            return bool(bits[column >> 3] >> (7 - (column & 7)) & 1)
        array = self[number]
        position = bisect_left(array, column)
        return position < len(array) and int(array[position]) == column

    def holding(self, numbers: Iterable[int], column: int) -> int:
        """Return one bit for each of several sets, whether it holds a column; a set may come several times."""
        found, bit = 0, 1
        place, shift = column >> 3, 7 - (column & 7)
        for number in numbers:
            bits = self._bits.get(number)
            if bits is None:
                found |= bit * self.holds(number, column)
            elif bits[place] >> shift & 1:
                found |= bit
            bit <<= 1
        return found

    def mask(self, number: int) -> NDArray[np.uint8]:
        """Return a set as one byte for each column, 1 for those that it holds."""
        bits = self._bits.get(number)
        if bits is not None:
            return np.unpackbits(np.frombuffer(bits, dtype=np.uint8), count=self._columns)
        found = np.zeros(self._columns, dtype=np.uint8)
        found[self[number]] = 1
        return found

    def add(self, columns: NDArray[np.int32]) -> int:
        """Add a set, and return its number."""
        self._arrays.append(columns)
        self.sizes.append(len(columns))
        return len(self._arrays) - 1

    def add_bits(self, bits: bytes, count: int) -> int:
        """Add a set of so many columns given as bits, and return its number."""
        self._bits[len(self._arrays)] = bits
        self._arrays.append(None)
        self.sizes.append(count)
        return len(self._arrays) - 1


def distinct(values: NDArray[Number]) -> NDArray[Number]:
    """Return the distinct values, sorted; on small arrays several times faster than numpy's own way."""
    if not len(values):
        return values
    ordered = np.sort(values)
    is_first = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return ordered[is_first]


def ranges(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for ranges, one after the other, the number of the range and every position in it."""
    which = np.repeat(np.arange(len(starts)), lengths)
    return which, np.arange(len(which)) + np.repeat(starts - np.cumsum(lengths) + lengths, lengths)
