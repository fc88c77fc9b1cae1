"""A Goldmane that is followed beside a cluster: what it says at each look, over breaks and restarts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from firedoor.adapters.flows.goldmane.cursor import STEP, Cursor
from firedoor.adapters.flows.goldmane.intake import FORMAT, Intake
from firedoor.adapters.flows.goldmane.wire import STREAM
from firedoor.adapters.flows.relay.channel import Server
from firedoor.adapters.flows.relay.tail import Tail
from firedoor.model.flow_following import FollowedPart

_NAME = "goldmane"


class GoldmaneTail(Tail):
    """The flows of a Goldmane as it adds them up."""

    def __init__(
        self, server: Server, say: Callable[[str], None], now: Callable[[], int] = lambda: int(time.time())
    ) -> None:
        """Ask nothing yet; `now` is in seconds since 1970."""
        self._say = say
        self._now = now
        super().__init__(server, STREAM, _NAME, now() // STEP * STEP)

    def look(self) -> Iterator[FollowedPart]:
        """Yield what has come, of no more than some messages."""
        for data in self._looking.heard():
            self._intake.take(data)
        for each in self._intake.gaps:
            self._say(f"{self._server.name}: {each}")
        self._intake.gaps.clear()
        if self._intake.reading.has_more():
            yield FollowedPart(self._server.name, FORMAT, self._intake.reading.flows())

    def _requests(self, base: int, mark: bytes) -> Callable[[], object]:
        self._intake = Intake(Cursor(mark), base, self._now)
        return self._intake.request

    def _mark(self) -> bytes:
        return self._intake.cursor.mark()
