"""A log as pieces that are decoded one by one: its lines, or the whole of it where it is one document."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

import msgspec

LONGEST_LINE = 64 * 1024 * 1024
LARGEST_DOCUMENT = 256 * 1024 * 1024
"""A document that stands on several lines is held in memory."""

_BRACKETS = frozenset({b"[", b"]", b"],"})


class TooLongError(Exception):
    """Stands where a line is too long to be read."""


class Piece(NamedTuple):
    """A text of its own, and the line that it begins at."""

    line: int
    data: bytes | TooLongError
    is_document: bool = False


def pieces(stream: IO[bytes]) -> Iterator[Piece]:
    """
    Yield the lines that hold something; or one document, where the first line does not stand for itself.

    The elements of an array may stand on lines of their own: its brackets and commas are left out.
    """
    lines = _lines(stream)
    head = list(itertools.islice(lines, 2))
    if head and not _is_line(head[0]) and not (len(head) > 1 and _is_value(head[1])):
        read, document = _document(head, lines)
        if document is not None:
            yield Piece(head[0].line, document, is_document=True)
            return
        head = read
    for piece in itertools.chain(head, lines):
        if isinstance(piece.data, TooLongError):
            yield piece
        elif piece.data not in _BRACKETS:
            yield piece._replace(data=piece.data.removesuffix(b","))


def _document(head: list[Piece], lines: Iterator[Piece]) -> tuple[list[Piece], bytes | None]:
    """Return what was read of the lines, and all of it as one text where that is a JSON value."""
    read: list[Piece] = []
    size = 0
    for piece in itertools.chain(head, lines):
        read.append(piece)
        size += 0 if isinstance(piece.data, TooLongError) else len(piece.data)
        if isinstance(piece.data, TooLongError) or size > LARGEST_DOCUMENT:
            return read, None
    text = b"\n".join(each.data for each in read if isinstance(each.data, bytes))
    return read, text if _is_json(text) else None


def _is_line(piece: Piece) -> bool:
    return isinstance(piece.data, TooLongError) or piece.data[:1] not in {b"{", b"["} or _is_value(piece)


def _is_value(piece: Piece) -> bool:
    data = piece.data
    return isinstance(data, bytes) and data[:1] in {b"{", b"["} and _is_json(data.removesuffix(b","))


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text, type=Any)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False
    return True


def _lines(stream: IO[bytes]) -> Iterator[Piece]:
    for number in itertools.count(1):
        data = stream.readline(LONGEST_LINE + 1)
        if not data:
            return
        if len(data) > LONGEST_LINE and not data.endswith(b"\n"):
            while data and not data.endswith(b"\n"):
                data = stream.readline(LONGEST_LINE)
            yield Piece(number, TooLongError())
        elif data.strip():
            yield Piece(number, data.strip())
