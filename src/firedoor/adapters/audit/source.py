"""Files and folders of audit logs, read line by line."""

from __future__ import annotations

import gzip
import os
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

import msgspec

from firedoor.adapters.audit.cloud_entries import read_entry
from firedoor.adapters.audit.events import read_event
from firedoor.adapters.audit.records import Event
from firedoor.adapters.audit.texts import LONGEST_LINE, Piece, TooLongError, pieces
from firedoor.adapters.audit.unwrapping import NoEventError, unwrap
from firedoor.errors import SourceError
from firedoor.model.audit import AuditEvent, AuditSkip, SkipKind

if TYPE_CHECKING:
    from firedoor.interfaces import Progress

_GZIP = b"\x1f\x8b"
_STEP = 5000
# Exports put the time before the event, and so do container runtimes.
_TIME_BEFORE = re.compile(rb"^\d{4}-\d\d-\d\dT\S+\s+(?:std(?:out|err)\s+[FP]\s+)?(?=\{)")

Entry = AuditEvent | AuditSkip


@dataclass(frozen=True, slots=True)
class AuditFiles:
    """Audit logs at some paths; a folder stands for all files in it, ``-`` for standard input."""

    paths: tuple[str, ...]
    open_stdin: Callable[[], IO[bytes]]

    def events(self, progress: Progress) -> Iterator[Entry]:
        """
        Yield what the logs hold, and what is left out of it, as it is read.

        Raises ``SourceError`` where a path that was given cannot be read at all.
        """
        files = [found for path in self.paths for found in _files(path)]
        total = sum(size for _, size in files)
        before = 0
        for name, size in files:
            try:
                with self._opened(name) as (stream, raw):
                    for count, entry in enumerate(_entries(stream, "<stdin>" if name == "-" else name)):
                        if count % _STEP == 0 and raw is not None:
                            progress.step("audit logs", before + raw.tell(), total)
                        yield entry
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                yield AuditSkip(SkipKind.UNREADABLE, name, f"the compressed data is damaged: {error}")
            except OSError as error:
                raise _failure(name, error) from error
            before += size
            progress.step("audit logs", before, total)

    @contextmanager
    def _opened(self, name: str) -> Iterator[tuple[IO[bytes], IO[bytes] | None]]:
        if name == "-":
            stdin = self.open_stdin()
            yield _plain(stdin), None
            return
        with Path(name).open("rb") as raw:
            # A pipe does not say how far it was read.
            yield _plain(raw), raw if raw.seekable() else None


def _plain(stream: IO[bytes]) -> IO[bytes]:
    """Return the stream, uncompressed where its first bytes say so, which do not go by the name."""
    peek: Callable[[int], bytes] | None = getattr(stream, "peek", None)
    first = peek(2)[:2] if peek is not None else b""
    return cast("IO[bytes]", gzip.GzipFile(fileobj=stream)) if first == _GZIP else stream


def _files(path: str) -> list[tuple[str, int]]:
    """Return the files at a path with their sizes, in order of their names: rotated logs come before the last one."""
    if path == "-":
        return [("-", 0)]
    root = Path(path)
    try:
        if not root.exists():
            raise SourceError("no such file or folder", place=path, remedy="check the path")
        if not root.is_dir():
            return [(path, root.stat().st_size)]
        found = [(str(each), each.stat().st_size) for each in sorted(_walk(root))]
    except OSError as error:
        raise _failure(path, error) from error
    if not found:
        raise SourceError(
            "the folder holds no file", place=path, remedy="give the audit log, or the folder that it is in"
        )
    return found


def _walk(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root, onerror=_raised):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        yield from (Path(folder, name) for name in names if not name.startswith("."))


def _raised(error: OSError) -> None:
    raise error


def _failure(path: str, error: OSError) -> SourceError:
    if isinstance(error, PermissionError):
        return SourceError("permission denied", place=path, remedy="make it readable, or run as its owner")
    return SourceError(f"cannot be read: {error.strerror or error}", place=path, remedy="check the path")


def _entries(stream: IO[bytes], name: str) -> Iterator[Entry]:
    for piece in pieces(stream):
        place = f"{name}:{piece.line}"
        if isinstance(piece.data, TooLongError):
            yield AuditSkip(SkipKind.UNREADABLE, place, f"the line is longer than {LONGEST_LINE:,} bytes")
        else:
            yield from _piece(piece, piece.data, place)


def _piece(piece: Piece, data: bytes, place: str) -> Iterator[Entry]:
    try:
        for at, found in unwrap(_TIME_BEFORE.sub(b"", data), place):
            if isinstance(found, NoEventError):
                yield AuditSkip(SkipKind.UNREADABLE, at, str(found))
            elif isinstance(found, Event):
                yield from read_event(found, at)
            else:
                yield read_entry(found, at)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        yield AuditSkip(SkipKind.UNREADABLE, place, _words(piece, error))


def _words(piece: Piece, error: Exception) -> str:
    what = "the document" if piece.is_document else "the line"
    return f"{what} is no audit event: {error}"
