"""Messages of a server, gathered into parts: read as lines of Hubble are, and kept together with where they end."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from firedoor.adapters.flows.chunks import Chunk
from firedoor.adapters.flows.formats import Format, Ignored, format_named
from firedoor.adapters.flows.parts import HUBBLE, PartReader
from firedoor.adapters.flows.relay.lines import line_of
from firedoor.model.flow_reading import FlowPart, ReadPart

_PART_MESSAGES = 25_000
_PART_SECONDS = 30.0
_TOGETHER = 1000


class Reading:
    """What was taken since the last part."""

    def __init__(
        self,
        mark: Callable[[], bytes],
        position: int = 0,
        lines: int = 0,
        *,
        name: str = HUBBLE,
        line: Callable[[Any], bytes] = line_of,
    ) -> None:
        """Begin where the last import ended, in bytes and lines; `line` makes a line of that format of a message."""
        form = format_named(name)
        assert isinstance(form, Format)  # noqa: S101 - it is registered
        self._reader = PartReader(form)
        self._mark = mark
        self._line = line
        self._position, self._lines = position, lines
        self._waiting: list[bytes] = []
        self._begun = 0.0
        self._count = 0
        self.taken = 0

    def take(self, response: Any) -> None:
        """Take a message."""
        self._begin()
        self._waiting.append(self._line(response))
        if len(self._waiting) >= _TOGETHER:
            self._flush()

    def ignore(self, reason: str) -> None:
        """Count a message that tells of no connection."""
        self._begin()
        self._lines += 1
        self._position += 1
        self._reader.told(Ignored(reason))

    def reject(self, reason: str, data: bytes) -> None:
        """Count a message that cannot be read."""
        self._begin()
        self._flush()
        self._lines += 1
        self._reader.reject(self._lines, self._position, reason, data)
        self._position += len(data) or 1

    def is_due(self) -> bool:
        """Return whether it is time for a part."""
        return self._count >= _PART_MESSAGES or (self.has_more() and time.monotonic() - self._begun >= _PART_SECONDS)

    def has_more(self) -> bool:
        """Return whether anything was taken since the last part."""
        return self._count > 0

    def part(self) -> ReadPart:
        """Return what was taken, and where to go on."""
        return ReadPart(self.flows(), self._position, self._lines, b"", mark=self._mark())

    def flows(self) -> FlowPart:
        """Return what was taken, without where to go on, which takes its time to write down."""
        self._flush()
        self._count = 0
        return self._reader.part()

    def _begin(self) -> None:
        if not self._count:
            self._begun = time.monotonic()
        self._count += 1
        self.taken += 1

    def _flush(self) -> None:
        data = b"".join(self._waiting)
        self._waiting.clear()
        if data:
            chunk = Chunk(self._position, self._position + len(data), data)
            self._lines += self._reader.take(chunk, self._lines + 1)
            self._position = chunk.end
