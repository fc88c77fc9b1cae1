"""
Sets of columns, each distinct one kept once.

The columns are the profiles, then the external classes, then the domain names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from firedoor.engine.reach.profiles import NamedPorts


Number = TypeVar("Number", np.int32, np.int64)

NOBODY: NDArray[np.int32] = np.zeros(0, dtype=np.int32)
"""No columns."""


class ColumnSets:
    """Interned sorted arrays of columns; number 0 is all columns, number 1 none."""

    ALL = 0
    NONE = 1

    def __init__(self, columns: int, declared: Iterable[NamedPorts]) -> None:
        """
        Start with the set of all columns, of which there is at least one, and the empty set.

        `declared` are the named ports of the first columns, which are pods; the rest has none.
        """
        numbers: dict[NamedPorts, int] = {(): 0}
        found = [numbers.setdefault(ports, len(numbers)) for ports in declared]
        self.declaring: NDArray[np.int32] = np.zeros(columns, dtype=np.int32)
        """For each column, which of `declared` it has."""
        self.declaring[: len(found)] = found
        self.declared: tuple[NamedPorts, ...] = tuple(numbers)
        self.arrays: list[NDArray[np.int32]] = []
        self._numbers: dict[bytes, int] = {}
        self.size = columns
        self.number(np.arange(columns, dtype=np.int32))
        self.number(NOBODY)

    def number(self, columns: NDArray[np.int32]) -> int:
        """Return the number of a set given as a sorted array."""
        key = columns.tobytes()
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self.arrays)
            self.arrays.append(columns)
        return found

    def holds(self, number: int, column: int) -> bool:
        """Return whether a set holds a column."""
        array = self.arrays[number]
        position = int(np.searchsorted(array, column))
        return position < len(array) and int(array[position]) == column

    def peers(self, sure: NDArray[np.int32], maybe: NDArray[np.int32] | None = None) -> Peers:
        """Return the peers with these columns."""
        return Peers(self, self.number(sure), self.NONE if maybe is None else self.number(maybe))

    def union(self, numbers: list[int]) -> int:
        """Return the number of the union of several sets."""
        return self.number(distinct(np.concatenate([self.arrays[each] for each in numbers])))


def distinct(values: NDArray[Number]) -> NDArray[Number]:
    """Return the distinct values, sorted; on small arrays several times faster than numpy's own way."""
    if not len(values):
        return values
    ordered = np.sort(values)
    is_first = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return ordered[is_first]


@dataclass(frozen=True, slots=True)
class Peers:
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
