"""All sinks of a watch, each with its queue and its courier."""

from __future__ import annotations

import time
from collections import deque
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from firedoor.adapters.sinks.courier import FIRST_PAUSE, Courier
from firedoor.adapters.sinks.queue import DiskQueue
from firedoor.adapters.sinks.sink import Sink
from firedoor.model.alerting import Notice, SinkState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

_PATIENCE = 5.0
"""So many seconds are sinks given at the end to take what is there."""


class NamedSink(Struct, frozen=True):
    """A sink, and how many notices may wait for it."""

    name: str
    sink: Sink
    most: int


class DiskOutbox:
    """
    Implements ``interfaces.Outbox``: queues are files in a folder, one for each sink.

    What waits is delivered from the beginning, by a replica that stands by as well: nobody else has it. What a sink
    sends again by itself, such as alerts that fire, it sends from the first `put` on.
    """

    def __init__(
        self,
        folder: Path,
        sinks: Sequence[NamedSink],
        say: Callable[[str], None],
        *,
        first_pause: float = FIRST_PAUSE,
        patience: float = _PATIENCE,
    ) -> None:
        """Begin to deliver what waits since last time; raises ``SourceError`` where no queue can be kept."""
        self._patience = patience
        self._boxes: dict[str, _Box] = {}
        try:
            for each in sinks:
                queue = DiskQueue(folder / f"{each.name}.queue", each.most)
                courier = Courier(each.name, each.sink, queue, say, first_pause=first_pause)
                self._boxes[each.name] = _Box(each, queue, courier, say)
        except BaseException:
            for box in self._boxes.values():
                box.queue.close()
            raise
        for box in self._boxes.values():
            box.courier.start()

    def put(self, notices: Mapping[str, Sequence[Notice]]) -> bool:
        """Let notices wait for the sinks of these names, and return whether all are on the disk now."""
        for box in self._boxes.values():
            box.courier.keeps_up = True
        return self._put(notices)

    def _put(self, notices: Mapping[str, Sequence[Notice]]) -> bool:
        kept = [box.put(notices.get(name, ())) for name, box in self._boxes.items()]
        return all(kept)

    def states(self) -> list[SinkState]:
        """Return how each sink is doing."""
        return [each.state() for each in self._boxes.values()]

    def close(self) -> None:
        """Deliver what can be delivered at once; the rest waits on the disk for the next start."""
        self._put({})
        for each in self._boxes.values():
            each.courier.end()
        end = time.monotonic() + self._patience
        for each in self._boxes.values():
            # One that still sends ends with the process; what it sends is sent again at the next start.
            if each.courier.join(max(end - time.monotonic(), 0.0)):
                each.queue.close()


class _Box:
    """One sink; what the disk does not take waits in memory."""

    def __init__(self, named: NamedSink, queue: DiskQueue, courier: Courier, say: Callable[[str], None]) -> None:
        self.queue = queue
        self.courier = courier
        self._name = named.name
        self._say = say
        self._backlog: deque[bytes] = deque()
        self._most = named.most
        self._lock = Lock()
        self._overflowed = 0
        self._is_full = False
        self._last = (0, 0.0)

    def put(self, notices: Sequence[Notice]) -> bool:
        with self._lock:
            had_trouble = bool(self._backlog)
            self._backlog.extend(msgspec.json.encode(each) for each in notices)
            if not self._backlog:
                return True
            try:
                self._note(self.queue.put(list(self._backlog)))
            except OSError as error:
                if not had_trouble:
                    self._say(f"sink {self._name}: {error}; what happens is kept in memory until it can")
                lost = max(len(self._backlog) - self._most, 0)
                for _ in range(lost):
                    self._backlog.popleft()
                self._note(lost)
                return False
            self._backlog.clear()
        self.courier.wake()
        return True

    def _note(self, lost: int) -> None:
        self._overflowed += lost
        if lost and not self._is_full:
            self._say(f"sink {self._name}: more than {self._most} events wait; the oldest are dropped, and counted")
        elif self._is_full and not lost:
            self._say(f"sink {self._name}: {self._overflowed} events were dropped in all, because too many waited")
        self._is_full = bool(lost)

    def state(self) -> SinkState:
        # The last that is known is better than nothing.
        with suppress(OSError):
            self._last = self.queue.size()
        count, waiting = self._last
        courier = self.courier
        return SinkState(
            self._name,
            count + len(self._backlog),
            waiting,
            courier.delivered,
            courier.failures,
            self._overflowed,
            courier.refused,
            courier.trouble,
        )
