"""
What was read of each node: stretches of time, so that nothing is taken twice and nothing is left out.

A node tells its flows in the order of their time, a stream of several nodes does not: each has a place of its
own. What is told of a stretch that was read is known; close to its end, where flows may come out of
order, those that were taken are remembered one by one.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Struct, field

OVERLAP = 30_000_000_000
"""For so many nanoseconds before the end of a stretch its flows are remembered one by one, and asked for again."""

MOST_REMEMBERED = 1 << 17
_MOST_STRETCHES = 8
_MOST_NODES = 10_000
_NEVER = 1 << 63


class Stretch(Struct, gc=False):
    """
    A time of which all that a node still told was read, in nanoseconds since 1970.

    What is not later than `floor` is known without being remembered.
    """

    first: int
    last: int
    floor: int = 0

    @property
    def horizon(self) -> int:
        """Up to when all that is told is known."""
        return max(self.floor, self.last - OVERLAP)


class Gap(Struct, frozen=True, gc=False):
    """A time of which a node no longer had what was asked for."""

    node: str
    first: int
    last: int


class Mark(Struct, gc=False):
    """What a later import needs to go on: stretches by node, what came last, and which nodes were heard from."""

    nodes: dict[str, list[Stretch]] = field(default_factory=dict)
    recent: dict[int, tuple[str, int]] = field(default_factory=dict)
    alive: list[str] = field(default_factory=list)


class _Place:
    """Where the stream of a node is: at a time of a stretch, and when the next stretch begins."""

    __slots__ = ("at", "following", "stretch")

    def __init__(self, at: int, stretch: Stretch, following: int) -> None:
        self.at = at
        self.stretch = stretch
        self.following = following


class Cursor:
    """The mark of a source, and where the streams of its nodes are."""

    def __init__(self, mark: bytes = b"") -> None:
        """Go on from a mark; raises ``msgspec.DecodeError`` where it is none."""
        self._mark = msgspec.msgpack.decode(mark, type=Mark) if mark else Mark()
        self._alive = set(self._mark.alive)
        self._places: dict[str, _Place] = {}
        self._asked: int | None = None
        self.gaps: list[Gap] = []

    def mark(self) -> bytes:
        """Return what a later import needs to go on from here."""
        nodes, recent = self._mark.nodes, self._mark.recent
        for found, (node, time) in list(recent.items()):
            stretch = self._around(node, time) or self._latest(node)
            if stretch is not None and time <= stretch.horizon:
                del recent[found]
        oldest = sorted(nodes, key=lambda node: nodes[node][-1].last)[: max(0, len(nodes) - _MOST_NODES)]
        for node in oldest:
            del nodes[node]
        self._mark.alive = sorted(self._alive)
        return msgspec.msgpack.encode(self._mark)

    def since(self, base: int) -> int:
        """Return from when flows have to be asked for, so that none from `base` on is left out."""
        return min((self._since(node, base) for node in self._alive), default=base)

    def begin(self, since: int | None) -> None:
        """Begin a stream of all there is from a time on; None: of what is not known to be all from any time on."""
        self._asked = since
        self._places.clear()

    def is_late(self, nodes: Iterable[str], base: int) -> bool:
        """Take which nodes the stream is of; return whether one has to be asked for more, so that none is left out."""
        self._alive = set(nodes)
        asked = self._asked
        return asked is not None and any(self._since(node, base) < asked for node in self._alive)

    def takes(self, node: str, time: int, found: int) -> bool:
        """Go on to a flow, told apart by a hash; return whether it is new."""
        place = self._places.get(node)
        if place is None or time < place.at - OVERLAP:
            place = self._enter(node, time)
        elif time > place.at:
            place.at = time
            if time >= place.following:
                self._reach(node, place, time)
        stretch = place.stretch
        if stretch.first <= time <= stretch.horizon or found in self._mark.recent:
            return False
        stretch.last = max(stretch.last, time)
        self._remember(node, time, found)
        return True

    def takes_apart(self, node: str, time: int, found: int) -> bool:
        """Return whether something is new that does not tell how far the stream of its node is; 0 for no time."""
        time = time or _NEVER
        stretch = self._around(node, time)
        if found in self._mark.recent or (stretch is not None and time <= stretch.horizon):
            return False
        self._remember(node, time, found)
        return True

    def _since(self, node: str, base: int) -> int:
        latest = self._latest(node)
        return max(base, latest.last - OVERLAP) if latest is not None and latest.first <= base else base

    def _enter(self, node: str, time: int) -> _Place:
        """Begin the stream of a node, or go back in it, as far as it was asked for."""
        self._alive.add(node)
        asked = time if self._asked is None else min(time, self._asked)
        latest, around = self._latest(node), self._around(node, time)
        if around is None and latest is not None and asked <= latest.last < time:
            # The flow that was the last one is no longer there.
            self.gaps.append(Gap(node, latest.last, time))
        place = self._places[node] = _Place(time, Stretch(asked, time), 0)
        self._join(node, place)
        return place

    def _reach(self, node: str, place: _Place, time: int) -> None:
        """Go on into the next stretch."""
        place.stretch.last = time
        self._join(node, place)

    def _join(self, node: str, place: _Place) -> None:
        """Put the stretch of a place into those of its node, one with those that it touches."""
        made, apart = place.stretch, []
        for each in self._mark.nodes.get(node, ()):
            if each is not made and (each.last < made.first or each.first > made.last):
                apart.append(each)
            else:
                made.first, made.floor = min(made.first, each.first), max(made.floor, each.floor)
                made.last = max(made.last, each.last)
        place.following = min((each.first for each in apart if each.first > made.last), default=_NEVER)
        self._mark.nodes[node] = sorted((*apart, made), key=lambda each: each.first)[-_MOST_STRETCHES:]

    def _around(self, node: str, time: int) -> Stretch | None:
        return next((each for each in self._mark.nodes.get(node, ()) if each.first <= time <= each.last), None)

    def _latest(self, node: str) -> Stretch | None:
        stretches = self._mark.nodes.get(node)
        return stretches[-1] if stretches else None

    def _remember(self, node: str, time: int, found: int) -> None:
        recent = self._mark.recent
        recent[found] = (node, time)
        if len(recent) > MOST_REMEMBERED:
            node, time = recent.pop(next(iter(recent)))
            stretch = self._around(node, time)
            if stretch is not None:
                stretch.floor = max(stretch.floor, time)
