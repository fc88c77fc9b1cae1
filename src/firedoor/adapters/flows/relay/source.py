"""Hubble Relay as a source of flows: they are read in parts by time, and an import goes on after what was read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from firedoor.adapters.flows.relay.asking import Wanted
from firedoor.adapters.flows.relay.channel import Server
from firedoor.adapters.flows.relay.cursor import Cursor
from firedoor.adapters.flows.relay.intake import Intake
from firedoor.adapters.flows.relay.opened import Opened
from firedoor.adapters.flows.relay.reading import Reading
from firedoor.adapters.flows.relay.stream import Stream
from firedoor.adapters.flows.relay.wire import (
    GET_FLOWS,
    SERVER_STATUS,
    ServerStatusRequest,
    ServerStatusResponse,
)
from firedoor.errors import SourceError
from firedoor.interfaces import Progress
from firedoor.model.flow_reading import ReadPart, SourceEntry

FORMAT = "hubble-relay"


@dataclass(frozen=True, slots=True)
class HubbleRelay:
    """The flows of a cluster, as its Hubble Relay tells them; one source, under whatever address it is reached."""

    server: Server
    wanted: Wanted
    cluster: str
    is_stopped: Callable[[], bool]
    tell: Callable[[str], None]

    @contextmanager
    def opened(self) -> Iterator[OpenRelay]:
        """Return it connected; raises ``SourceError`` where it does not answer as a Hubble Relay does."""
        stream = Stream(self.server, GET_FLOWS, self.wanted, self.is_stopped, self.tell)
        status = stream.ask(SERVER_STATUS, ServerStatusRequest(), ServerStatusResponse)
        yield OpenRelay(self.server.name, self.cluster, stream, self.wanted, status)


class OpenRelay(Opened):
    """A Hubble Relay that has answered."""

    def __init__(self, name: str, cluster: str, stream: Stream, wanted: Wanted, status: Any) -> None:
        """Keep whom to read, and what it says of itself."""
        super().__init__(name, FORMAT, cluster, stream, wanted)
        self._held = int(status.num_flows)
        self._missing = status.unavailable_nodes

    def parts(self, entry: SourceEntry, mark: bytes, progress: Progress) -> Iterator[ReadPart]:
        """Yield what was not read before, in parts by time and number."""
        cursor = self._gone_on(Cursor, mark)
        reading = Reading(cursor.mark, entry.position, entry.lines)
        wanted = self._wanted
        intake = Intake(self._stream, cursor, reading, wanted)
        intake.miss(self._missing)
        problem: SourceError | None = None
        responses = self._stream.responses(intake.request)
        try:
            for data in responses:
                if data is not None:
                    intake.take(data)
                is_due = reading.is_due()
                if is_due or data is None:
                    progress.step("flows", reading.taken, None if wanted.follow else self._held or None)
                if is_due:
                    yield reading.part()
        except SourceError as error:
            problem = error
        finally:
            responses.close()
        if reading.has_more():
            yield reading.part()
        self.note = "; ".join(intake.notes())
        if problem is not None:
            raise self._lost(problem, reading.taken) from problem
