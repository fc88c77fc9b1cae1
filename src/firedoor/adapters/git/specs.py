"""What a person writes for a revision: ``git:REVISION:PATH``."""

from __future__ import annotations

from typing import NamedTuple

from firedoor.errors import UsageError

PREFIX = "git:"
_EXAMPLE = "write git:REVISION:PATH, as in git:main:deploy"


class GitSpec(NamedTuple):
    """A revision, and a file or folder in it; the path is empty for all of the revision."""

    revision: str
    path: str

    def __str__(self) -> str:
        """Return it as it is written."""
        return f"{PREFIX}{self.revision}:{self.path}"


def parse_spec(text: str) -> GitSpec:
    """
    Return the revision and the path of ``git:REVISION:PATH`` or ``git:REVISION``.

    Raises ``UsageError``. A revision may hold colons in braces, as in ``main@{2024-05-01 10:00}``.
    """
    rest = text.removeprefix(PREFIX)
    depth = 0
    end = len(rest)
    for position, character in enumerate(rest):
        depth += (character == "{") - (character == "}")
        if character == ":" and depth <= 0:
            end = position
            break
    revision, path = rest[:end], rest[end + 1 :]
    if not revision:
        raise UsageError("no revision is named", place=text, remedy=_EXAMPLE)
    if revision.startswith("-"):
        # git would take it for an option.
        raise UsageError("a revision cannot begin with a dash", place=text, remedy=_EXAMPLE)
    if any(ord(character) < ord(" ") for character in rest):
        raise UsageError("a control character is in it", place=repr(text), remedy=_EXAMPLE)
    return GitSpec(revision, path.rstrip("/"))
