"""
What a direction says about the ports of a pair, as small interned numbers.

A value is two port masks: those surely accepted, and those possibly accepted. They
differ only where something that decides is unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Value = tuple[int, int]
"""``(surely accepted, possibly accepted)``; the first is a subset of the second."""

DENIED: Value = (0, 0)


class ValueTable:
    """Interned values; arrays hold their numbers. Number 0 is `DENIED`."""

    def __init__(self) -> None:
        """Start with the value that accepts nothing."""
        self.values: list[Value] = [DENIED]
        self._numbers: dict[Value, int] = {DENIED: 0}

    def number(self, value: Value) -> int:
        """Return the number of a value."""
        found = self._numbers.get(value)
        if found is None:
            found = self._numbers[value] = len(self.values)
            self.values.append(value)
        return found

    def accept(self, numbers: NDArray[np.int32], columns: NDArray[np.int32], value: Value) -> None:
        """Add `value` to the entries of `numbers` at `columns`, in place."""
        if not len(columns):
            return
        old = numbers[columns]
        table = np.zeros(int(old.max()) + 1, dtype=np.int32)
        for each in np.unique(old).tolist():
            sure, possible = self.values[each]
            table[each] = self.number((sure | value[0], possible | value[1]))
        numbers[columns] = table[old]


def both(first: Value, second: Value) -> Value:
    """Return what two directions together accept."""
    return first[0] & second[0], first[1] & second[1]
