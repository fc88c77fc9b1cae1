"""
What a direction says about the ports of a pair, as small interned numbers.

A value is two port masks: those surely accepted, and those possibly accepted. They
differ only where something that decides is unknown.
"""

from __future__ import annotations

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


def both(first: Value, second: Value) -> Value:
    """Return what two directions together accept."""
    return first[0] & second[0], first[1] & second[1]
