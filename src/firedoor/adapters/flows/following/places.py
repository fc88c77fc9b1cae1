"""What is remembered of the flows of each cluster that is watched, one file for each server."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

import msgspec

from firedoor.errors import SourceError
from firedoor.model.flow_following import FollowedFlows

_DIGITS = 16


class SavedPlaces:
    """Keeps them in a folder; implements ``interfaces.FlowMemory``."""

    def __init__(self, folder: Path, *, is_forgetful: bool = False) -> None:
        """`folder` need not be there yet; who is forgetful takes nothing from it, and writes all the same."""
        self._folder = folder
        self._is_forgetful = is_forgetful

    def load(self, server: str) -> FollowedFlows:
        """Return what is remembered for a server; nothing where it was never watched."""
        path = self._path(server)
        if self._is_forgetful or not path.exists():
            return FollowedFlows()
        try:
            return msgspec.msgpack.decode(path.read_bytes(), type=FollowedFlows)
        except (OSError, msgspec.DecodeError) as error:
            raise SourceError(
                f"what was remembered of flows cannot be read: {error}",
                place=str(path),
                remedy="begin anew with --forget",
            ) from error

    def save(self, server: str, flows: FollowedFlows) -> None:
        """Remember it, as a whole or not at all; only its owner can read it."""
        path = self._path(server)
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=self._folder)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(msgspec.msgpack.encode(flows))
                    file.flush()
                    os.fsync(file.fileno())
                Path(temporary).replace(path)
            except BaseException:
                with suppress(OSError):
                    Path(temporary).unlink()
                raise
        except OSError as error:
            raise SourceError(
                f"what is remembered of flows cannot be written: {error.strerror or error}",
                place=str(path),
                remedy="name a folder that you may write to with --state",
            ) from error

    def _path(self, server: str) -> Path:
        return self._folder / f"{hashlib.sha256(server.encode()).hexdigest()[:_DIGITS]}.flows"
