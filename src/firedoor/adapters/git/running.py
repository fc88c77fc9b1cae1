"""git as a subprocess: never through a shell, never asking, never fetching."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from firedoor.errors import SourceError

if TYPE_CHECKING:
    from pathlib import Path

_QUIET = {
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_PAGER": "cat",
}
"""git then speaks English, takes no lock, asks for no password and fetches no missing object."""
_NOT_A_REPOSITORY = "not a git repository"


def git(arguments: list[str], folder: Path | None = None) -> tuple[int, bytes, str]:
    """
    Run git, and return its exit code, its output, and the first line of its complaint.

    Raises ``SourceError`` where git is missing, or `folder` (by default the current one) is in no repository.
    """
    process = start(arguments, folder)
    out, err = process.communicate()
    complaint = err.decode(errors="replace").strip()
    if process.returncode and _NOT_A_REPOSITORY in complaint:
        raise SourceError(
            "the current folder is in no git repository",
            place=str(folder or "."),
            remedy="run firedoor inside the repository, or compare folders",
        )
    if process.returncode and "dubious ownership" in complaint:
        raise SourceError(
            "git refuses the repository, because it belongs to somebody else",
            place=str(folder or "."),
            remedy="run `git status` there and do what it says (safe.directory)",
        )
    return process.returncode, out, complaint.partition("\n")[0].removeprefix("fatal: ")


def start(arguments: list[str], folder: Path | None = None) -> subprocess.Popen[bytes]:
    """Start git with pipes to all its streams."""
    try:
        return subprocess.Popen(  # noqa: S603 - no shell, and revisions that look like options are refused
            ["git", "--no-pager", *arguments],  # noqa: S607 - git is looked for as the person's shell does
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env={**os.environ, **_QUIET},
        )
    except FileNotFoundError as error:
        raise SourceError("git is not installed", place="git", remedy="install git, or compare folders") from error
    except OSError as error:
        raise SourceError(
            f"git cannot be run: {error.strerror or error}", place="git", remedy="check the installation of git"
        ) from error
