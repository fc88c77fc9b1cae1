"""A snapshot into a file, all of it or nothing."""

from __future__ import annotations

import os
import tempfile
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

import firedoor
from firedoor.adapters.store.schema import COMPRESSION_LEVEL, GZIP_WINDOW, MOST_HEADER_BYTES, SCHEMA, Header
from firedoor.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.snapshot import Snapshot

_PIECE = 1024
"""So many objects of a kind are made text at once."""


def save(snapshot: Snapshot, path: str | Path, *, overwrite: bool = False) -> None:
    """
    Save `snapshot` to `path`, so that the file is there whole or not at all.

    The file is readable by its owner only: it tells a stranger how to move through
    the cluster. An existing file is left as it is unless `overwrite`.
    """
    # A symbolic link keeps pointing where it points: what it leads to is replaced.
    target = Path(os.path.realpath(path))
    try:
        _check_target(target, path, overwrite=overwrite)
        _write(target, pack(snapshot))
    except OSError as error:
        raise SourceError(
            f"the snapshot cannot be written: {error.strerror or error}",
            place=str(path),
            remedy="choose a folder that exists, that you may write to and that has room",
        ) from error


def pack(snapshot: Snapshot) -> bytes:
    """Return the bytes of a saved snapshot; the same snapshot always gives the same bytes."""
    origin = snapshot.origin
    header = Header(
        SCHEMA,
        firedoor.__version__,
        origin.kind,
        origin.sources,
        origin.captured_at,
        origin.server_version,
    )
    line = msgspec.json.encode(header)
    if len(line) >= MOST_HEADER_BYTES:
        # Very many sources: the body holds them all.
        line = msgspec.json.encode(msgspec.structs.replace(header, sources=()))
    packer = zlib.compressobj(COMPRESSION_LEVEL, zlib.DEFLATED, GZIP_WINDOW)
    return b"".join((line, b"\n", *map(packer.compress, _body(snapshot)), packer.flush()))


def _body(snapshot: Snapshot) -> Iterator[bytes]:
    """Yield the JSON of a snapshot in pieces: as a whole it would take far more memory than what it is written into."""
    encode = msgspec.json.Encoder().encode
    before = b"{"
    for name in snapshot.__struct_encode_fields__:
        yield before + encode(name) + b":"
        before = b","
        value = getattr(snapshot, name)
        if not isinstance(value, Sequence):
            yield encode(value)
            continue
        yield b"["
        for start in range(0, len(value), _PIECE):
            # Pods may be a table, whose slices are tuples.
            yield (b"," if start else b"") + encode(value[start : start + _PIECE])[1:-1]
        yield b"]"
    yield b"}"


def _check_target(target: Path, path: str | Path, *, overwrite: bool) -> None:
    if not target.exists():
        return
    if not target.is_file():
        raise SourceError("this is not a regular file", place=str(path), remedy="give the name of a file to write")
    if not overwrite:
        raise SourceError(
            "the file exists already", place=str(path), remedy="choose another name, or ask to overwrite it"
        )


def _write(target: Path, content: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise
    _settle(target.parent)


def _settle(folder: Path) -> None:
    """Ask that the new name itself survives a power cut; not every system lets a folder be synced."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
