"""
A large JSON list, element by element, through a small buffer.

The place where an element ends is guessed from what stands between the first two, and
proven by decoding: text that is one whole JSON value from the beginning of an element
is that element. Whatever is laid out otherwise is left to the general way.
"""

from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    Take = Callable[[memoryview | bytes, int], None]

    class Stream(Protocol):
        """What bytes are read from."""

        def readinto(self, buffer: memoryview, /) -> int:
            """Read into a buffer, and return how many bytes; 0 at the end."""


BUFFER_BYTES = 1024 * 1024
"""Small enough to stay in the processor's cache; it grows where a single object is larger."""
MOST_BUFFER_BYTES = 64 * BUFFER_BYTES
"""After so much without the end of an element the guess was wrong."""

MOST_BETWEEN_BYTES = 128
"""More than anything prints between two elements, the indentation and the first key of the second included."""

MOST_REST_BYTES = 4 * BUFFER_BYTES
"""How much may be left of a list when what divides its elements is found no more."""

MOST_VAIN_BYTES = 16 * BUFFER_BYTES
"""An element in which so much was taken for a whole one holds others like itself, and is left to the general way."""

_ITEMS = re.compile(rb'"items"[ \t\n\r]*:[ \t\n\r]*\[[ \t\n\r]*')
_BETWEEN = re.compile(r"[ \t\n\r]*,[ \t\n\r]*")
_END = re.compile(r"[ \t\n\r]*\]")
_FIRST_KEY = re.compile(r'(\{[ \t\n\r]*)("[^"\\]*")')
_COMMA = ord(",")
_DECODER = json.JSONDecoder()


class UnusualError(Exception):
    """The data is no list, is not whole, or is laid out as nothing prints it."""


class Layout(NamedTuple):
    """
    What stands between two elements, and how each begins: a brace, white space, and its first key.

    `is_by_lines` says that each stands on one line.
    """

    between: bytes
    opening: bytes
    key: bytes
    is_by_lines: bool


class ListStream:
    """
    The list that `stream` holds; `api_version` and `kind` are those of the list.

    Raises `UnusualError` when the stream does not begin as a list does. `kind` is empty
    until the end where it stands behind the elements. `start` is where in the stream the
    first element is.
    """

    def __init__(self, stream: Stream, buffer_bytes: int = BUFFER_BYTES) -> None:
        """Read the beginning of the list."""
        self._stream = stream
        self._buffer = bytearray(buffer_bytes)
        self._view = memoryview(self._buffer)
        self._start = self._stop = 0
        self._vain = 0
        """Bytes of the present element that were decoded to no end."""
        self._text = codecs.getincrementaldecoder("utf-8")()
        self._is_pending = False
        self._is_exhausted = False
        self._fill()
        self._head: dict[str, Any]
        if b"\0" in self._buffer[: min(self._stop, 8192)]:
            raise UnusualError
        found = _ITEMS.search(self._buffer, 0, self._stop)
        if found is None:
            raise UnusualError
        head = bytes(self._view[: found.start()])
        self._head = _members(head + b'"items":null}')
        self._line = head.count(b"\n") + found[0].count(b"\n") + 1
        self.start = self._start = found.end()

    @property
    def api_version(self) -> str:
        """The list's ``apiVersion``; empty while it is not known."""
        return _text(self._head.get("apiVersion"))

    @property
    def kind(self) -> str:
        """The list's ``kind``; empty while it is not known."""
        return _text(self._head.get("kind"))

    @property
    def line(self) -> int:
        """The line of what is read next."""
        return self._line

    def layout(self) -> Layout | None:
        """Return how the next two elements are laid out; None where there are no two."""
        text, stop = self._first()
        between, start = _BETWEEN.match(text, stop), _FIRST_KEY.match(text)
        if between is None or start is None:
            return None
        is_by_lines = between[0] == ",\n" and "\n" not in text[:stop]
        return Layout(between[0].encode(), start[1].encode(), start[2].encode(), is_by_lines)

    def each(self, take: Take) -> None:
        """
        Give every element and its line to `take`, and read what stands behind the list.

        An element is only lent: its bytes change afterwards. `take` raises
        ``msgspec.DecodeError`` when it is no whole JSON value.
        """
        layout = self.layout()
        if layout is not None:
            if layout.is_by_lines:
                self._by_lines(take)
            else:
                self._by_first_key(take, layout)
        self._one_by_one(take)

    def _first(self) -> tuple[str, int]:
        """Return the text that begins with the first element, some of what follows it, and where it ends."""
        while True:
            text = str(self._view[self._start : self._stop], "utf-8", "ignore")
            try:
                _, stop = _DECODER.raw_decode(text)
            except (ValueError, RecursionError) as error:
                if len(text) > BUFFER_BYTES or not self._fill():
                    raise UnusualError from error
                continue
            if len(text) > stop + MOST_BETWEEN_BYTES or not self._fill():
                return text, stop

    def _by_lines(self, take: Take) -> None:
        """Take the elements that stand on one line each."""
        buffer, view, start, line = self._buffer, self._view, self._start, self._line
        while True:
            end = buffer.find(b"\n", start, self._stop)
            if end < 0:
                self._start, self._line = start, line
                if not self._fill():
                    return
                buffer, view, start = self._buffer, self._view, 0
                continue
            if buffer[end - 1] != _COMMA:
                self._start, self._line = start, line
                return
            try:
                take(view[start : end - 1], line)
            except msgspec.DecodeError as error:
                raise UnusualError from error
            start, line = end + 1, line + 1

    def _by_first_key(self, take: Take, layout: Layout) -> None:
        """Take the elements that begin as the first one does; a key is found many times faster than white space."""
        between, opening, key, _ = layout
        before = b"}" + between + opening
        position = self._start + len(opening) + len(key)
        while True:
            found = self._buffer.find(key, position, self._stop)
            if found < 0:
                searched = max(position, self._stop - len(key)) - self._start
                if not self._fill():
                    return
                position = self._start + max(searched, 0)
                continue
            position = found + len(key)
            end = found - len(before)
            if end < self._start or not self._buffer.startswith(before, end):
                continue
            if not self._takes(take, end + 1):
                # What began like an element stands inside of one, or an element that begins otherwise stands before it.
                self._take_before(take, end, b"}" + between + b"{")
                if not self._takes(take, end + 1):
                    continue
            self._step(end + 1, len(between))

    def _take_before(self, take: Take, stop: int, needle: bytes) -> None:
        """Take the elements that end before `stop`, and begin with any key."""
        position = self._start
        while True:
            end = self._buffer.find(needle, position, stop)
            if end < 0:
                return
            position = end + 1
            if self._takes(take, position):
                self._step(position, len(needle) - 2)

    def _takes(self, take: Take, end: int) -> bool:
        try:
            take(self._view[self._start : end], self._line)
        except msgspec.DecodeError as error:
            self._vain += end - self._start
            if self._vain > MOST_VAIN_BYTES:
                raise UnusualError from error
            return False
        return True

    def _step(self, end: int, between: int) -> None:
        """Go on to the next element."""
        self._vain = 0
        self._line += self._buffer.count(b"\n", self._start, end + between)
        self._start = end + between

    def _one_by_one(self, take: Take) -> None:
        """Take the last elements, whatever divides them, and read the end of the list."""
        while self._fill():
            if self._stop - self._start > MOST_REST_BYTES:
                raise UnusualError
        text = str(self._view[self._start : self._stop], "utf-8")
        position = 0
        try:
            while True:
                _, stop = _DECODER.raw_decode(text, position)
                take(text[position:stop].encode(), self._line)
                between = _BETWEEN.match(text, stop)
                if between is None:
                    break
                self._line += text.count("\n", position, between.end())
                position = between.end()
        except (ValueError, RecursionError, msgspec.DecodeError) as error:
            raise UnusualError from error
        self.end(text[stop:])

    def end(self, text: str) -> None:
        """Read what stands behind the last element."""
        end = _END.match(text)
        if end is None:
            raise UnusualError
        tail = _members(b'{"items":null' + text[end.end() :].encode())
        if self._head.keys() & tail.keys() != {"items"}:
            raise UnusualError
        self._head |= tail

    def _fill(self) -> bool:
        """Read on, behind what is not yet taken; return whether there was anything."""
        if self._is_exhausted:
            return False
        rest = self._stop - self._start
        if rest == len(self._buffer):
            self._grow()
        elif self._start:
            self._view[:rest] = self._view[self._start : self._stop]
        self._start, self._stop = 0, rest
        count = self._stream.readinto(self._view[rest:])
        self._check(rest, rest + count)
        self._stop = rest + count
        self._is_exhausted = not count
        return bool(count)

    def _grow(self) -> None:
        if len(self._buffer) >= MOST_BUFFER_BYTES:
            raise UnusualError
        larger = bytearray(2 * len(self._buffer))
        larger[: len(self._buffer)] = self._buffer
        self._buffer, self._view = larger, memoryview(larger)

    def _check(self, start: int, stop: int) -> None:
        """Refuse what is not UTF-8; the parser itself does not look into texts that it skips."""
        if not self._is_pending and self._buffer.isascii():
            return
        try:
            self._text.decode(self._view[start:stop], final=start == stop)
        except UnicodeDecodeError as error:
            raise UnusualError from error
        self._is_pending = bool(self._text.getstate()[0])


def _members(data: bytes) -> dict[str, Any]:
    """Return the members of an object, of which none may be there twice."""
    try:
        pairs = json.loads(data, object_pairs_hook=list)
        members = dict(pairs)
    except (ValueError, TypeError, RecursionError) as error:
        raise UnusualError from error
    if len(members) != len(pairs) or "items" not in members or members["items"] is not None:
        raise UnusualError
    return members


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
