"""
The first part of a very large list, read by a process of its own while this one reads the rest.

Where the list is parted is guessed from what stands between its elements, and proven: the
first part has to end where an element ends, and the rest to begin with one.
"""

from __future__ import annotations

import gc
import os
import sys
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Raw, Struct

from firedoor.adapters.manifests.json_stream import ListStream, UnusualError
from firedoor.model.bulk_decoding import PodWay
from firedoor.model.pod_columns import PodColumns, PodColumnsWriter

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from io import BufferedReader

    from firedoor.adapters.manifests.json_stream import Layout, Stream

SMALLEST_BYTES = 64 * 1024 * 1024
"""A file below this size is read before another process could help."""
_SHARE = 0.44
"""The share of the file that the other process reads, which first has to start."""
_SEARCHED_BYTES = 4 * 1024 * 1024
"""Where no element begins in so many bytes, the list is not parted."""


class Task(Struct, frozen=True):
    """What the other process has to know: where the first part ends, and what pods that name no namespace are in."""

    stop: int
    namespace: str


class FirstPart(Struct, array_like=True, gc=False):
    """
    The elements of the first part: its pods, and all others as they are written.

    `others` are ``(pods before it, line, bytes)``; `line` is that on which it ends.
    """

    pods: PodColumns
    others: list[tuple[int, int, bytes]]
    line: int


class Reading:
    """The other process."""

    def __init__(self, process: subprocess.Popen[bytes], start: int) -> None:
        """Know that the rest begins at the byte `start` of the file."""
        self._process = process
        self.start = start

    def result(self) -> FirstPart | None:
        """Wait for the first part; None where it is laid out in an unusual way, or the process was ended."""
        answer, _ = self._process.communicate()
        if self._process.returncode or not answer:
            return None
        return msgspec.msgpack.decode(answer, type=FirstPart)


def is_worth_parting(stream: BufferedReader) -> bool:
    """Return whether two processes would read a file sooner than one."""
    return _processors() > 1 and _size_of(stream) >= SMALLEST_BYTES


def _processors() -> int:
    """Return how many there are for this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _size_of(stream: BufferedReader) -> int:
    return os.fstat(stream.fileno()).st_size


@contextmanager
def reading_first_part(stream: BufferedReader, layout: Layout, namespace: str) -> Iterator[Reading | None]:
    """
    Let another process read the first part of the file that `stream` reads, as long as the context lasts.

    Yield None where that cannot be. Where `stream` stands afterwards is not said.
    """
    found = _parted(stream, layout)
    process = None if found is None else _start(stream, Task(found - len(layout.between), namespace))
    if found is None or process is None:
        yield None
        return
    with process:
        try:
            yield Reading(process, found)
        finally:
            process.kill()


def _parted(stream: BufferedReader, layout: Layout) -> int | None:
    """Return where in a file the rest begins; None where none of its elements begins there."""
    start = stream.seek(int(_size_of(stream) * _SHARE))
    found = stream.read(_SEARCHED_BYTES).find(b"}" + layout.between + layout.opening + layout.key)
    return None if found < 0 else start + found + 1 + len(layout.between)


def _start(stream: BufferedReader, task: Task) -> subprocess.Popen[bytes] | None:
    import subprocess  # noqa: PLC0415 - most commands start without it

    try:
        with Path(stream.name).open("rb", buffering=0) as same:
            if not os.path.sameopenfile(same.fileno(), stream.fileno()):
                return None
            # -P: what lies in the current folder is not imported.
            return subprocess.Popen(  # noqa: S603 - no shell, and nothing but this program
                [sys.executable, "-P", "-m", __name__, msgspec.json.encode(task).decode()],
                stdin=same,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
    except OSError:
        return None


class _Cut:
    """A stream that ends after so many bytes."""

    def __init__(self, stream: Stream, size: int) -> None:
        self._stream = stream
        self._left = size

    def readinto(self, buffer: memoryview, /) -> int:
        count = self._stream.readinto(buffer[: self._left]) if self._left else 0
        self._left -= count
        return count


def read_first_part(stream: Stream, task: Task) -> FirstPart:
    """Return the first part of a list; raises `UnusualError` for one that is not laid out as lists are."""
    found = ListStream(_Cut(stream, task.stop))
    implied = found.api_version, found.kind.removesuffix("List")
    way, pods = PodWay("", task.namespace), PodColumnsWriter(task.namespace)
    others: list[tuple[int, int, bytes]] = []
    count = 0

    def take(item: memoryview | bytes, line: int) -> None:
        nonlocal count
        read = way.read(item, implied)
        if read is None:
            # Where the decoder stopped early, nobody has seen yet whether the rest is JSON.
            msgspec.json.decode(item, type=Raw)
            others.append((count, line, bytes(item)))
            return
        pods.add(line, *read)
        count += 1

    found.each(take, is_cut=True)
    return FirstPart(pods.finished(), others, found.line)


def main() -> None:
    """Read the first part of the list on standard input, and print it."""
    gc.disable()
    task = msgspec.json.decode(sys.argv[1], type=Task)
    try:
        part = read_first_part(FileIO(sys.stdin.fileno(), closefd=False), task)
    except (UnusualError, RecursionError):
        sys.exit(1)
    sys.stdout.buffer.write(msgspec.msgpack.encode(part))


if __name__ == "__main__":
    main()
