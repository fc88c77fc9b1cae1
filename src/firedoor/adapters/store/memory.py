"""The clusters that were watched, each as a saved snapshot."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from firedoor.adapters.store.reading import load
from firedoor.adapters.store.writing import save
from firedoor.errors import SourceError

if TYPE_CHECKING:
    from firedoor.model.snapshot import Snapshot

_DIGITS = 16


def default_folder() -> Path:
    """Return where they are: ``$XDG_STATE_HOME/firedoor/watch``, or the same in ``~/.local/state``."""
    state = os.environ.get("XDG_STATE_HOME", "")
    # What is not absolute is to be ignored, says the XDG base directory specification.
    base = Path(state) if state.startswith("/") else Path("~/.local/state").expanduser()
    return base / "firedoor" / "watch"


class SavedStates:
    """One file for each server; implements ``interfaces.WatchMemory``."""

    def __init__(self, folder: Path, *, is_forgetful: bool = False) -> None:
        """`folder` need not be there yet; who is forgetful takes nothing from it, and writes all the same."""
        self._folder = folder
        self._is_forgetful = is_forgetful

    def load(self, server: str) -> Snapshot | None:
        """Return the cluster of a server as it was last."""
        path = self._path(server)
        if self._is_forgetful or not path.exists():
            return None
        try:
            return load(path)
        except SourceError as error:
            raise SourceError(error.problem, place=error.place, remedy="begin anew with --forget") from error

    def save(self, server: str, snapshot: Snapshot) -> None:
        """Remember the cluster of a server."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise SourceError(
                f"the folder cannot be made: {error.strerror or error}",
                place=str(self._folder),
                remedy="name one that you may write to with --state",
            ) from error
        save(snapshot, self._path(server), overwrite=True)

    def _path(self, server: str) -> Path:
        return self._folder / f"{hashlib.sha256(server.encode()).hexdigest()[:_DIGITS]}.firedoor"
