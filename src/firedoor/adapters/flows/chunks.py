"""Bytes cut into chunks of whole lines, always in the same places."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from typing import IO, NamedTuple

from firedoor.adapters.flows.opening import Stream, digest
from firedoor.errors import SourceError

CHUNK = 64 << 20
LONGEST_LINE = 64 << 20
TAIL = 4096
"""How many bytes before a position tell whether it is still the same source."""

_BLOCK = 1 << 20
_LINES = 1 << 18
"""So many bytes at a time stay in the cache of a processor while they are read."""


def damages() -> tuple[type[Exception], ...]:
    """Return what reading compressed data raises where they are damaged."""
    import zstandard  # noqa: PLC0415 - few files need it

    return EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError


class Chunk(NamedTuple):
    """
    Whole lines from `start` to `end` of a source; in `data`, or else in the file at `path`.

    `is_too_long` says that it is one line that cannot be read, and `data` how it begins.
    """

    start: int
    end: int
    data: bytes | None = None
    path: str = ""
    is_too_long: bool = False

    def read(self) -> bytes:
        """Return the bytes."""
        if self.data is not None:
            return self.data
        with open(self.path, "rb") as stream:  # noqa: PTH123 - a path as the person wrote it
            stream.seek(self.start)
            return stream.read(self.end - self.start)

    def texts(self, spans: Iterable[tuple[int, int]]) -> Iterator[bytes]:
        """Yield what stands at some places of the source, each with its length."""
        if self.data is not None:
            for start, length in spans:
                yield self.data[start - self.start : start - self.start + length]
            return
        with open(self.path, "rb") as stream:  # noqa: PTH123 - a path as the person wrote it
            for start, length in spans:
                stream.seek(start)
                yield stream.read(length)

    def blocks(self) -> Iterator[bytes]:
        """Yield its lines with their ends, some in each block."""
        if self.data is not None:
            start = 0
            while start < len(self.data):
                end = self.data.find(b"\n", start + _LINES - 1) + 1 or len(self.data)
                yield self.data[start:end]
                start = end
            return
        with open(self.path, "rb", buffering=0) as stream:  # noqa: PTH123 - as above
            stream.seek(self.start)
            left, begun = self.end - self.start, b""
            while left and (data := stream.read(min(_LINES, left))):
                left -= len(data)
                end = data.rfind(b"\n") + 1 if left else len(data)
                if end:
                    yield begun + data[:end]
                    begun = data[end:]
                else:
                    begun += data
            if begun:
                yield begun


class Chunks:
    """The chunks of a stream; what stands after the last end of a line is in `rest` at the end."""

    def __init__(self, stream: Stream, head: bytes, size: int | None = None) -> None:
        """Take a stream of which the head was read already."""
        self._stream = stream
        self._head = head
        self._size = size or CHUNK
        self.position = 0
        self.rest = b""
        self.damage = ""

    def after(self, position: int, tail: str, tail_length: int, name: str) -> Iterator[Chunk]:
        """Yield what comes after a position; raises ``SourceError`` where what was before it is not what it was."""
        self.position = position
        path = self._stream.path
        if path is not None:
            with path.open("rb") as raw:
                if position and _byte(raw, position - 1) != b"\n" and _byte(raw, position) == b"\n":
                    self.position += 1
                yield from self._in_file(raw)
            return
        buffer = bytearray(self._head)
        try:
            self._skip(buffer, position, tail, tail_length, name)
            yield from self._in_stream(buffer)
        except damages() as error:
            self.damage = str(error)
            end = buffer.rfind(b"\n") + 1
            if end:
                yield self._taken(buffer, end)
            self.rest = bytes(buffer)

    def tail(self, chunk: Chunk) -> bytes:
        """Return the last bytes of a chunk; none where they were not kept."""
        if not chunk.path:
            return b"" if chunk.is_too_long or chunk.data is None else chunk.data[-TAIL:]
        start = max(0, chunk.end - TAIL)
        return Chunk(start, chunk.end, None, chunk.path).read()

    def _in_file(self, raw: IO[bytes]) -> Iterator[Chunk]:
        size, path = self._stream.size, str(self._stream.path)
        while self.position < size:
            start = self.position
            end = _line_end(raw, min(start + self._size, size) - 1, min(size, start + self._size + LONGEST_LINE))
            if not end and start + self._size >= size:
                end = _last_line_end(raw, start, size)
                if not end:
                    raw.seek(start)
                    self.rest = raw.read(size - start)
                    return
            if not end:
                end = _last_line_end(raw, start, start + self._size)
            if not end:
                end = _line_end(raw, start + self._size, size) or size
                raw.seek(start)
                yield Chunk(start, end, raw.read(TAIL), path, is_too_long=True)
            else:
                yield Chunk(start, end, None, path)
            self.position = end

    def _in_stream(self, buffer: bytearray) -> Iterator[Chunk]:
        data, is_over = self._stream.data, False
        while not is_over:
            while len(buffer) < self._size and not is_over:
                block = data.read(_BLOCK)
                buffer += block
                is_over = not block
            end = buffer.find(b"\n", self._size - 1) + 1
            while not end and not is_over and len(buffer) < self._size + LONGEST_LINE:
                block = data.read(_BLOCK)
                before = len(buffer)
                buffer += block
                end = buffer.find(b"\n", before) + 1
                is_over = not block
            end = end or buffer.rfind(b"\n") + 1
            if end:
                yield self._taken(buffer, end)
            elif not is_over:
                yield self._too_long(buffer)
        self.rest = bytes(buffer)

    def _taken(self, buffer: bytearray, end: int) -> Chunk:
        chunk = Chunk(self.position, self.position + end, bytes(buffer[:end]))
        del buffer[:end]
        self.position = chunk.end
        return chunk

    def _too_long(self, buffer: bytearray) -> Chunk:
        """Leave a line out that is too long."""
        shown, length = bytes(buffer[:TAIL]), len(buffer)
        buffer.clear()
        while block := self._stream.data.read(_BLOCK):
            end = block.find(b"\n") + 1
            length += end or len(block)
            if end:
                buffer += block[end:]
                break
        chunk = Chunk(self.position, self.position + length, shown, is_too_long=True)
        self.position = chunk.end
        return chunk

    def _skip(self, buffer: bytearray, position: int, tail: str, tail_length: int, name: str) -> None:
        left, kept = position, b""
        while left:
            if not buffer:
                buffer += self._stream.data.read(_BLOCK)
            if not buffer:
                raise SourceError(
                    f"has fewer bytes than the {position:,} that were imported of it", place=name, remedy=_ANOTHER
                )
            gone = bytes(buffer[:left])
            kept = (kept + gone)[-TAIL:]
            del buffer[: len(gone)]
            left -= len(gone)
        if tail_length and digest(kept[-tail_length:]) != tail:
            raise SourceError("begins as a source that was imported, and then differs", place=name, remedy=_ANOTHER)
        if position and kept[-1:] != b"\n":
            buffer += b"" if buffer else self._stream.data.read(_BLOCK)
            if buffer[:1] == b"\n":
                del buffer[:1]
                self.position += 1


_ANOTHER = "import it into a store of its own, with --store"


def _byte(raw: IO[bytes], position: int) -> bytes:
    raw.seek(position)
    return raw.read(1)


def _line_end(raw: IO[bytes], start: int, end: int) -> int:
    """Return where the line ends that a byte is in; 0 where it does not before `end`."""
    raw.seek(start)
    while start < end:
        block = raw.read(min(_BLOCK, end - start))
        if not block:
            return 0
        found = block.find(b"\n")
        if found >= 0:
            return start + found + 1
        start += len(block)
    return 0


def _last_line_end(raw: IO[bytes], start: int, end: int) -> int:
    """Return the last end of a line between two positions; 0 where there is none."""
    while end > start:
        begin = max(start, end - _BLOCK)
        raw.seek(begin)
        found = raw.read(end - begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        end = begin
    return 0
