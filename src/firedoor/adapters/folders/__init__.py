"""Folders of generated files: all of a set or none of it, and never in the place of what somebody else wrote."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from firedoor.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def write_folder(folder: str, files: Mapping[str, str], mark: str) -> tuple[str, ...]:
    """
    Write files, by their paths below a folder, and return the paths of earlier ones that are removed.

    Every file begins with `mark`, and so does every file that is replaced or removed; anything else in the way
    raises ``SourceError`` before a file is touched. All are written aside first, and then put in place.
    """
    root = Path(folder)
    try:
        old = set(_marked(root, mark)) if root.exists() else set()
        _check(root, files, old, folder)
        parent = root.resolve().parent
        parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{root.name or 'policies'}.", suffix=".part", dir=parent))
        try:
            _put(root, aside, files)
            stale = sorted(old - set(files))
            for name in stale:
                (root / name).unlink()
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        problem = f"cannot be written: {error.strerror or error}"
        raise SourceError(problem, place=folder, remedy="check the folder") from error
    return tuple(stale)


def _put(root: Path, aside: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = aside / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if not root.exists():
        aside.chmod(0o755)
        aside.replace(root)
        return
    for name in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        (aside / name).replace(path)


def _check(root: Path, files: Mapping[str, str], old: set[str], folder: str) -> None:
    if root.exists() and not root.is_dir():
        raise SourceError("this is a file, and no folder", place=folder, remedy="choose another name")
    for name in files:
        path = root / name
        if ".." in Path(name).parts or Path(name).is_absolute():
            raise SourceError("this is no path below the folder", place=name, remedy="correct the names of the source")
        if path.exists() and name not in old:
            raise SourceError(
                "there is something already that firedoor did not write, and does not replace",
                place=str(path),
                remedy="choose another folder, or move it away",
            )


def _marked(root: Path, mark: str) -> Iterator[str]:
    """Yield the paths of the files below a folder that begin with the mark."""
    for path in sorted(root.rglob("*.yaml")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as stream:
                if stream.read(len(mark.encode())) == mark.encode():
                    yield path.relative_to(root).as_posix()
