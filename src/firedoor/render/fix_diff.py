"""What fixes change, as a unified diff that `git apply` and `patch -p1` take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import unified_diff

from firedoor.model.edits import FileEdit

_NO_NEWLINE = "\\ No newline at end of file\n"


def fix_diff(files: Iterable[FileEdit]) -> str:
    """Return the diff of all files, byte for byte what stands in them."""
    return "".join(map(file_diff, files))


def file_diff(file: FileEdit) -> str:
    """Return the diff of one file."""
    name = file.path.encode("utf-8", "backslashreplace").decode().lstrip("/")
    old = "/dev/null" if file.is_new else f"a/{name}"
    lines = unified_diff(_lines(file.before), _lines(file.after), old, f"b/{name}")
    return "".join(_ended(lines))


def _lines(text: str) -> list[str]:
    # Not `splitlines`, which takes more characters for the end of a line than a diff does.
    return [f"{line}\n" for line in text.split("\n")[:-1]] + [last for last in text.split("\n")[-1:] if last]


def _ended(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}"
