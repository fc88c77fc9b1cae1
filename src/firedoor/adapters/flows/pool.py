"""Chunks of Hubble's lines, which need nothing of one another, read by several processes at once."""

from __future__ import annotations

import gc
import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from functools import cache
from multiprocessing import connection, get_context, parent_process
from typing import TYPE_CHECKING

import msgspec

from firedoor.adapters.flows.chunks import Chunk
from firedoor.errors import SourceError
from firedoor.model.flow_reading import FlowPart

if TYPE_CHECKING:
    from firedoor.adapters.flows.parts import PartReader


def read_in_processes(chunks: Iterable[Chunk], jobs: int, reader: PartReader) -> Iterator[tuple[Chunk, FlowPart]]:
    """
    Yield what chunks tell, in their order; the numbers of malformed lines count within each chunk.

    This process is one of the jobs: it reads a chunk with `reader` where it would have to wait for others.
    """
    decode = msgspec.msgpack.Decoder(FlowPart).decode
    coming = iter(chunks)
    waiting: deque[tuple[Chunk, Future[bytes] | FlowPart]] = deque()
    with ProcessPoolExecutor(jobs - 1, mp_context=get_context("spawn"), initializer=_begin) as pool:
        try:
            while True:
                # Each of the others has one at hand when it is done with another.
                while _unread(waiting) < jobs and (chunk := next(coming, None)) is not None:
                    waiting.append((chunk, pool.submit(_read, chunk)))
                if not waiting:
                    return
                done, told = waiting[0]
                if isinstance(told, Future):
                    if not told.done() and len(waiting) < jobs + 2 and (chunk := next(coming, None)) is not None:
                        reader.take(chunk, 1)
                        waiting.append((chunk, reader.part()))
                        continue
                    told = decode(told.result())
                waiting.popleft()
                yield done, told
        except BrokenExecutor as error:
            raise SourceError(
                "a process that read a part of it was ended from outside",
                remedy="import it again, it goes on where it ended; with --jobs 1 if memory is short",
            ) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _unread(waiting: Iterable[tuple[Chunk, Future[bytes] | FlowPart]]) -> int:
    return sum(isinstance(told, Future) and not told.done() for _, told in waiting)


def _read(chunk: Chunk) -> bytes:
    reader = _reader()
    reader.take(chunk, 1)
    return msgspec.msgpack.encode(reader.part())


@cache
def _reader() -> PartReader:
    """Return the one reader of the other process, which knows texts again that it read in chunks before."""
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
