"""The store of flows: Parquet files by cluster and hour, and a ledger that says which of them count."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import groupby
from pathlib import Path
from time import time, time_ns
from urllib.parse import quote

import duckdb
import msgspec
from duckdb import DuckDBPyConnection

from firedoor.adapters.flows import ledger as ledgers
from firedoor.adapters.flows.ledger import Ledger, StoredFile, locked, write_whole
from firedoor.adapters.flows.queries import read_edges
from firedoor.adapters.flows.rows import connect, merge_files, write_rows
from firedoor.engine.flows.sightings import HOUR
from firedoor.errors import SourceError
from firedoor.interfaces import Progress
from firedoor.model.flow_reading import (
    FlowCoverage,
    FlowQuestion,
    FlowRow,
    FlowTally,
    MalformedFlow,
    SourceEntry,
    SourceMemory,
    StoredHours,
)
from firedoor.model.flows import FlowEdge

MANY = 16
"""So many files of one hour are put together."""

_OLD_ENOUGH = 24 * 3600


class Store:
    """A store in a folder, which is made when something is imported."""

    def __init__(self, folder: Path) -> None:
        """Keep where it is."""
        self.folder = folder
        self._database: DuckDBPyConnection | None = None

    @property
    def place(self) -> str:
        """The folder."""
        return str(self.folder)

    def sources(self) -> Sequence[SourceEntry]:
        """Return the sources that were imported, in that order."""
        return sorted(ledgers.load(self.folder).sources.values(), key=lambda each: (each.imported, each.id))

    def hours(self) -> Sequence[StoredHours]:
        """Return what is held of each cluster."""
        files = sorted(ledgers.load(self.folder).files.values(), key=lambda each: (each.cluster, each.hour))
        return [_summed(cluster, list(found)) for cluster, found in groupby(files, key=lambda each: each.cluster)]

    def edges(self, asked: FlowQuestion) -> Iterator[FlowEdge]:
        """Yield the edges that are asked for, those with most connections first."""
        if not self.folder.is_dir():
            return
        with locked(self.folder, alone=False):
            files = [
                self.folder / each.path
                for each in ledgers.load(self.folder).files.values()
                if _is_asked(each.cluster, each.hour * HOUR, (each.hour + 1) * HOUR, asked)
            ]
            try:
                if files:
                    yield from read_edges(self._connected(), sorted(files), asked)
            except duckdb.Error as error:
                raise SourceError(
                    f"the store cannot be read: {_first_line(error)}",
                    place=str(self.folder),
                    remedy="restore it, or remove it and import its sources again",
                ) from error

    def coverage(self, asked: FlowQuestion) -> FlowCoverage:
        """Return what the sources told that have something in the time that is asked for."""
        tally, count = FlowTally(), 0
        for each in ledgers.load(self.folder).sources.values():
            if _is_asked(each.cluster, each.tally.first, each.tally.last + 1, asked):
                count += 1
                tally.add(each.tally)
        return FlowCoverage(count, tally)

    def recall(self, entry: SourceEntry) -> SourceMemory:
        """Return what is remembered of a source."""
        if not entry.memory:
            return SourceMemory()
        path = self.folder / entry.memory
        try:
            return msgspec.msgpack.decode(path.read_bytes(), type=SourceMemory)
        except (OSError, msgspec.DecodeError) as error:
            problem = f"what was remembered of {entry.name} cannot be read: {error}"
            raise SourceError(
                problem, place=str(path), remedy="restore it, or remove the store and import again"
            ) from error

    def commit(
        self,
        entry: SourceEntry,
        before: int,
        rows: Sequence[FlowRow],
        malformed: Sequence[MalformedFlow],
        memory: SourceMemory,
    ) -> None:
        """Keep a part as a whole or not at all, if the source still ends at `before`; else raises ``SourceError``."""
        try:
            self._commit(entry, before, rows, malformed, memory)
        except (OSError, duckdb.Error) as error:
            raise _unwritable(self.folder, error) from error

    def _commit(
        self,
        entry: SourceEntry,
        before: int,
        rows: Sequence[FlowRow],
        malformed: Sequence[MalformedFlow],
        memory: SourceMemory,
    ) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Parts of a file are the same whoever reads them; what has a mark may have been told something else.
        own = f"-{blake2b(memory.mark, digest_size=8).hexdigest()}" if memory.mark else ""
        name = f"{entry.id}-{before}{own}"
        files = self._written(entry.cluster, name, rows)
        if malformed:
            rejects = f"rejects/{name}.jsonl"
            write_whole(self.folder / rejects, msgspec.json.Encoder().encode_lines(malformed))
            entry.rejects = (*entry.rejects, rejects)
        old, entry.memory = entry.memory, f"memory/{entry.id}-{entry.position}{own}.msgpack"
        write_whole(self.folder / entry.memory, msgspec.msgpack.encode(memory))
        entry.imported = time_ns()
        with locked(self.folder, alone=True):
            known = ledgers.load(self.folder)
            there = known.sources.get(entry.id)
            if (there.position if there is not None else 0) != before:
                raise SourceError(
                    "another import of the same source went on meanwhile",
                    place=entry.name,
                    remedy="wait until it has ended, and import again if need be",
                )
            known.sources[entry.id] = entry
            known.files |= {each.path: each for each in files}
            ledgers.save(self.folder, known)
        if old and old != entry.memory:
            (self.folder / old).unlink(missing_ok=True)

    def compact(self, progress: Progress) -> None:
        """Put many small files of one hour together, and remove what the ledger does not name."""
        if not self.folder.is_dir():
            return
        with locked(self.folder, alone=True):
            known = ledgers.load(self.folder)
            hours: dict[tuple[str, int], list[StoredFile]] = {}
            for each in known.files.values():
                hours.setdefault((each.cluster, each.hour), []).append(each)
            many = {key: files for key, files in hours.items() if len(files) >= MANY}
            database = self._connected()
            for done, (key, files) in enumerate(many.items()):
                self._merge(database, known, key, files)
                progress.step("stored hours", done + 1, len(many))
            self._sweep(known)

    def prune(self, is_old: Callable[[str, int, int], bool]) -> StoredHours:
        """Drop the hours of which `is_old` (cluster, hour, bytes) says so, asked newest first; return what went."""
        if not self.folder.is_dir():
            return _summed("", [])
        with locked(self.folder, alone=True):
            known = ledgers.load(self.folder)
            hours: dict[tuple[int, str], list[StoredFile]] = {}
            for each in known.files.values():
                hours.setdefault((each.hour, each.cluster), []).append(each)
            gone = [
                file
                for (hour, cluster), files in sorted(hours.items(), reverse=True)
                if is_old(cluster, hour, sum(each.octets for each in files))
                for file in files
            ]
            known.files = {path: each for path, each in known.files.items() if each not in set(gone)}
            ledgers.save(self.folder, known)
            self._remove(gone)
            self._sweep(known)
        return _summed("", gone)

    def _connected(self) -> DuckDBPyConnection:
        if self._database is None:
            self._database = connect(self.folder)
        return self._database

    def _written(self, cluster: str, name: str, rows: Sequence[FlowRow]) -> list[StoredFile]:
        database = self._connected()
        files = []
        ordered = sorted(rows, key=lambda each: each.hour)
        for hour, found in groupby(ordered, key=lambda each: each.hour):
            own = list(found)
            path = f"{_folder_of(cluster, hour)}/{name}.parquet"
            octets = write_rows(database, own, self.folder / path)
            files.append(StoredFile(path, cluster, hour, len(own), octets))
        return files

    def _merge(
        self, database: DuckDBPyConnection, known: Ledger, key: tuple[str, int], files: Sequence[StoredFile]
    ) -> None:
        path = f"{_folder_of(*key)}/merged-{time_ns()}.parquet"
        rows, octets = merge_files(database, [self.folder / each.path for each in files], self.folder / path)
        for each in files:
            del known.files[each.path]
        known.files[path] = StoredFile(path, *key, rows, octets)
        ledgers.save(self.folder, known)
        self._remove(files)

    def _remove(self, files: Iterable[StoredFile]) -> None:
        """Remove files that the ledger no longer names."""
        for each in files:
            (self.folder / each.path).unlink(missing_ok=True)

    def _sweep(self, known: Ledger) -> None:
        """Remove what imports that were killed have left; a young file may be of one that is about to end."""
        named = set(known.files)
        for each in known.sources.values():
            named |= {each.memory, *each.rejects}
        for folder in ("edges", "memory", "rejects"):
            for path in (self.folder / folder).rglob("*.*"):
                name = path.relative_to(self.folder).as_posix()
                if name not in named and path.is_file() and time() - path.stat().st_mtime > _OLD_ENOUGH:
                    path.unlink(missing_ok=True)


def default_folder() -> Path:
    """Return where the store is by default: ``$XDG_DATA_HOME/firedoor/flows``, or the same in ``~/.local/share``."""
    data = os.environ.get("XDG_DATA_HOME", "")
    # What is not absolute is to be ignored, says the XDG base directory specification.
    base = Path(data) if data and Path(data).is_absolute() else Path.home() / ".local" / "share"
    return base / "firedoor" / "flows"


def _folder_of(cluster: str, hour: int) -> str:
    when = datetime.fromtimestamp(hour * 3600, UTC)
    return f"edges/cluster={quote(cluster, safe='')}/hour={when:%Y-%m-%dT%H}"


def _is_asked(cluster: str, first: int, end: int, asked: FlowQuestion) -> bool:
    if asked.cluster and cluster != asked.cluster:
        return False
    return (asked.until is None or first < asked.until) and (asked.since is None or end > asked.since)


def _summed(cluster: str, files: Sequence[StoredFile]) -> StoredHours:
    hours = {each.hour for each in files}
    return StoredHours(
        cluster,
        min(hours, default=0) * HOUR,
        (max(hours) + 1) * HOUR if hours else 0,
        len({(each.cluster, each.hour) for each in files}),
        len(files),
        sum(each.octets for each in files),
        sum(each.rows for each in files),
    )


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _unwritable(folder: Path, error: OSError | duckdb.Error) -> SourceError:
    remedy = "make room, or choose another folder with --store"
    if isinstance(error, PermissionError):
        remedy = "make it writable, or choose another folder with --store"
    reason = error.strerror if isinstance(error, OSError) else _first_line(error)
    return SourceError(f"the store cannot be written: {reason}", place=str(folder), remedy=remedy)
