"""A relay that is followed beside a cluster: what it says at each look, gone on with over breaks and restarts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from firedoor.adapters.flows.parts import HUBBLE
from firedoor.adapters.flows.relay.asking import Wanted
from firedoor.adapters.flows.relay.channel import Server
from firedoor.adapters.flows.relay.cursor import Cursor
from firedoor.adapters.flows.relay.intake import Intake, gaps_text
from firedoor.adapters.flows.relay.looking import Looking
from firedoor.adapters.flows.relay.reading import Reading
from firedoor.adapters.flows.relay.source import FORMAT
from firedoor.adapters.flows.relay.stream import Stream
from firedoor.adapters.flows.relay.wire import GET_FLOWS
from firedoor.errors import SourceError
from firedoor.model.flow_following import FlowPlace, FollowedPart

_MOST_NODES = 20
_MARK = msgspec.msgpack.Decoder(tuple[int, bytes])


class RelayTail:
    """
    The flows of a relay as they happen; implements ``interfaces.FlowFollower``.

    At first those that happen from now on, and later all since then that its nodes still hold. A connection that breaks
    is made again, each time a little later, for as long as it takes.
    """

    def __init__(self, server: Server, say: Callable[[str], None], now: Callable[[], int] = time.time_ns) -> None:
        """Ask nothing yet; `now` is in nanoseconds since 1970."""
        self._server = server
        self._say = say
        self._now = now
        self._is_closed = False
        self._stream = Stream(
            server, GET_FLOWS, Wanted(follow=True), lambda: self._is_closed, lambda _: None, tick=0, gives_up=False
        )
        self._go_on(now(), Cursor(), is_awaited=False)

    @property
    def troubles(self) -> Mapping[str, str]:
        """Why the relay does not answer, and the nodes that it cannot ask."""
        problem = self._stream.problem
        if problem is not None:
            return {self._server.name: f"{problem.problem}{f'; {problem.remedy}' if problem.remedy else ''}"}
        nodes = sorted(self._intake.unreachable.items())[:_MOST_NODES]
        return {f"node {node} of {self._server.name}": why for node, why in nodes}

    def begin(self, places: Sequence[FlowPlace], marks: Mapping[str, bytes]) -> None:  # noqa: ARG002 - it has no files
        """Go on from a mark; raises ``SourceError`` where it is none."""
        mark = marks.get(FORMAT)
        if mark is None:
            return
        try:
            base, kept = _MARK.decode(mark)
            self._go_on(base, Cursor(kept), is_awaited=True)
        except msgspec.DecodeError as error:
            raise SourceError(
                f"how far it was followed cannot be read: {error}",
                place=self._server.name,
                remedy="begin anew with --forget",
            ) from error

    def look(self) -> Iterator[FollowedPart]:
        """Yield what has come, of no more than some messages."""
        for data in self._looking.heard():
            self._intake.take(data)
        if self._cursor.gaps:
            self._say(f"{self._server.name}: {gaps_text(self._cursor.gaps, 'they were asked last')}")
            self._cursor.gaps.clear()
        if self._reading.has_more():
            yield FollowedPart(self._server.name, HUBBLE, self._reading.flows())

    def places(self) -> tuple[FlowPlace, ...]:
        """Return none."""
        return ()

    def marks(self) -> dict[str, bytes]:
        """Return how far it was followed."""
        return {FORMAT: msgspec.msgpack.encode((self._base, self._cursor.mark()))}

    def close(self) -> None:
        """Ask for no more."""
        self._is_closed = True
        self._looking.close()

    def _go_on(self, base: int, cursor: Cursor, *, is_awaited: bool) -> None:
        self._base, self._cursor = base, cursor
        self._reading = Reading(cursor.mark)
        self._intake = Intake(self._stream, cursor, self._reading, Wanted(base, follow=True))
        self._looking = Looking(self._stream, self._intake.request, is_awaited=is_awaited)
