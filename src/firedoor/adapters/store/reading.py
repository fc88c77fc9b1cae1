"""A saved snapshot back into the model, and what may be wrong with the file."""

from __future__ import annotations

import gc
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import msgspec

from firedoor.adapters.store.schema import (
    FIRST_WITH_POD_DETAILS,
    GZIP_WINDOW,
    MOST_BODY_BYTES,
    MOST_HEADER_BYTES,
    SCHEMA_VERSION,
    Header,
    is_saved_snapshot,
)
from firedoor.errors import SourceError
from firedoor.model.places import Gap, GapKind
from firedoor.model.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from firedoor.interfaces import Progress

_CHUNK = 1 << 20
_SAVE_AGAIN = "save the snapshot again"


class SavedSnapshotSource:
    """A saved snapshot as a source: of kind ``snapshot``, with the sources and the time of the original."""

    def __init__(self, path: str | Path) -> None:
        """Take note of the file; it is read by `load`."""
        self.path = path

    def load(self, progress: Progress) -> Snapshot:
        """Return the snapshot; raises ``SourceError`` when the file is not a whole saved snapshot."""
        progress.step("snapshots", 0, 1)
        snapshot = load(self.path)
        progress.step("snapshots", 1, 1)
        origin = msgspec.structs.replace(snapshot.origin, kind="snapshot")
        return msgspec.structs.replace(snapshot, origin=origin)


def load(path: str | Path, *, most_body_bytes: int = MOST_BODY_BYTES) -> Snapshot:
    """Return the snapshot saved in `path`, equal to the one that was saved."""
    try:
        with Path(path).open("rb") as file:
            header = _read_header(file, path)
            body = _unpack(file, path, most_body_bytes)
    except OSError as error:
        raise SourceError(
            f"the snapshot cannot be read: {error.strerror or error}",
            place=str(path),
            remedy="check the name and that you may read it",
        ) from error
    try:
        with _collector_at_rest():
            snapshot = msgspec.json.decode(body, type=Snapshot)
            snapshot = msgspec.structs.replace(snapshot, pods=tuple(snapshot.pods))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        _fail(path, f"the snapshot is corrupted: {error}", _SAVE_AGAIN, error)
    return snapshot if header.version >= FIRST_WITH_POD_DETAILS else _without_pod_details(snapshot, path)


def _without_pod_details(snapshot: Snapshot, path: str | Path) -> Snapshot:
    """Return what an older firedoor saved as a snapshot that says what it lacks."""
    gap = Gap(
        GapKind.INCOMPLETE,
        str(path),
        "an older firedoor saved this snapshot: volumes, variables, probes and security contexts of pods, and "
        "persistent volumes, are not or not all in it",
        _SAVE_AGAIN,
    )
    return msgspec.structs.replace(snapshot, gaps=(*snapshot.gaps, gap), has_pod_details=False)


def _read_header(file: BinaryIO, path: str | Path) -> Header:
    line = file.readline(MOST_HEADER_BYTES)
    if not is_saved_snapshot(line):
        _fail(path, "this is not a saved snapshot", "make one with `firedoor snapshot save`")
    if not line.endswith(b"\n"):
        _fail(path, "the snapshot is truncated: its first line has no end", _SAVE_AGAIN)
    try:
        header = msgspec.json.decode(line, type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        _fail(path, f"the snapshot is corrupted: its first line cannot be read: {error}", _SAVE_AGAIN, error)
    if header.version < 1:
        _fail(path, f"the snapshot is corrupted: there is no schema {header.schema!r}", _SAVE_AGAIN)
    if header.version > SCHEMA_VERSION:
        by = f" ({header.firedoor})" if header.firedoor else ""
        _fail(path, f"the snapshot was written by a newer firedoor{by}", "upgrade firedoor")
    return header


def _unpack(file: BinaryIO, path: str | Path, most: int) -> bytearray:
    unpacker = zlib.decompressobj(GZIP_WINDOW)
    body = bytearray()
    while not unpacker.eof:
        packed = unpacker.unconsumed_tail or file.read(_CHUNK)
        try:
            # At the end of the file there may still be output that waits inside the unpacker.
            unpacked = unpacker.decompress(packed, _CHUNK)
        except zlib.error as error:
            _fail(path, f"the snapshot is corrupted: {error}", _SAVE_AGAIN, error)
        if not (packed or unpacked or unpacker.eof):
            _fail(path, "the snapshot is truncated: the file ends too early", _SAVE_AGAIN)
        body += unpacked
        if len(body) > most:
            _fail(
                path,
                f"the snapshot becomes larger than {most:,} bytes when it is unpacked",
                "if the file is from a source you trust, save fewer namespaces at a time",
            )
    if unpacker.unused_data or file.read(1):
        _fail(path, "the snapshot is corrupted: something follows its end", _SAVE_AGAIN)
    return body


def _fail(path: str | Path, problem: str, remedy: str, cause: Exception | None = None) -> NoReturn:
    raise SourceError(problem, place=str(path), remedy=remedy) from cause


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Keep the garbage collector from counting objects again and again that all stay."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
