"""Journals as files that a killed process, or a machine without power, leaves readable."""

from __future__ import annotations

import fcntl
import hashlib
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from firedoor.errors import SourceError, UsageError
from firedoor.model.journal import SCHEMA, Begin, Entry, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "journal.jsonl"


def default_folder() -> Path:
    """Return where journals are: ``$XDG_STATE_HOME/firedoor/applies``, or the same in ``~/.local/state``."""
    state = os.environ.get("XDG_STATE_HOME", "")
    # What is not absolute is to be ignored, says the XDG base directory specification.
    base = Path(state) if state.startswith("/") else Path("~/.local/state").expanduser()
    return base / "firedoor" / "applies"


class JournalFile:
    """Appends entries to the journal of one apply; implements ``interfaces.Journal``."""

    def __init__(self, path: Path) -> None:
        """`path` is the file, whose last line is whole."""
        self.path = path

    def append(self, entry: Entry) -> None:
        """Write an entry and return when the disk has it."""
        with _as_source_errors(self.path), self.path.open("ab") as file:
            file.write(msgspec.json.encode(entry) + b"\n")
            file.flush()
            os.fsync(file.fileno())


class JournalFolder:
    """All journals of a person on a machine."""

    def __init__(self, folder: Path) -> None:
        """`folder` need not be there yet."""
        self.folder = folder

    def begin(self, begin: Begin) -> JournalFile:
        """Return a new journal whose first entry is on the disk."""
        path = self.folder / begin.id / NAME
        with _as_source_errors(path):
            path.parent.mkdir(parents=True, mode=0o700)
            journal = JournalFile(path)
            journal.append(begin)
            for each in (path.parent, self.folder):
                _sync_folder(each)
        return journal

    def records(self, server: str = "") -> list[Record]:
        """Return the state of every apply, of one server if it is given, the oldest first."""
        with _as_source_errors(self.folder):
            names = sorted(each.parent.name for each in self.folder.glob(f"*/{NAME}"))
        found = [record for name in names if (record := self._read(self.folder / name / NAME)) is not None]
        return [each for each in found if server in {"", each.begin.server}]

    def open(self, apply: str) -> tuple[Record, JournalFile]:
        """Return the state of one apply and its journal, ready to be continued; raises ``UsageError``."""
        path = self.folder / apply / NAME
        is_name = bool(apply) and Path(apply).name == apply
        record = self._read(path) if is_name and path.is_file() else None
        if record is None:
            raise UsageError(f"there is no apply {apply!r}", remedy="`firedoor rollback --list` shows them")
        with _as_source_errors(path), path.open("r+b") as file:
            # What the end of a process cut off never was on the disk as a whole: nothing followed it.
            file.truncate(file.read().rfind(b"\n") + 1)
        return record, JournalFile(path)

    @contextmanager
    def lock(self, server: str) -> Iterator[None]:
        """Hold the lock of a server, which ends with the process; raises ``UsageError`` where another one holds it."""
        name = hashlib.sha256(server.encode()).hexdigest()[:16]
        path = self.folder / f"{name}.lock"
        with _as_source_errors(path):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = path.open("a+b")
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise UsageError(
                    f"another apply or rollback is at work on {server}", remedy="wait until it has ended"
                ) from error
            yield

    def _read(self, path: Path) -> Record | None:
        """Return the state that a journal tells; None for one that was cut off before its first entry."""
        with _as_source_errors(path):
            lines = path.read_bytes().split(b"\n")[:-1]
        record: Record | None = None
        for number, line in enumerate(lines, 1):
            try:
                entry: Entry = msgspec.json.decode(line, type=Entry)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise _broken(path, number, f"this is no entry of a journal: {error}") from error
            if record is None:
                if not isinstance(entry, Begin) or entry.schema != SCHEMA:
                    raise _broken(path, number, f"this is no {SCHEMA}")
                record = Record(entry)
            else:
                record.take(entry)
        return record


def _broken(path: Path, line: int, problem: str) -> SourceError:
    return SourceError(
        problem, place=f"{path}:{line}", remedy="restore the file, or move its folder away and see to the cluster"
    )


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _as_source_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        problem = f"the journal cannot be kept or read: {error.strerror or error}"
        raise SourceError(problem, place=str(path), remedy="check the folder; XDG_STATE_HOME names another") from error
