"""Changes of manifests: where an object is written, and the files before and after."""

from __future__ import annotations

from enum import Enum
from typing import Any

from msgspec import Struct

from firedoor.model.findings import Finding

Step = str | int
Path = tuple[Step, ...]
"""Fields and positions in lists, from the outside in."""


class ChangeKind(Enum):
    """What happens to a part of an object."""

    SET = "set"
    ADD = "add"
    """A field that was not there, or an element before the one at its position."""
    REMOVE = "remove"


class Change(Struct, frozen=True, gc=False):
    """One change of a part of an object; positions are those before any change."""

    kind: ChangeKind
    path: Path
    value: Any = None


class Home(Struct, frozen=True):
    """Where an object is written: its file, line, which part of the file, the path in it, and its fields."""

    file: str
    line: int
    part: int
    path: Path
    value: dict[str, Any]

    def __str__(self) -> str:
        """Return ``file:line``."""
        return f"{self.file}:{self.line}"


class FileEdit(Struct, frozen=True):
    """A file before and after; a new one was empty before."""

    path: str
    before: str
    after: str
    is_new: bool = False


class Applied(Struct, frozen=True):
    """A finding whose fix was applied, the files and lines of it, and whether the finding is gone by that."""

    finding: Finding
    places: tuple[str, ...]
    is_gone: bool = True


class Refused(Struct, frozen=True):
    """
    A finding whose fix was not applied, why, and where that stands.

    `is_failure` is false where nothing was tried: there is nothing to write, or nobody asked for it.
    """

    finding: Finding
    reason: str
    place: str
    is_failure: bool = True


class FixReport(Struct, frozen=True):
    """
    What was fixed, what was not, the files, and the findings that appeared by it.

    `introduced` has only findings at least as severe as the mildest one that was fixed; `notes` tell what a
    person has to do besides. `is_written` says whether the files were written.
    """

    applied: tuple[Applied, ...] = ()
    refused: tuple[Refused, ...] = ()
    files: tuple[FileEdit, ...] = ()
    introduced: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    is_written: bool = False
