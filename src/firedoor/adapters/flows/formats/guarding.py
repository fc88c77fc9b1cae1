"""What every parser has around it: line ends and prefixes taken off, and every fault told as a malformed line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import msgspec

from firedoor.adapters.flows.formats.contract import Format, LineParser, MalformedLine, Told

LONGEST_LINE = 16 << 20
# Container runtimes (CRI) put this before what a container wrote.
_CRI = re.compile(rb"\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d) std(?:out|err) ([FP]) ")
_BOM = b"\xef\xbb\xbf"
_FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_LONGEST_REASON = 300


class Guarded:
    """A parser that raises `MalformedLine` and nothing else, whatever the bytes are."""

    def __init__(self, inner: LineParser) -> None:
        self._inner = inner
        self._parts: list[bytes] = []
        self._size = 0

    def parse(self, line: bytes, number: int) -> Iterator[Told]:
        """Yield what the line tells."""
        line = line.rstrip(b"\r\n")
        if number == 1:
            line = line.removeprefix(_BOM)
        if len(line) > LONGEST_LINE:
            raise MalformedLine("the line is longer than 16 MiB")
        if b"\x00" in line:
            raise MalformedLine("the line has NUL bytes: a torn write, or no text")
        if line[:1] in {b"1", b"2"} and (match := _CRI.match(line)):
            line = line[match.end() :]
            if match[1] == b"P" or self._parts:
                joined = self._join(line, is_last=match[1] == b"F")
                if joined is None:
                    return
                line = joined
        try:
            yield from self._inner.parse(line, number)
        except _FAULTS as error:
            raise _malformed(error) from None

    def finish(self) -> Iterator[Told]:
        """Yield what the end tells."""
        yield from self._inner.finish()
        if self._parts:
            raise MalformedLine("the file ends in a line of which the container runtime wrote a part")

    def _join(self, line: bytes, *, is_last: bool) -> bytes | None:
        """Return the line that a container runtime wrote in parts, None before the last part."""
        self._parts.append(line)
        self._size += len(line)
        if self._size > LONGEST_LINE:
            self._parts, self._size = [], 0
            raise MalformedLine("the line is longer than 16 MiB")
        if not is_last:
            return None
        whole = b"".join(self._parts)
        self._parts, self._size = [], 0
        return whole


def _malformed(error: Exception) -> MalformedLine:
    """Return the fault in words for people."""
    if isinstance(error, msgspec.ValidationError):
        return MalformedLine(f"a field has another type than expected: {error}"[:_LONGEST_REASON])
    if isinstance(error, UnicodeDecodeError):
        return MalformedLine("the line is no UTF-8 text")
    if isinstance(error, RecursionError):
        return MalformedLine("the line is nested too deeply")
    return MalformedLine(f"no JSON: {error}"[:_LONGEST_REASON])


def guarded(name: str, title: str, sniff: Callable[[bytes], bool], parser: Callable[[], LineParser]) -> Format:
    """Return a format whose parsers are guarded."""
    return Format(name, title, sniff, lambda: Guarded(parser()))
