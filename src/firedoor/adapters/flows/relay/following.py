"""A relay that is followed beside a cluster: what it says at each look, gone on with over breaks and restarts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping

from firedoor.adapters.flows.parts import HUBBLE
from firedoor.adapters.flows.relay.asking import Wanted
from firedoor.adapters.flows.relay.channel import Server
from firedoor.adapters.flows.relay.cursor import Cursor
from firedoor.adapters.flows.relay.intake import Intake, gaps_text
from firedoor.adapters.flows.relay.reading import Reading
from firedoor.adapters.flows.relay.source import FORMAT
from firedoor.adapters.flows.relay.tail import Tail
from firedoor.adapters.flows.relay.wire import GET_FLOWS
from firedoor.model.flow_following import FollowedPart

_MOST_NODES = 20


class RelayTail(Tail):
    """The flows of a relay as they happen, and later all that its nodes still hold."""

    def __init__(self, server: Server, say: Callable[[str], None], now: Callable[[], int] = time.time_ns) -> None:
        """Ask nothing yet; `now` is in nanoseconds since 1970."""
        self._say = say
        super().__init__(server, GET_FLOWS, FORMAT, now())

    @property
    def troubles(self) -> Mapping[str, str]:
        """Why the relay does not answer, and the nodes that it cannot ask."""
        nodes = sorted(self._intake.unreachable.items())[:_MOST_NODES]
        return super().troubles or {f"node {node} of {self._server.name}": why for node, why in nodes}

    def look(self) -> Iterator[FollowedPart]:
        """Yield what has come, of no more than some messages."""
        for data in self._looking.heard():
            self._intake.take(data)
        if self._cursor.gaps:
            self._say(f"{self._server.name}: {gaps_text(self._cursor.gaps, 'they were asked last')}")
            self._cursor.gaps.clear()
        if self._reading.has_more():
            yield FollowedPart(self._server.name, HUBBLE, self._reading.flows())

    def _requests(self, base: int, mark: bytes) -> Callable[[], object]:
        self._cursor = Cursor(mark)
        self._reading = Reading(self._cursor.mark)
        self._intake = Intake(self._stream, self._cursor, self._reading, Wanted(base, follow=True))
        return self._intake.request

    def _mark(self) -> bytes:
        return self._cursor.mark()
