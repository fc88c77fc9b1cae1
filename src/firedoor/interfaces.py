"""What the use cases need from the world, as protocols; the adapters implement them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.audit import AuditEvent, AuditSkip
    from firedoor.model.snapshot import Snapshot


class Progress(Protocol):
    """Somebody who wants to know how far long work has come."""

    def step(self, what: str, done: int, total: int | None) -> None:
        """Take note that `done` of `total` (None when not known) units of `what` are done."""


class SnapshotSource(Protocol):
    """Something that a snapshot can be read from: manifests, a cluster, a saved snapshot."""

    def load(self, progress: Progress) -> Snapshot:
        """Return the snapshot; raises ``SourceError`` when nothing at all can be read."""


class AuditSource(Protocol):
    """Something that holds audit events of an API server."""

    def events(self, progress: Progress) -> Iterator[AuditEvent | AuditSkip]:
        """Yield the events, and what is left out of them; raises ``SourceError`` when nothing can be read."""


class Silent:
    """A `Progress` that keeps quiet."""

    def step(self, what: str, done: int, total: int | None) -> None:
        """Do nothing."""
