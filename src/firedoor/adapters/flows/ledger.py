"""
The ledger of a store: which sources were imported and how far, and which files hold what they told.

It is one JSON file that is replaced as a whole, and what is not in it does not count: an import that is
killed leaves at most files that nobody reads, and the next one writes over them.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct, field

from firedoor.errors import SourceError
from firedoor.model.flow_reading import SourceEntry

SCHEMA = 1
"""The version of what is stored; the steps from older ones are in `STEPS`."""

STEPS: dict[int, Callable[[Path, dict[str, object]], dict[str, object]]] = {}
"""What makes version N + 1 of a store in a folder, and of the document of its ledger, out of version N."""

LEDGER = "ledger.json"


class StoredFile(Struct, frozen=True, gc=False):
    """A Parquet file of the store: rows of one cluster and hour; `hour` counts hours since 1970."""

    path: str
    cluster: str
    hour: int
    rows: int
    octets: int


class Ledger(Struct, gc=False):
    """What the store holds."""

    schema: int = SCHEMA
    sources: dict[str, SourceEntry] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)


def load(folder: Path) -> Ledger:
    """Return the ledger of a store, brought to the version of this program; an empty one where there is no store."""
    path = folder / LEDGER
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Ledger()
    except OSError as error:
        raise SourceError(
            f"cannot be read: {error.strerror}", place=str(path), remedy="check its permissions"
        ) from error
    try:
        document = msgspec.json.decode(data, type=dict[str, object])
        version = document.get("schema")
        if not isinstance(version, int):
            raise msgspec.ValidationError("it has no version")
        if version > SCHEMA:
            raise SourceError(
                f"the store has version {version}, and this firedoor knows those up to {SCHEMA}",
                place=str(folder),
                remedy="use a newer firedoor, or another store with --store",
            )
        while version < SCHEMA:
            document = STEPS[version](folder, document)
            version += 1
            document["schema"] = version
        return msgspec.convert(document, Ledger)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise SourceError(
            f"the ledger of the store is damaged: {error}",
            place=str(path),
            remedy="restore it, or remove the store and import its sources again",
        ) from error


def save(folder: Path, ledger: Ledger) -> None:
    """Replace the ledger, whole or not at all."""
    write_whole(folder / LEDGER, msgspec.json.encode(ledger))


@contextmanager
def locked(folder: Path, *, alone: bool) -> Iterator[None]:
    """Hold the store, shared with readers or alone; others wait."""
    try:
        stream = (folder / "lock").open("a")
    except OSError as error:
        if alone:
            raise SourceError(
                f"the store cannot be written: {error.strerror}",
                place=str(folder),
                remedy="make it writable, or choose another folder with --store",
            ) from error
        # A store that nobody may write to holds still by itself.
        yield
        return
    with stream:
        fcntl.flock(stream, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that is there as a whole or not at all, whatever happens meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f".{path.name}.{os.getpid()}")
    with made.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    made.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make what was renamed in a folder last."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
