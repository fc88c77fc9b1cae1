"""One open file of flows, read as it grows."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from firedoor.adapters.flows.following.lines import HEAD, LONGEST, Lines
from firedoor.adapters.flows.opening import digest
from firedoor.model.flow_following import FlowPlace

if TYPE_CHECKING:
    from collections.abc import Callable

    from firedoor.adapters.flows.formats import Format

MARK = 1024
"""So many of the first bytes tell whether a file is still the same."""


class Segment:
    """
    A file that is or was at a path; it stays open when it is renamed.

    `since` is when something was last read of it, or when it was renamed.
    """

    def __init__(self, path: str, descriptor: int, form: Format | None, now: float) -> None:
        """Take the open file over."""
        found = os.fstat(descriptor)
        self.path = path
        self.device, self.inode = found.st_dev, found.st_ino
        self.since = now
        self._descriptor = descriptor
        self._form = form
        self._head = b""
        self.lines = Lines(path, form)

    @property
    def place(self) -> FlowPlace:
        """How far it was read."""
        form = self.lines.form.name if self.lines.form is not None else ""
        length = len(self._head)
        return FlowPlace(
            self.path, self.device, self.inode, self.lines.offset, self.lines.lines, digest(self._head), length, form
        )

    def is_at(self, place: FlowPlace) -> bool:
        """Return whether it is the file of a place, and still has what was read of it."""
        is_long = os.fstat(self._descriptor).st_size >= place.offset
        return is_long and digest(self._read(place.head_length, 0)) == place.head

    def go_to(self, offset: int, lines: int = 0) -> None:
        """Go on from an offset, at which a line begins."""
        head = self._read(HEAD, 0)
        self.lines = Lines(self.path, self._form, offset, lines)
        if offset and self.lines.recognise(head):
            # Lines mean what a header, or one of the lines just before them, says.
            start = min(offset, max(head.find(b"\n") + 1, offset - HEAD))
            before = self._read(offset - start, start)
            cut = 0 if start == head.find(b"\n") + 1 else before.find(b"\n") + 1
            self.lines.warm(head[: head.find(b"\n") + 1], before[cut:])
        self._mark()

    def go_to_end(self) -> None:
        """Go on from the last line that is still being written, or from the end."""
        size = os.fstat(self._descriptor).st_size
        start = max(0, size - LONGEST)
        end = self._read(size - start, start).rfind(b"\n") + 1
        self.go_to(start + end if end else 0)

    def read(self, now: float) -> bool:
        """Read some of what is new; return whether the file was cut meanwhile, and is read from its begin."""
        size = os.fstat(self._descriptor).st_size
        was_cut = size < self.lines.offset or (size > self.lines.offset and not self._is_same())
        if was_cut:
            self._head = b""
            self.lines = Lines(self.path, self._form)
        is_readable = size > self.lines.offset and self.lines.recognise(self._read(HEAD, 0))
        if is_readable and self.lines.take(self._read(LONGEST, self.lines.offset)):
            self.since = now
            self._mark()
        return was_cut

    def finish(self) -> None:
        """Read the end of a file that nobody writes to any more, and close it."""
        if self.lines.recognise(self._read(HEAD, 0)):
            self.lines.finish(self._read(LONGEST, self.lines.offset))
        self.close()

    def close(self) -> None:
        """Close it."""
        os.close(self._descriptor)

    def _is_same(self) -> bool:
        return self._read(len(self._head), 0) == self._head

    def _mark(self) -> None:
        if len(self._head) < MARK:
            self._head = self._read(min(MARK, self.lines.offset), 0)

    def _read(self, length: int, offset: int) -> bytes:
        """Return bytes of the file; as many as there are."""
        parts: list[bytes] = []
        while length and (data := os.pread(self._descriptor, length, offset)):
            parts.append(data)
            length -= len(data)
            offset += len(data)
        return b"".join(parts)


def opened(path: str, form: Format | None, clock: Callable[[], float]) -> Segment:
    """Return a file, open; raises ``OSError``."""
    # What is no file may be something that opening waits for.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        return Segment(path, descriptor, form, clock())
    except BaseException:
        os.close(descriptor)
        raise
