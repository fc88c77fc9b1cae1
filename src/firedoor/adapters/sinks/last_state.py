"""A sink of which only the last state counts: it needs no queue, and is written in a thread of its own."""

from __future__ import annotations

import random
import time
from threading import Condition, Thread
from typing import TYPE_CHECKING, Generic, TypeVar

from firedoor.adapters.sinks.courier import FIRST_PAUSE, LONGEST_PAUSE
from firedoor.adapters.sinks.sink import plain
from firedoor.errors import SourceError, WriteRefusedError
from firedoor.model.alerting import SinkState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Content = TypeVar("Content")


class LastState(Generic[Content]):
    """Writes what it was given last, again and again until that is done."""

    def __init__(
        self,
        name: str,
        write: Callable[[Content], None],
        say: Callable[[str], None],
        *,
        first_pause: float = FIRST_PAUSE,
        longest_pause: float = LONGEST_PAUSE,
        patience: float = 20.0,
    ) -> None:
        """
        `write` raises ``SourceError`` or ``WriteRefusedError`` where something is left to be done.

        At the end it is waited for no longer than `patience` seconds.
        """
        self.name = name
        self._write = write
        self._say = say
        self._pauses = first_pause, longest_pause
        self._patience = patience
        self._news = Condition()
        self._wanted: tuple[float, Content] | None = None
        self._is_ending = False
        self._delivered = self._failures = 0
        self._trouble = ""
        self._thread = Thread(target=self._run, name=f"sink {name}", daemon=True)
        self._thread.start()

    def put(self, content: Content) -> None:
        """Let this be written, soon, in the place of what is not written yet."""
        with self._news:
            self._wanted = (time.time(), content)
            self._news.notify()

    def drop(self) -> None:
        """Forget what is not written yet: it is no longer ours to write."""
        with self._news:
            self._wanted = None

    def state(self) -> SinkState:
        """Return how it is doing: something waits or does not."""
        wanted = self._wanted
        waiting = max(time.time() - wanted[0], 0.0) if wanted is not None else 0.0
        queued = int(wanted is not None)
        return SinkState(self.name, queued, waiting, self._delivered, self._failures, 0, 0, self._trouble)

    def close(self) -> None:
        """Write what is not written yet, as far as that works at once."""
        with self._news:
            self._is_ending = True
            self._news.notify()
        self._thread.join(self._patience)

    def _run(self) -> None:
        attempts = 0
        while True:
            with self._news:
                self._news.wait_for(lambda: self._is_ending or self._wanted is not None)
                wanted = self._wanted
                if wanted is None:
                    return
            try:
                self._write(wanted[1])
            except (SourceError, WriteRefusedError) as error:
                pause = min(self._pauses[0] * 2.0 ** min(attempts, 20), self._pauses[1])
                attempts += 1
                self._failed(plain(error.problem))
                with self._news:
                    if self._wanted is None:
                        continue
                    # All who wait for the same server must not come back together.
                    if self._news.wait_for(lambda: self._is_ending, pause * random.uniform(0.5, 1.0)):  # noqa: S311
                        return
                continue
            attempts = 0
            self._works()
            with self._news:
                if self._wanted is wanted:
                    self._wanted = None

    def _failed(self, problem: str) -> None:
        self._failures += 1
        if not self._trouble:
            self._say(f"sink {self.name}: {problem}; it is tried again")
        self._trouble = problem

    def _works(self) -> None:
        self._delivered += 1
        if self._trouble:
            self._say(f"sink {self.name}: works again")
        self._trouble = ""


def each_in_turn(steps: Iterable[Callable[[], None]]) -> None:
    """Take every step, whatever becomes of the others; raises the first error at the end."""
    trouble: SourceError | WriteRefusedError | None = None
    for step in steps:
        try:
            step()
        except (SourceError, WriteRefusedError) as error:
            # What cannot be written must not hold up the others.
            trouble = trouble or error
    if trouble is not None:
        raise trouble
