"""
Chunks of Hubble's lines, which need nothing of one another, several of them read at once.

Compiled code lets other threads go on meanwhile; where it is not there, processes read.
"""

from __future__ import annotations

import gc
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import cache
from multiprocessing import connection, get_context, parent_process
from typing import TYPE_CHECKING

import msgspec

from firedoor import native
from firedoor.adapters.flows.chunks import Chunk
from firedoor.errors import SourceError
from firedoor.model.flow_reading import FlowPart

if TYPE_CHECKING:
    from firedoor.adapters.flows.parts import PartReader


def read_at_once(chunks: Iterable[Chunk], jobs: int, reader: PartReader) -> Iterator[tuple[Chunk, FlowPart]]:
    """
    Yield what chunks tell, in their order; the numbers of malformed lines count within each chunk.

    Who asks is one of the jobs: a chunk is read with `reader` where there would be nothing to do but to wait.
    """
    decode = msgspec.msgpack.Decoder(FlowPart).decode
    coming = iter(chunks)
    waiting: deque[tuple[Chunk, Future[bytes | FlowPart] | FlowPart]] = deque()
    pool, read = _others(jobs - 1)
    with pool:
        try:
            while True:
                # Each of the others has one at hand when it is done with another.
                while _unread(waiting) < jobs and (chunk := next(coming, None)) is not None:
                    waiting.append((chunk, pool.submit(read, chunk)))
                if not waiting:
                    return
                done, told = waiting[0]
                if isinstance(told, Future):
                    if not told.done() and len(waiting) < jobs + 2 and (chunk := next(coming, None)) is not None:
                        reader.take(chunk, 1)
                        waiting.append((chunk, reader.part()))
                        continue
                    result = told.result()
                    told = decode(result) if isinstance(result, bytes) else result
                waiting.popleft()
                yield done, told
        except BrokenExecutor as error:
            raise SourceError(
                "a process that read a part of it was ended from outside",
                remedy="import it again, it goes on where it ended; with --jobs 1 if memory is short",
            ) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _unread(waiting: Iterable[tuple[Chunk, Future[bytes | FlowPart] | FlowPart]]) -> int:
    return sum(isinstance(told, Future) and not told.done() for _, told in waiting)


def _others(count: int) -> tuple[Executor, Callable[[Chunk], bytes | FlowPart]]:
    """Return who reads besides, and with what."""
    if native.is_there():
        return ThreadPoolExecutor(count, "firedoor-flows"), _ThreadReader().read
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_begin), _read


class _ThreadReader(threading.local):
    """A reader for each thread."""

    def __init__(self) -> None:
        self._reader = _reader()

    def read(self, chunk: Chunk) -> FlowPart:
        self._reader.take(chunk, 1)
        return self._reader.part()


def _read(chunk: Chunk) -> bytes:
    reader = _reader_of_process()
    reader.take(chunk, 1)
    return msgspec.msgpack.encode(reader.part())


@cache
def _reader_of_process() -> PartReader:
    """Return the one reader of the other process, which knows texts again that it read in chunks before."""
    return _reader()


def _reader() -> PartReader:
    from firedoor.adapters.flows.formats import Format, format_named  # noqa: PLC0415 - in the other process
    from firedoor.adapters.flows.parts import HUBBLE, PartReader  # noqa: PLC0415

    form = format_named(HUBBLE)
    assert isinstance(form, Format)  # noqa: S101 - it is registered
    return PartReader(form)


def _begin() -> None:
    """End this process when the one that started it is gone, however that ended."""
    # What is made here holds no cycles, and looking for them takes a third of the time.
    gc.disable()
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_wait_for, args=(parent.sentinel,), daemon=True).start()


def _wait_for(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
