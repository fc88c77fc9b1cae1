"""A Goldmane that is followed beside a cluster: what it says at each look, over breaks and restarts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from firedoor.adapters.flows.goldmane.cursor import STEP, Cursor
from firedoor.adapters.flows.goldmane.intake import FORMAT, Intake
from firedoor.adapters.flows.goldmane.wire import STREAM
from firedoor.adapters.flows.relay.asking import Wanted
from firedoor.adapters.flows.relay.channel import Server
from firedoor.adapters.flows.relay.looking import Looking
from firedoor.adapters.flows.relay.stream import Stream
from firedoor.errors import SourceError
from firedoor.model.flow_following import FlowPlace, FollowedPart

_MARK = msgspec.msgpack.Decoder(tuple[int, bytes])
_NAME = "goldmane"


class GoldmaneTail:
    """
    The flows of a Goldmane as it adds them up; implements ``interfaces.FlowFollower``.

    At first those from now on, and later all since then that it still holds.
    """

    def __init__(
        self, server: Server, say: Callable[[str], None], now: Callable[[], int] = lambda: int(time.time())
    ) -> None:
        """Ask nothing yet; `now` is in seconds since 1970."""
        self._server = server
        self._say = say
        self._now = now
        self._is_closed = False
        self._stream = Stream(
            server, STREAM, Wanted(follow=True), lambda: self._is_closed, lambda _: None, tick=0, gives_up=False
        )
        self._go_on(now() // STEP * STEP, Cursor(), is_awaited=False)

    @property
    def troubles(self) -> Mapping[str, str]:
        """Why it does not answer."""
        problem = self._stream.problem
        if problem is None:
            return {}
        return {self._server.name: f"{problem.problem}{f'; {problem.remedy}' if problem.remedy else ''}"}

    def begin(self, places: Sequence[FlowPlace], marks: Mapping[str, bytes]) -> None:  # noqa: ARG002 - it has no files
        """Go on from a mark; raises ``SourceError`` where it is none."""
        mark = marks.get(_NAME)
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
        for each in self._intake.gaps:
            self._say(f"{self._server.name}: {each}")
        self._intake.gaps.clear()
        if self._intake.reading.has_more():
            yield FollowedPart(self._server.name, FORMAT, self._intake.reading.flows())

    def places(self) -> tuple[FlowPlace, ...]:
        """Return none."""
        return ()

    def marks(self) -> dict[str, bytes]:
        """Return how far it was followed."""
        return {_NAME: msgspec.msgpack.encode((self._base, self._intake.cursor.mark()))}

    def close(self) -> None:
        """Ask for no more."""
        self._is_closed = True
        self._looking.close()

    def _go_on(self, base: int, cursor: Cursor, *, is_awaited: bool) -> None:
        self._base = base
        self._intake = Intake(cursor, base, self._now)
        self._looking = Looking(self._stream, self._intake.request, is_awaited=is_awaited)
