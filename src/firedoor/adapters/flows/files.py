"""Sources of flows: files and standard input, read in parts that always end in the same places."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader, RawIOBase
from itertools import chain, islice
from pathlib import Path
from typing import IO, BinaryIO, cast

from msgspec.structs import replace

from firedoor.adapters.flows.chunks import TAIL, Chunk, Chunks, damages
from firedoor.adapters.flows.formats import (
    FORMATS,
    BinaryFormat,
    Format,
    MalformedLine,
    csv_format,
    detect,
    format_named,
    read_mapping,
)
from firedoor.adapters.flows.opening import Stream, digest, failure, stream_of
from firedoor.adapters.flows.parts import HUBBLE, PartReader
from firedoor.adapters.flows.pool import read_at_once
from firedoor.errors import SourceError, UsageError
from firedoor.interfaces import Progress
from firedoor.model.flow_reading import FlowPart, ReadPart, SourceEntry

_HEAD = 1 << 16
_BINARY_PART = 100_000


@dataclass(frozen=True, slots=True)
class FlowFile:
    """
    A file of flows, or ``-`` for standard input; the format is recognised where it is not given.

    `mapping` is a file that says which columns of a CSV file are which fields.
    """

    path: str
    open_stdin: Callable[[], IO[bytes]]
    format: str = ""
    jobs: int = 1
    mapping: str = ""

    @contextmanager
    def opened(self) -> Iterator[OpenFlowFile]:
        """Return it open; raises ``SourceError`` where it cannot be read, or its format is not known."""
        with stream_of(self.path, self.open_stdin) as stream:
            name = "<stdin>" if self.path == "-" else self.path
            try:
                head = _read_head(stream)
            except damages() as error:
                raise SourceError(f"the compressed data are damaged: {error}", place=name) from error
            except OSError as error:
                raise failure(name, error) from error
            form = mapped_format(self.mapping) if self.mapping else _format(self.format, head, name)
            yield OpenFlowFile(name, stream, head, form, self.jobs)


class OpenFlowFile:
    """A file of flows, open to be read once."""

    def __init__(self, name: str, stream: Stream, head: bytes, form: Format | BinaryFormat, jobs: int) -> None:
        """Keep the stream, of which the head was read already."""
        self.name = name
        self.format = form.name
        self.head = head
        self.is_cut = False
        self.note = ""
        self._stream = stream
        self._form = form
        self._jobs = jobs

    def is_same(self, entry: SourceEntry) -> bool:
        """Return whether it begins as a source that was read before, and has the same bytes where that ended."""
        if len(self.head) < entry.head_length or digest(self.head[: entry.head_length]) != entry.head:
            return False
        path = self._stream.path
        if path is None or not entry.position or isinstance(self._form, BinaryFormat):
            return True
        if self._stream.size < entry.position:
            # It is a beginning of what was read: nothing in it is new.
            return True
        with path.open("rb") as raw:
            raw.seek(entry.position - entry.tail_length)
            return digest(raw.read(entry.tail_length)) == entry.tail

    def parts(self, entry: SourceEntry, mark: bytes, progress: Progress) -> Iterator[ReadPart]:  # noqa: ARG002
        """Yield what comes after the position of the entry."""
        form = self._form
        if isinstance(form, BinaryFormat):
            parts = self._binary(form, entry)
        elif form.name == HUBBLE:
            parts = self._spread(form, Chunks(self._stream, self.head), entry)
        else:
            parts = self._in_turn(form, Chunks(self._stream, self.head), entry)
        for part in parts:
            progress.step("flows", self._stream.done() or part.position, self._stream.size or None)
            yield part

    def _spread(self, form: Format, chunks: Chunks, entry: SourceEntry) -> Iterator[ReadPart]:
        """Read lines that need nothing of one another: after the position, several at once if there are many."""
        reader, lines = PartReader(form), entry.lines
        found = chunks.after(entry.position, entry.tail, entry.tail_length, self.name)
        first = list(islice(found, 2))
        ahead = chain(first, found)
        many = len(first) > 1 and self._jobs > 1
        for chunk, part in read_at_once(ahead, self._jobs, reader) if many else _read_here(ahead, reader):
            part.malformed = [replace(each, line=each.line + lines) for each in part.malformed]
            lines += part.tally.lines
            yield ReadPart(part, chunk.end, lines, chunks.tail(chunk))
        yield from self._last(chunks, reader, lines)

    def _in_turn(self, form: Format, chunks: Chunks, entry: SourceEntry) -> Iterator[ReadPart]:
        """Read lines that may need those before them: from the first, leaving out what was told before."""
        reader, lines = PartReader(form), 0
        for chunk in self._cut_at(chunks.after(0, "", 0, self.name), entry.position):
            lines += reader.take(chunk, lines + 1)
            part = reader.part()
            if chunk.end > entry.position:
                yield ReadPart(part, chunk.end, lines, chunks.tail(chunk))
        if chunks.position + len(chunks.rest) > entry.position:
            yield from self._last(chunks, reader, lines)

    def _cut_at(self, chunks: Iterable[Chunk], position: int) -> Iterator[Chunk]:
        """Yield the chunks, the one around a position as two."""
        for chunk in chunks:
            if chunk.start < position < chunk.end:
                data = chunk.read()
                # A last line that had no end stands before the position without it.
                cut = position - chunk.start
                cut += data[cut : cut + 1] == b"\n" and data[cut - 1 : cut] != b"\n"
                yield Chunk(chunk.start, position, data[:cut])
                if data[cut:]:
                    yield Chunk(chunk.start + cut, chunk.end, data[cut:])
            else:
                yield chunk

    def _last(self, chunks: Chunks, reader: PartReader, lines: int) -> Iterator[ReadPart]:
        """Read what stands after the last end of a line."""
        rest, damage = chunks.rest, chunks.damage
        may_go_on = self._stream.path is not None or bool(damage)
        if damage:
            self.note = f"the compressed data are damaged or cut short: {damage}"
        if rest:
            reason = reader.try_last(rest, lines + 1)
            if reason and may_go_on:
                self.is_cut, rest = True, b""
            elif reason:
                reader.reject(lines + 1, chunks.position, reason, rest)
        is_whole = False
        if not self.is_cut and not damage:
            reason, is_whole = reader.end()
            if reason and may_go_on:
                self.is_cut = True
            elif reason:
                reader.reject(lines + 1, chunks.position, reason, b"")
        part = reader.part()
        if rest or part.tally.records or part.malformed:
            yield ReadPart(part, chunks.position + len(rest), lines + bool(rest), rest[-TAIL:], is_whole)

    def _binary(self, form: BinaryFormat, entry: SourceEntry) -> Iterator[ReadPart]:
        """Read what a format without lines tells; its positions count what was told."""
        reader = PartReader(None)
        stream = cast("BinaryIO", BufferedReader(cast("RawIOBase", _Joined(self.head, self._stream.data))))
        position = 0
        try:
            for told in form.records(stream):
                position += 1
                if position > entry.position:
                    reader.told(told)
                if position % _BINARY_PART == 0 and position > entry.position:
                    yield ReadPart(reader.part(), position, 0, b"")
        except MalformedLine as error:
            reader.reject(0, 0, error.reason, b"")
        except damages() as error:
            self.note = f"the compressed data are damaged or cut short: {error}"
        # What was still open at its end has been told as if it were over.
        yield ReadPart(reader.part(), position, 0, b"", is_whole=True)


class _Joined(RawIOBase):
    """A stream with what was already read of it put before it again."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer))
        data, self._head = self._head[: len(view)], self._head[len(view) :]
        data = data or self._rest.read(len(view))
        view[: len(data)] = data
        return len(data)


def _read_here(chunks: Iterable[Chunk], reader: PartReader) -> Iterator[tuple[Chunk, FlowPart]]:
    for chunk in chunks:
        reader.take(chunk, 1)
        yield chunk, reader.part()


def _read_head(stream: Stream) -> bytes:
    head = b""
    while len(head) < _HEAD and (block := stream.data.read(_HEAD - len(head))):
        head += block
    return head


def mapped_format(path: str) -> Format:
    """Return the format of CSV files that the mapping in a file tells; raises ``SourceError`` where it is none."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SourceError("the mapping is no text", place=path, remedy="give a mapping, which is YAML") from error
    except OSError as error:
        raise failure(path, error) from error
    return csv_format(read_mapping(text, path))


def _format(name: str, head: bytes, place: str) -> Format | BinaryFormat:
    if name:
        form = format_named(name)
        if form is None:
            known = ", ".join(each.name for each in FORMATS)
            raise UsageError(f"there is no format {name!r}", remedy=f"use one of {known}")
        return form
    found = detect(head)
    if found is None:
        known = ", ".join(each.name for each in FORMATS)
        problem = "the format of the flows is not recognised" if head.strip() else "is empty"
        raise SourceError(problem, place=place, remedy=f"say it with --format; known are {known}")
    return found
