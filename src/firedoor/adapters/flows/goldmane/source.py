"""
A Goldmane as a source of flows: those it holds in a list, those that happen next in a stream.

What it holds is asked for in pieces of five minutes, added up; so each hour gets what is its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from firedoor.adapters.flows.goldmane.cursor import STEP, Cursor
from firedoor.adapters.flows.goldmane.intake import Intake
from firedoor.adapters.flows.goldmane.wire import LIST, STREAM, FlowListRequest, FlowListResult
from firedoor.adapters.flows.relay.asking import Wanted
from firedoor.adapters.flows.relay.channel import Server
from firedoor.adapters.flows.relay.opened import Opened
from firedoor.adapters.flows.relay.stream import Stream
from firedoor.errors import SourceError
from firedoor.interfaces import Progress
from firedoor.model.flow_reading import ReadPart, SourceEntry

FORMAT = "goldmane"
_SECOND = 1_000_000_000
_PIECE = 300
_PAGE = 1000
_OPEN_STEPS = 3
"""So many steps before now may still be added to."""


@dataclass(frozen=True, slots=True)
class Goldmane:
    """The flows of a cluster, as its Goldmane tells them; one source, under whatever address it is reached."""

    server: Server
    wanted: Wanted
    cluster: str
    is_stopped: Callable[[], bool]
    tell: Callable[[str], None]

    @contextmanager
    def opened(self) -> Iterator[OpenGoldmane]:
        """Return it connected; raises ``SourceError`` where it does not answer as a Goldmane does."""
        stream = Stream(self.server, STREAM, self.wanted, self.is_stopped, self.tell)
        now = int(time.time())
        # Whether it answers is found out by a question that costs it next to nothing.
        stream.ask(LIST, FlowListRequest(start_time_gte=now - STEP, start_time_lt=now, page_size=1), FlowListResult)
        yield OpenGoldmane(self.server.name, self.cluster, stream, self.wanted, self.is_stopped)


class OpenGoldmane(Opened):
    """A Goldmane that has answered."""

    def __init__(self, name: str, cluster: str, stream: Stream, wanted: Wanted, is_stopped: Callable[[], bool]) -> None:
        """Keep whom to read."""
        super().__init__(name, FORMAT, cluster, stream, wanted)
        self._is_stopped = is_stopped

    def parts(self, entry: SourceEntry, mark: bytes, progress: Progress) -> Iterator[ReadPart]:
        """Yield what was not read before, in parts by time and number."""
        cursor = self._gone_on(Cursor, mark)
        base = self._wanted.since // _SECOND
        intake = Intake(cursor, base, lambda: int(time.time()), position=entry.position, lines=entry.lines)
        told = self._streamed(intake) if self._wanted.follow else self._listed(intake)
        problem: SourceError | None = None
        try:
            for _ in told:
                progress.step("flows", intake.reading.taken, None)
                if intake.reading.is_due():
                    yield intake.reading.part()
        except SourceError as error:
            problem = error
        finally:
            told.close()
        if intake.reading.has_more():
            yield intake.reading.part()
        self.note = "; ".join(intake.gaps)
        if problem is not None:
            raise self._lost(problem, intake.reading.taken) from problem

    def _streamed(self, intake: Intake) -> Generator[None]:
        responses = self._stream.responses(intake.request)
        try:
            for data in responses:
                if data is not None:
                    intake.take(data)
                yield
        finally:
            responses.close()

    def _listed(self, intake: Intake) -> Generator[None]:
        now = int(time.time()) // STEP * STEP - _OPEN_STEPS * STEP
        until = now if self._wanted.until is None else min(now, self._wanted.until // _SECOND // STEP * STEP)
        cursor, at = intake.cursor, intake.begin() // STEP * STEP
        while at < until and not self._is_stopped():
            end = cursor.until(at, min(until, (at // _PIECE + 1) * _PIECE))
            if cursor.has_single(at, end):
                # Of these steps a stream told some flows, which only a step of its own can be told from.
                end = at + STEP
            intake.take_whole(at, end, self._piece(at, end))
            at = cursor.since(end)
            yield

    def _piece(self, first: int, last: int) -> list[Any]:
        """Return all flows of a time, each added up; what was told in part would be told twice next time."""
        found: list[Any] = []
        page, pages = 0, 1
        while page < pages:
            request = FlowListRequest(start_time_gte=first, start_time_lt=last, page=page, page_size=_PAGE)
            answer = self._stream.ask(LIST, request, FlowListResult)
            found += answer.flows
            pages = int(answer.meta.totalPages)
            page += 1
        return found
