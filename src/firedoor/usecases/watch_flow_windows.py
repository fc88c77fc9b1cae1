"""What happens again and again is told at once, and then with its count when some time is over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

Item = TypeVar("Item")

WINDOW = 600 * 10**9
"""So many nanoseconds must lie between two times that the same thing is told."""
MOST = 1000
"""So many things are told apart in this time; what comes beside them is counted."""


@dataclass(slots=True)
class _Repeated(Generic[Item]):
    item: Item
    began: int
    pending: int = 0


class Windows(Generic[Item]):
    """Counts what was told already, of no more than some things."""

    def __init__(self, length: int = WINDOW, most: int = MOST) -> None:
        """Nothing was told yet."""
        self._length = length
        self._most = most
        self._found: dict[Hashable, _Repeated[Item]] = {}
        self._others = 0
        self._counted: int | None = None

    def take(self, key: Hashable, item: Item, count: int, now: int) -> bool:
        """Return whether something is to be told now; otherwise it is counted."""
        known = self._found.get(key)
        if known is not None:
            known.item = item
            known.pending += count
            return False
        if len(self._found) >= self._most:
            self._others += count
            if self._counted is None:
                self._counted = now
            return False
        self._found[key] = _Repeated(item, now)
        return True

    def due(self, now: int, *, is_end: bool = False) -> Iterator[tuple[Item, int]]:
        """Yield what is to be told again, and how often it happened since; all of it where this is the end."""
        for key, each in list(self._found.items()):
            if now - each.began < self._length and not is_end:
                continue
            if each.pending:
                yield each.item, each.pending
                each.began, each.pending = now, 0
            else:
                del self._found[key]

    def others(self, now: int, *, is_end: bool = False) -> int:
        """Return how much else there was that was not told apart, when it is time to tell that."""
        if self._counted is None or (now - self._counted < self._length and not is_end):
            return 0
        count, self._others, self._counted = self._others, 0, None
        return count
