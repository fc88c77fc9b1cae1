"""What waits for a sink, first in, first out, on the disk."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import RLock
from typing import IO

from msgspec import Struct

from firedoor.errors import SourceError

_PATIENCE = 5.0
"""So many seconds may another process be writing."""


class Waiting(Struct, frozen=True, gc=False):
    """One thing that waits, with its place in the row."""

    number: int
    body: bytes


class DiskQueue:
    """
    A queue in a file of SQLite, of at most `most` entries; several processes may use it.

    What `put` returned from is on the disk, whatever happens to the process or the machine. Its methods raise
    ``OSError`` where the disk does not do what is asked.
    """

    def __init__(self, path: Path, most: int) -> None:
        """Open or make the file; raises ``SourceError``."""
        self._path = path
        self._most = most
        self._lock = RLock()
        self._holder: IO[bytes] | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._base = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error
        try:
            self._base.execute("PRAGMA journal_mode=WAL")
            self._base.execute("PRAGMA synchronous=FULL")
            self._base.execute(
                "CREATE TABLE IF NOT EXISTS waiting"
                " (number INTEGER PRIMARY KEY AUTOINCREMENT, since REAL NOT NULL, body BLOB NOT NULL)"
            )
            # Only a write shows that there may be writes.
            self._base.execute("CREATE TABLE IF NOT EXISTS opened (at REAL)")
            self._base.execute("DELETE FROM opened")
            self._base.execute("INSERT INTO opened VALUES (?)", (time.time(),))
        except sqlite3.Error as error:
            self._base.close()
            raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> SourceError:
        return SourceError(
            f"the queue of a sink cannot be kept: {getattr(error, 'strerror', None) or error}",
            place=str(self._path),
            remedy="name a folder that you may write to with --state, or move the file away if it is damaged",
        )

    def put(self, bodies: Sequence[bytes]) -> int:
        """Add entries at the end, and return how many of the oldest had to go."""
        now = time.time()
        with self._changing() as base:
            base.executemany("INSERT INTO waiting (since, body) VALUES (?, ?)", [(now, each) for each in bodies])
            surplus = max(_count(base) - self._most, 0)
            if surplus:
                base.execute(
                    "DELETE FROM waiting WHERE number IN (SELECT number FROM waiting ORDER BY number LIMIT ?)",
                    (surplus,),
                )
        return surplus

    def head(self, most: int) -> list[Waiting]:
        """Return the first entries, which stay."""
        with self._reading() as base:
            rows = base.execute("SELECT number, body FROM waiting ORDER BY number LIMIT ?", (most,)).fetchall()
        return [Waiting(number, bytes(body)) for number, body in rows]

    def remove(self, entries: Iterable[Waiting]) -> None:
        """Remove entries."""
        with self._changing() as base:
            base.executemany("DELETE FROM waiting WHERE number = ?", [(each.number,) for each in entries])

    def size(self) -> tuple[int, float]:
        """Return how many entries wait, and for how many seconds the first does."""
        with self._reading() as base:
            first = base.execute("SELECT since FROM waiting ORDER BY number LIMIT 1").fetchone()
            count = _count(base)
        return count, max(time.time() - first[0], 0.0) if first is not None else 0.0

    def hold(self) -> bool:
        """Return whether this process is the one that takes entries out; it stays that until it ends."""
        if self._holder is None:
            file = self._path.with_suffix(".lock").open("a+b")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.close()
                return False
            self._holder = file
        return True

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._base.close()
            if self._holder is not None:
                self._holder.close()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._base
            except sqlite3.Error as error:
                raise OSError(f"the queue cannot be used: {error}") from error

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Cursor]:
        with self._reading() as base, closing(base.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
                cursor.execute("COMMIT")
            except BaseException:
                if base.in_transaction:
                    cursor.execute("ROLLBACK")
                raise


def _count(base: sqlite3.Connection | sqlite3.Cursor) -> int:
    """Return how many entries there are by the numbers of the first and the last, without a look at all of them."""
    first, last = base.execute("SELECT (SELECT min(number) FROM waiting), (SELECT max(number) FROM waiting)").fetchone()
    return int(last - first + 1) if last is not None else 0
