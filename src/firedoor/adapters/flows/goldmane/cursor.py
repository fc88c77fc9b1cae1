"""
What was read of a Goldmane: stretches of time, so that nothing is taken twice and nothing is left out.

It adds flows up in steps of 15 seconds, and tells each step once, in their order, when it is over. Within a step
flows have no order: those of the last ones are remembered one by one. All times are in seconds since 1970.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct, field

STEP = 15
HELD = 3540
"""So long it holds flows, less a minute; asked for what is older it may tell nothing at all."""
_OVERLAP = 2 * STEP
_MOST_STRETCHES = 64


class Mark(Struct, gc=False):
    """What a later import needs to go on: stretches that are not later than others first, and what came last."""

    stretches: list[tuple[int, int]] = field(default_factory=list)
    recent: dict[int, int] = field(default_factory=dict)


class Cursor:
    """The mark of a source, and where its stream is."""

    def __init__(self, mark: bytes = b"") -> None:
        """Go on from a mark; raises ``msgspec.DecodeError`` where it is none."""
        self._mark = msgspec.msgpack.decode(mark, type=Mark) if mark else Mark()
        self._asked = self._newest = 0

    def mark(self) -> bytes:
        """Return what a later import needs to go on from here."""
        return msgspec.msgpack.encode(self._mark)

    @property
    def last(self) -> int:
        """The end of the last stretch; 0 where there is none."""
        return self._mark.stretches[-1][1] if self._mark.stretches else 0

    def since(self, base: int) -> int:
        """Return from when flows have to be asked for, so that none from `base` on is left out."""
        for first, last in self._mark.stretches:
            if first <= base < last:
                base = last
        return base

    def until(self, first: int, last: int) -> int:
        """Return the end of what is not known from `first` on, `last` at most."""
        return min((each[0] for each in self._mark.stretches if first < each[0] < last), default=last)

    def has_single(self, first: int, last: int) -> bool:
        """Return whether single flows are known of a time that was not read as a whole."""
        return any(first <= start < last for start in self._mark.recent.values())

    def knows(self, found: int) -> bool:
        """Return whether a single flow of the last steps was taken."""
        return found in self._mark.recent

    def begin(self, since: int) -> None:
        """Begin a stream of all there is from a time on."""
        self._asked = self._newest = since

    def takes(self, start: int, found: int) -> bool:
        """Go on to a flow of the step that begins then, told apart by a hash; return whether it is new."""
        if start > self._newest:
            self._newest = start
            self.read(self._asked, start - _OVERLAP)
        if start < self._asked or self.since(start) != start or found in self._mark.recent:
            return False
        self._mark.recent[found] = start
        return True

    def read(self, first: int, last: int) -> None:
        """Take note that all of a time was read."""
        if last <= first:
            return
        apart = []
        for each in self._mark.stretches:
            if each[1] < first or each[0] > last:
                apart.append(each)
            else:
                first, last = min(first, each[0]), max(last, each[1])
        self._mark.stretches = sorted((*apart, (first, last)))[-_MOST_STRETCHES:]
        recent = self._mark.recent
        for found in [found for found, start in recent.items() if first <= start < last]:
            del recent[found]
