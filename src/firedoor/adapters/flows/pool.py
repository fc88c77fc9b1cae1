"""Chunks of Hubble's lines, which need nothing of one another, read by several processes at once."""

from __future__ import annotations

import gc
import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from multiprocessing import connection, get_context, parent_process

import msgspec

from firedoor.adapters.flows.chunks import Chunk
from firedoor.errors import SourceError
from firedoor.model.flow_reading import FlowPart


def read_in_processes(chunks: Iterable[Chunk], jobs: int) -> Iterator[tuple[Chunk, FlowPart]]:
    """Yield what chunks tell, in their order; the numbers of malformed lines count within each chunk."""
    decode = msgspec.msgpack.Decoder(FlowPart).decode
    waiting: deque[tuple[Chunk, Future[bytes]]] = deque()
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_begin) as pool:
        try:
            for chunk in chunks:
                waiting.append((chunk, pool.submit(_read, chunk)))
                if len(waiting) > jobs:
                    done, future = waiting.popleft()
                    yield done, decode(future.result())
            while waiting:
                done, future = waiting.popleft()
                yield done, decode(future.result())
        except BrokenExecutor as error:
            raise SourceError(
                "a process that read a part of it was ended from outside",
                remedy="import it again, it goes on where it ended; with --jobs 1 if memory is short",
            ) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _read(chunk: Chunk) -> bytes:
    from firedoor.adapters.flows.formats import Format, format_named  # noqa: PLC0415 - in the other process
    from firedoor.adapters.flows.parts import HUBBLE, PartReader  # noqa: PLC0415

    form = format_named(HUBBLE)
    assert isinstance(form, Format)  # noqa: S101 - it is registered
    reader = PartReader(form)
    reader.take(chunk, 1)
    return msgspec.msgpack.encode(reader.part())


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
