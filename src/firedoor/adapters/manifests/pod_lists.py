"""
A large list in a file, read by compiled code: its pods as columns, and all other elements as they are written.

For this the compiled part has to be there, see `firedoor.native`.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, NamedTuple

from firedoor.adapters.manifests.json_stream import MOST_REST_BYTES, ListStream, UnusualError
from firedoor.model.pod_columns import PodBatch, PodCollector, UnlikeError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from io import BufferedReader

    from firedoor._native import Columns, Others, PodList
    from firedoor.model.pod_table import PodTable

SMALLEST_BYTES = 64 * 1024 * 1024
"""A list below this size is read by one thread before another could help."""
_SHARE = 0.3
"""
The share of the file that is the first part: Python takes one part after the other.

It has taken the second as far as it is read by then while the rest of that is still read.
"""
_SEARCHED_BYTES = 4 * 1024 * 1024
"""Where no element begins in so many bytes, the list is read in one part."""


class PodsApart(NamedTuple):
    """
    A list whose pods are columns.

    `places` are how many of the pods stand before each element that is none of them, and
    `is_plain` says that the pods are sorted, with a name each, and none there twice.
    """

    found: ListStream
    pods: PodTable
    places: list[int]
    is_plain: bool


def read_apart(
    stream: BufferedReader, source: str, namespace: str, others: Callable[[ListStream], Callable[[bytes, int], None]]
) -> PodsApart | None:
    """
    Return the list that a file holds; None for one that is laid out in an unusual way, or holds unusual pods.

    All elements but pods go to what `others` returns for the list, with their lines; it
    is asked anew where the list is read again. Where `stream` stands afterwards is not said.
    """
    try:
        found = ListStream(stream)
        parts = _parts(stream, found)
        try:
            return _read(stream, found, parts, source, namespace, others)
        except UnusualError:
            if len(parts) == 1:
                return None
            # Where the parts meet may have been inside of an element.
            return _read(stream, found, [parts[0]._replace(stop=None)], source, namespace, others)
    except (UnusualError, UnlikeError, ValueError, OSError, RecursionError):
        return None


def _read(
    stream: BufferedReader,
    found: ListStream,
    parts: list[_Part],
    source: str,
    namespace: str,
    others: Callable[[ListStream], Callable[[bytes, int], None]],
) -> PodsApart:
    reading = _Reading(stream, found, PodCollector(source), others(found), namespace)
    with ExitStack() as stack:
        # All are begun before the first one is taken.
        begun = [stack.enter_context(reading.begun(part)) for part in parts]
        for each in begun:
            end = reading.take(each)
    stream.seek(end)
    rest = stream.read(MOST_REST_BYTES + 1)
    if len(rest) > MOST_REST_BYTES:
        raise UnusualError
    found.end(rest.decode())
    order = reading.pods.order()
    return PodsApart(found, reading.pods.table(order), reading.places, order is not None)


class _Part(NamedTuple):
    """
    A part of a list: where it starts and stops, None for the end of the list.

    `line` is that of its first element, counted from where the part before ended.
    """

    start: int
    stop: int | None
    line: int


def _parts(stream: BufferedReader, found: ListStream) -> list[_Part]:
    """Return the parts that a list is read in, at the same time: where they meet is guessed, and proven by both."""
    whole = [_Part(found.start, None, found.line)]
    layout = found.layout() if _processors() > 1 and _size_of(stream) >= SMALLEST_BYTES else None
    if layout is None:
        return whole
    middle = stream.seek(int(_size_of(stream) * _SHARE))
    cut = stream.read(_SEARCHED_BYTES).find(b"}" + layout.between + layout.opening + layout.key)
    if cut < 0:
        return whole
    stop = middle + cut + 1
    return [
        _Part(found.start, stop, found.line),
        _Part(stop + len(layout.between), None, layout.between.count(b"\n")),
    ]


def _processors() -> int:
    """Return how many there are for this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _size_of(stream: BufferedReader) -> int:
    return os.fstat(stream.fileno()).st_size


def _batch(reading: PodList) -> tuple[Columns, Others] | None:
    try:
        return reading.batch()
    except ValueError as error:
        raise UnusualError from error


class _Reading:
    """A list while it is read."""

    def __init__(
        self,
        stream: BufferedReader,
        found: ListStream,
        pods: PodCollector,
        take: Callable[[bytes, int], None],
        namespace: str,
    ) -> None:
        self.pods = pods
        self.places: list[int] = []
        self._take = take
        self._stream = stream
        self._namespace = namespace
        self._implied = found.api_version, found.kind.removesuffix("List")
        self._line = 0

    def begun(self, part: _Part) -> AbstractContextManager[PodList]:
        """Return a part that is being read, until the context ends."""
        from firedoor._native import PodList  # noqa: PLC0415 - it may not be there

        return closing(
            PodList(self._stream.fileno(), part.start, part.line, part.stop, self._namespace, *self._implied)
        )

    def take(self, reading: PodList) -> int:
        """Take all of a part, and return where it ended."""
        while (batch := _batch(reading)) is not None:
            columns, elements = batch
            before = len(self.pods)
            self.pods.take(PodBatch(*columns))
            for position, line, element in elements:
                self.places.append(before + position)
                self._take(element, self._line + line)
        end = reading.end
        if end is None:
            raise UnusualError
        offset, line, order = end
        self._line += line
        self.pods.end_part(order, self._line)
        return offset
