"""Files replaced as a whole: a reader sees the old one or the new one, and never a part."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from firedoor.adapters.manifests.files import read_bytes
from firedoor.errors import SourceError


class Pending(NamedTuple):
    """A file, what it held when it was read (None for one that is not there), and what it is to hold."""

    path: str
    before: bytes | None
    after: bytes


def save(files: Iterable[Pending]) -> None:
    """Write files; nothing is replaced before all of them stand on the disk. Raises ``SourceError``."""
    temporary: list[tuple[Pending, Path, Path]] = []
    try:
        for each in files:
            with _told(each.path):
                target = Path(os.path.realpath(each.path))
                mode = _mode(each, target)
                temporary.append((each, target, _written(target, each.after, mode)))
        while temporary:
            each, target, new = temporary[0]
            with _told(each.path):
                if each.before is None:
                    # Takes the name only where nobody has it, so that a file which came meanwhile stays.
                    target.open("xb").close()
                new.replace(target)
                _sync(target.parent)
            temporary.pop(0)
    finally:
        for _, _, new in temporary:
            with suppress(OSError):
                new.unlink()


def _mode(each: Pending, target: Path) -> int:
    """Return the mode bits for a file; raises ``SourceError`` where it may not or should not be written."""
    if each.before is None:
        if os.path.lexists(each.path):
            raise SourceError("this file is there already", place=each.path, remedy="move it away, or merge by hand")
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
    mode = stat.S_IMODE(target.stat().st_mode)
    if not mode & 0o222 or not os.access(target, os.W_OK):
        raise SourceError("the file is read-only; nothing was written", place=each.path, remedy="make it writable")
    if read_bytes(target) != each.before:
        raise SourceError(
            "the file changed while it was read; nothing was written", place=each.path, remedy="try again"
        )
    return mode


def _written(target: Path, data: bytes, mode: int) -> Path:
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fchmod(stream.fileno(), mode)
            os.fsync(stream.fileno())
    except OSError:
        Path(name).unlink()
        raise
    return Path(name)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _told(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        problem = f"cannot be written: {error.strerror or error}"
        raise SourceError(problem, place=path, remedy="check the permissions of the file and of its folder") from error
