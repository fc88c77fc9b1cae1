"""
Hubble's lines as columns, where there is compiled code that cuts them: what is new is read once, here.

A line that is not of the usual shape, or has an end or a frame that means nothing alone, is left to who reads any line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from firedoor.adapters.flows.chunks import Chunk
from firedoor.adapters.flows.formats import LineParser
from firedoor.adapters.flows.hubble_meanings import read_end, read_frame
from firedoor.engine.flows.columns import Frame, Frames
from firedoor.engine.flows.sightings import Sightings
from firedoor.model.flows import FlowEnd, FlowVerdict

if TYPE_CHECKING:
    from firedoor._native import Lines

LINE = np.dtype(
    [
        ("time", "i8"),
        ("start", "i8"),
        *((name, "i4") for name in ("number", "length", "source", "destination", "frame")),
        *((name, "u2") for name in ("near", "far")),
    ]
)
"""What `engine.flows.columns` takes of a line, and where in its source and in its chunk it is."""

_MOST_TEXT = 64 << 20
_NO_FRAME = Frame("TCP", "", FlowVerdict.OTHER, (), is_turned=False)


class Left(NamedTuple):
    """A line that is left: its number in a chunk, from 0, where it begins in its source, and its length."""

    number: int
    start: int
    length: int


class HubbleLines:
    """Takes chunks of lines; what they tell is in the sightings once they are finished."""

    def __init__(self, parser: LineParser) -> None:
        """Keep who says what a frame means; it must keep nothing from one line to the next."""
        self._parser = parser
        self._lines: list[NDArray[np.void]] = []
        self._begin()

    def _begin(self) -> None:
        from firedoor._native import FlowLines  # noqa: PLC0415 - it may not be there

        self._cutter = FlowLines()
        self._frames = Frames()
        self._is_end: list[bool] = []
        self._is_frame: list[bool] = []
        self._length = 0

    def take(self, chunk: Chunk) -> tuple[int, Iterator[tuple[Left, bytes]]]:
        """Take whole lines; return how many there are, and those that are left, in their order, with their texts."""
        count, rows, others, ends, frames = self._cut(chunk)
        self._learn(ends, frames)
        lines = np.frombuffer(rows, LINE)
        left = [Left(*each) for each in np.frombuffer(others, np.int64).reshape(-1, len(Left._fields)).tolist()]
        if not (all(self._is_end) and all(self._is_frame)):
            is_end, is_frame = np.array(self._is_end, bool), np.array(self._is_frame, bool)
            is_known = is_end[lines["source"]] & is_end[lines["destination"]] & is_frame[lines["frame"]]
            left += (Left(*each) for each in lines[~is_known][list(Left._fields)].tolist())
            left.sort()
            lines = lines[is_known]
        if len(lines):
            self._lines.append(lines)
        return count, zip(left, chunk.texts((each.start, each.length) for each in left), strict=True)

    def finish(self, sightings: Sightings) -> None:
        """Put what was told into sightings, and forget texts where they have become too many."""
        if self._lines:
            lines = np.concatenate(self._lines)
            sightings.told(int(lines["time"].min()), int(lines["time"].max()), len(lines))
            sightings.add_columns(self._frames.columns(lines), self._frames.ends(lines))
            self._lines.clear()
        if self._length > _MOST_TEXT:
            self._begin()

    def _cut(self, chunk: Chunk) -> Lines:
        if chunk.data is not None:
            return self._cutter.take(chunk.data, chunk.start)
        with open(chunk.path, "rb", buffering=0) as stream:  # noqa: PTH123 - a path as the person wrote it
            return self._cutter.read(stream.fileno(), chunk.start, chunk.end)

    def _learn(self, ends: list[bytes], frames: list[bytes]) -> None:
        for text in ends:
            end = read_end(text)
            self._is_end.append(end is not None)
            self._frames.add_end(end or FlowEnd())
        for text in frames:
            frame = read_frame(text, self._parser)
            self._is_frame.append(frame is not None)
            self._frames.add_frame(frame or _NO_FRAME)
        self._length += sum(map(len, ends)) + sum(map(len, frames))
