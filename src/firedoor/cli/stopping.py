"""An end that somebody asks for, and that is made when what is begun is done."""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_STEP = 0.1


class Stop:
    """Whether somebody asked, or the time is over; ``threading.Event`` must not be set in a handler of signals."""

    def __init__(self, seconds: float | None = None) -> None:
        """`seconds` from now it is time to stop, if nobody asks before."""
        self._asked = False
        self._end = None if seconds is None else time.monotonic() + seconds

    def ask(self) -> None:
        """Ask for an end."""
        self._asked = True

    def is_set(self) -> bool:
        """Return whether it is time to stop."""
        return self._asked or (self._end is not None and time.monotonic() >= self._end)

    def wait(self, seconds: float) -> None:
        """Return after so many seconds, or soon after somebody asked."""
        end = time.monotonic() + seconds
        while not self._asked and (left := end - time.monotonic()) > 0:
            time.sleep(min(_STEP, left))


@contextmanager
def stopping(seconds: float | None = None) -> Iterator[Stop]:
    """Let Ctrl-C, and SIGTERM as well, ask for an end instead of making one; a second one makes it."""
    stop = Stop(seconds)

    def asked(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature of handlers
        if stop.is_set():
            raise KeyboardInterrupt
        stop.ask()

    before = {each: signal.signal(each, asked) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
