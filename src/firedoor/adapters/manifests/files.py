"""Files and folders: which are read, in which order, and what cannot be read."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from firedoor.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader

SUFFIXES = frozenset({".yaml", ".yml", ".json"})
MOST_YAML_BYTES = 64 * 1024 * 1024
MOST_JSON_BYTES = 4 * 1024 * 1024 * 1024
_SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__"})


@dataclass(frozen=True, slots=True)
class Problem:
    """A file in a folder that cannot be read."""

    path: str
    reason: str
    remedy: str


def manifest_files(path: str) -> list[Path]:
    """Return the manifests in a folder, all levels deep, in order of their names; a file is returned as it is."""
    root = Path(path)
    try:
        if not root.exists():
            raise SourceError("no such file or folder", place=path, remedy="check the path")
        if not root.is_dir():
            return [root]
        return sorted(_walk(root, frozenset()))
    except PermissionError as error:
        raise SourceError("permission denied", place=path, remedy="make it readable, or run as its owner") from error
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror or error}", place=path, remedy="check the path") from error


def read_bytes(path: Path) -> bytes:
    """Return the contents of a file; raises ``SourceError`` with what to do."""
    with opened(path) as stream:
        place, size = str(path), os.fstat(stream.fileno()).st_size
        limit = MOST_JSON_BYTES if stream.peek(1)[:1] in {b"{", b"["} else MOST_YAML_BYTES
        if size > limit:
            raise too_large(place, size, limit)
        # One byte more than there should be shows that a file grows, or that its size is not known.
        data = stream.read(size + 1)
        if len(data) > size:
            data += stream.read(limit)
        if len(data) > limit:
            raise too_large(place, len(data), limit)
        return data


@contextmanager
def opened(path: Path) -> Iterator[BufferedReader]:
    """Open a file to be read; raises ``SourceError`` with what to do, also for what goes wrong while it is open."""
    place = str(path)
    try:
        with path.open("rb") as stream:
            yield stream
    except PermissionError as error:
        raise SourceError("permission denied", place=place, remedy="make it readable, or run as its owner") from error
    except IsADirectoryError as error:
        raise SourceError("is a folder", place=place, remedy="give a file, or the folder by itself") from error
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror or error}", place=place, remedy="check the file") from error


def size_of(path: Path) -> int:
    """Return the size of a file; 0 for what has none, such as a pipe, and for what cannot be looked at."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def too_large(place: str, size: int, limit: int) -> SourceError:
    """Return the error for a file above the limit."""
    return SourceError(
        f"{size:,} bytes is more than the {limit:,} that are read of one YAML file",
        place=place,
        remedy="give it as JSON (kubectl get -o json), which is read many times faster, or split it",
    )


def _walk(folder: Path, above: frozenset[Path]) -> Iterator[Path]:
    real = folder.resolve()
    if real in above:
        return
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith(".") or entry.name in _SKIPPED_FOLDERS:
            continue
        if entry.is_dir():
            yield from _walk(entry, above | {real})
        elif entry.suffix.lower() in SUFFIXES:
            yield entry
