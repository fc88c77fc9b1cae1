"""Which alerts fire, on the disk, so that they can be ended after a restart with the labels they began with."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from firedoor.errors import SourceError

_MOST = 5_000


class FiringAlert(Struct, frozen=True, gc=False):
    """An alert that fires; times are RFC 3339."""

    labels: dict[str, str]
    annotations: dict[str, str]
    starts: str
    ends: str


class AlertBook:
    """The alerts by the subjects of their events; of too many the oldest are forgotten, and end by themselves."""

    def __init__(self, path: Path) -> None:
        """Read the file, if there is one; raises ``SourceError``."""
        self._path = path
        self._alerts: dict[str, FiringAlert] = {}
        try:
            if path.exists():
                self._alerts = msgspec.json.decode(path.read_bytes(), type=dict[str, FiringAlert])
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise SourceError(
                f"the alerts that fire cannot be read: {getattr(error, 'strerror', None) or error}",
                place=str(path),
                remedy="remove the file: its alerts end by themselves",
            ) from error

    def get(self, subject: str) -> FiringAlert | None:
        """Return the alert that fires about a subject."""
        return self._alerts.get(subject)

    def firing(self, now: str) -> list[FiringAlert]:
        """Return the alerts that still fire at a time."""
        return [each for each in self._alerts.values() if each.ends > now]

    def change(self, begun: dict[str, FiringAlert], ended: set[str], now: str) -> None:
        """Take note of alerts that began and that ended, on the disk; raises ``OSError``."""
        alerts = {key: each for key, each in (self._alerts | begun).items() if key not in ended and each.ends > now}
        alerts = dict(list(alerts.items())[-_MOST:])
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, temporary = tempfile.mkstemp(prefix=f".{self._path.name}.", suffix=".part", dir=self._path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.json.encode(alerts))
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(self._path)
        except BaseException:
            with suppress(OSError):
                Path(temporary).unlink()
            raise
        self._alerts = alerts
