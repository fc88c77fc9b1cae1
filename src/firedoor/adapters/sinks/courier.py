"""Brings what is in a queue to a sink, again and again until it is taken, in a thread of its own."""

from __future__ import annotations

import random
import time
from threading import Condition, Thread
from typing import TYPE_CHECKING

import msgspec

from firedoor.adapters.sinks.sink import NotTakenError
from firedoor.model.alerting import Notice

if TYPE_CHECKING:
    from collections.abc import Callable

    from firedoor.adapters.sinks.queue import DiskQueue, Waiting
    from firedoor.adapters.sinks.sink import Sink

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 300.0
LONGEST_ASKED = 3600.0
"""A sink may ask to be left alone for so long, and no longer."""
_LOOK = 5.0
"""Another process may have put something into the queue."""
_IDLE = 60.0
_DECODER = msgspec.json.Decoder(Notice)


class Courier:
    """Delivers to one sink; the counts are those of `SinkState`."""

    def __init__(
        self,
        name: str,
        sink: Sink,
        queue: DiskQueue,
        say: Callable[[str], None],
        *,
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        """`say` tells a person when trouble begins and when it ends."""
        self._name = name
        self._sink = sink
        self._queue = queue
        self._say = say
        self._first_pause = first_pause
        self._news = Condition()
        self._has_news = False
        self._is_ending = False
        self._attempts = 0
        self._most = sink.most
        self._last_idle = time.monotonic()
        self.delivered = self.failures = self.refused = 0
        self.trouble = ""
        self.keeps_up = False
        """Whether the sink may send again what it said before: only who leads knows whether that is still so."""
        self._thread = Thread(target=self._run, name=f"sink {name}", daemon=True)

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def wake(self) -> None:
        """Have a look at the queue."""
        with self._news:
            self._has_news = True
            self._news.notify()

    def end(self) -> None:
        """Deliver what is there, as far as that works at once, and end."""
        with self._news:
            self._is_ending = True
            self._news.notify()

    def join(self, seconds: float) -> bool:
        """Return whether it has ended, after so many seconds at the latest."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            try:
                pause = self._turn()
            except OSError as error:
                pause = self._failed(NotTakenError(str(error.strerror or error)))
            # A sink that has a fault of its own must not end the watch, nor be silent about it.
            except Exception as error:  # noqa: BLE001
                pause = self._failed(NotTakenError(f"internal error: {type(error).__name__}"))
            with self._news:
                if not pause:
                    continue
                self._news.wait_for(lambda: self._is_ending or self._is_wanted, pause)
                is_wanted, self._has_news = self._is_wanted, False
                if self._is_ending and not is_wanted:
                    return

    @property
    def _is_wanted(self) -> bool:
        """Whether something is to be delivered that was not tried yet; what failed waits for its time."""
        return self._has_news and not self._attempts

    def _turn(self) -> float:
        """Deliver once, and return after how many seconds to look again; 0 means at once."""
        if not self._queue.hold():
            return _LOOK
        batch = self._queue.head(self._most)
        if not batch:
            self._rest()
            return _LOOK
        readable = self._readable(batch)
        if len(readable) < len(batch):
            return 0.0
        try:
            refused = self._sink.send([each for _, each in readable])
        except NotTakenError as error:
            if not error.is_refused:
                return self._failed(error)
            self._refused(batch, error)
            return 0.0
        self._queue.remove(batch)
        self.delivered += len(batch) - refused
        self.refused += refused
        self._most = self._sink.most
        self._works()
        return 0.0

    def _rest(self) -> None:
        if self.keeps_up and time.monotonic() - self._last_idle >= _IDLE:
            self._last_idle = time.monotonic()
            try:
                self._sink.idle()
            except NotTakenError as error:
                self._failed(error)
                self._attempts = 0
            else:
                self._works()

    def _readable(self, batch: list[Waiting]) -> list[tuple[Waiting, Notice]]:
        """Return what can be read, and drop the rest: only damage, or another version, leaves such things."""
        found = []
        for each in batch:
            try:
                found.append((each, _DECODER.decode(each.body)))
            except (msgspec.DecodeError, UnicodeDecodeError):
                self.refused += 1
                self._queue.remove([each])
                self._say(f"sink {self._name}: an entry of the queue cannot be read, and is dropped")
        return found

    def _refused(self, batch: list[Waiting], error: NotTakenError) -> None:
        """Try the events of a refused batch one by one, and drop one that is refused alone."""
        self.failures += 1
        if len(batch) > 1:
            self._most = 1
            return
        self._queue.remove(batch)
        self.refused += 1
        self._say(f"sink {self._name}: an event is refused, and dropped: {error.problem}")

    def _failed(self, error: NotTakenError) -> float:
        self.failures += 1
        if not self.trouble:
            self._say(f"sink {self._name}: {error.problem}; it is tried again, and what happens meanwhile waits")
        self.trouble = error.problem
        pause = min(self._first_pause * 2.0 ** min(self._attempts, 20), LONGEST_PAUSE)
        self._attempts += 1
        # All who wait for the same sink must not come back together.
        return max(pause * random.uniform(0.5, 1.0), min(error.pause, LONGEST_ASKED))  # noqa: S311 - not a secret

    def _works(self) -> None:
        if self.trouble:
            self._say(f"sink {self._name}: works again")
        self.trouble, self._attempts = "", 0
