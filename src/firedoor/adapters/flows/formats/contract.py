"""What a format of flow records is: how it is recognised, and how its lines become records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from msgspec import Struct

from firedoor.model.flows import FlowRecord, LostFlows


class MalformedLine(Exception):  # noqa: N818 - it names what was found, and callers count it rather than fail
    """A line that is not what its format says; `reason` is for people, names the field and quotes little."""

    def __init__(self, reason: str) -> None:
        """Keep the reason apart from the arguments."""
        super().__init__(reason)
        self.reason = reason


class Ignored(Struct, frozen=True, gc=False):
    """
    Something well formed that is no connection by design: a log line of the program, an event of another kind.

    `reason` is one of few fixed texts for each format, so that they can be counted.
    """

    reason: str


Told = FlowRecord | LostFlows | Ignored


class LineParser(Protocol):
    """
    Parses the lines of one file, in order; it may keep state, so that each file takes a new one.

    A line that yields nothing belongs to the form of the file: an empty line, a header, a
    bracket, a part of a document over several lines.
    """

    def parse(self, line: bytes, number: int) -> Iterable[Told]:
        """
        Yield what a line tells; raises `MalformedLine`, and nothing else, for what is broken.

        Where a line holds a list, its good elements are yielded before the first fault is raised:
        iterate, rather than collect.
        """

    def finish(self) -> Iterable[Told]:
        """Yield what the end of the file tells; raises `MalformedLine` where it ends inside of a document."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format of lines: `sniff` judges the first 64 KiB of a file, `parser` makes a parser for one file."""

    name: str
    title: str
    sniff: Callable[[bytes], bool]
    parser: Callable[[], LineParser]


@dataclass(frozen=True, slots=True)
class BinaryFormat:
    """
    A format that has no lines: `records` yields what a stream tells.

    It raises `MalformedLine` where the rest of the stream cannot be read, after all that could be.
    """

    name: str
    title: str
    sniff: Callable[[bytes], bool]
    records: Callable[[BinaryIO], Iterator[Told]]
