"""JSON values out of lines: one in a line, lists of them, and documents that were written over several lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import msgspec

from firedoor.adapters.flows.formats.contract import Ignored, MalformedLine, Told

Element = TypeVar("Element")

_LONGEST = 64 << 20
_LIST = msgspec.json.Decoder(list[msgspec.Raw])


class JsonLines:
    """
    A parser of files of JSON: each value, or each element where it is a list, goes to `read`.

    A document over several lines begins with a line that is a bracket alone, as every
    indenting printer writes it, and ends with the closing one at the same depth. In a list
    each element is read when it closes, so that a long list is never held as a whole.
    """

    def __init__(self, read: Callable[[bytes], Iterable[Told]]) -> None:
        self._read = read
        self._held: list[bytes] = []
        self._size = 0
        self._closing = b""
        self._in_list = False

    def parse(self, line: bytes, number: int) -> Iterable[Told]:  # noqa: ARG002 - the protocol of parsers
        """Yield what the values that end in this line tell."""
        text = line.strip()
        if not text:
            return ()
        if self._held:
            return self._continue(line, text)
        if text == b"{":
            return self._open(line, b"}")
        if text == b"[":
            self._in_list = True
            return ()
        if self._in_list:
            if text == b"]":
                self._in_list = False
                return ()
            text = text.removesuffix(b",")
        return self._whole(text)

    def finish(self) -> Iterable[Told]:
        """Raise where a document is not closed."""
        if self._held or self._in_list:
            self._forget()
            self._in_list = False
            raise MalformedLine("the file ends inside of a JSON document")
        return ()

    def _open(self, line: bytes, closing: bytes) -> Iterable[Told]:
        self._closing = line[: len(line) - len(line.lstrip())] + closing
        self._held, self._size = [line], len(line)
        return ()

    def _continue(self, line: bytes, text: bytes) -> Iterable[Told]:
        if not self._is_inside(line, text):
            # A lone bracket, or a document that was cut: this line is not a part of it.
            self._forget()
            return self._after_cut(text)
        self._held.append(line)
        self._size += len(line)
        if self._size > _LONGEST:
            self._forget()
            raise MalformedLine("a JSON document is longer than 64 MiB; write one record a line")
        if text.removesuffix(b",") != b"}" or line.rstrip().removesuffix(b",") != self._closing:
            return ()
        document = b"\n".join(self._held).strip().removesuffix(b",")
        self._forget()
        return self._whole(document)

    def _is_inside(self, line: bytes, text: bytes) -> bool:
        depth = len(self._closing) - 1
        return line[:depth].isspace() == bool(depth) and (
            line[depth : depth + 1].isspace() or text.removesuffix(b",") == b"}"
        )

    def _after_cut(self, text: bytes) -> Iterator[Told]:
        yield from self._whole(text)
        raise MalformedLine("a JSON document that began in a line before is not closed")

    def _forget(self) -> None:
        self._held, self._size = [], 0

    def _whole(self, text: bytes) -> Iterable[Told]:
        if text.startswith(b"["):
            return each_of(map(bytes, _LIST.decode(text)), self._read)
        return self._read(text)


def each_of(elements: Iterable[Element], read: Callable[[Element], Iterable[Told]]) -> Iterator[Told]:
    """Yield what each element tells, and raise the first fault after them."""
    first: Exception | None = None
    for element in elements:
        try:
            yield from read(element)
        except (MalformedLine, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            first = first or error
    if first is not None:
        raise first


def ignore(reason: str) -> tuple[Told]:
    """Return the answer for something that is no connection by design."""
    return (Ignored(reason),)
