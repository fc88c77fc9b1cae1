"""The messages of a Goldmane, each taken once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from google.protobuf.message import DecodeError

from firedoor.adapters.flows.goldmane.cursor import HELD, STEP, Cursor
from firedoor.adapters.flows.goldmane.wire import FlowResult, FlowStreamRequest, line_of
from firedoor.adapters.flows.relay.reading import Reading

FORMAT = "calico-goldmane"
"""The format of its flows as lines."""


class Intake:
    """
    Takes flows, and makes the request of each stream of them.

    `base` is from when on they are wanted, in seconds since 1970, as is what `now` returns.
    """

    def __init__(self, cursor: Cursor, base: int, now: Callable[[], int], *, position: int = 0, lines: int = 0) -> None:
        """Go on from a cursor."""
        self.cursor = cursor
        # A step is told as a whole, or not at all.
        self.base = -(-base // STEP) * STEP
        self._now = now
        self.reading = Reading(cursor.mark, position, lines, name=FORMAT, line=line_of)
        self.gaps: list[str] = []

    def request(self) -> Any:
        """Begin a stream, and return what is asked for."""
        since = self.begin()
        self.cursor.begin(since)
        # Nothing is "from now on" for it, which is not the same as from this second on.
        asked = 0 if since > self._now() - 2 * STEP else since
        return FlowStreamRequest(start_time_gte=asked, aggregation_interval=STEP)

    def begin(self) -> int:
        """Return from when on flows are needed that it may still hold; what it holds no longer is a gap."""
        oldest = (self._now() - HELD) // STEP * STEP
        since = self.cursor.since(self.base)
        if since >= oldest:
            return since
        known = max(self.cursor.last, self.base)
        if 0 < known < oldest:
            self.gaps.append(f"it no longer held what there was from {_text(known)} to {_text(oldest)}")
            self.cursor.read(known, oldest)
        return self.cursor.since(oldest)

    def take(self, data: bytes) -> None:
        """Take a message as it was on the wire."""
        try:
            result = FlowResult.FromString(data)
        except DecodeError as error:
            self.reading.reject(f"no message of Goldmane: {error}", data)
            return
        start = int(result.flow.start_time)
        if self.cursor.takes(start, _hash(result.flow.Key, start)):
            self.reading.take(result)

    def take_whole(self, first: int, last: int, results: Iterable[Any]) -> None:
        """Take all that there is of a time."""
        for result in results:
            if not self.cursor.knows(_hash(result.flow.Key, first)):
                self.reading.take(result)
        self.cursor.read(first, last)


def _hash(key: Any, start: int) -> int:
    data = key.SerializeToString(deterministic=True) + start.to_bytes(8, "little", signed=True)
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little")


def _text(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"
