"""What the use cases need from the world, as protocols; the adapters implement them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from firedoor.model.audit import AuditEvent, AuditSkip
    from firedoor.model.edits import FileEdit, Home
    from firedoor.model.places import ObjectRef
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


class ManifestEditor(Protocol):
    """Manifests that can be changed in memory, read again, and written when all is well."""

    def load(self, progress: Progress) -> Snapshot:
        """Return the snapshot of the manifests with their changes."""

    def find(self, ref: ObjectRef) -> tuple[Home, ...]:
        """Return where an object is written."""

    def edit(self, home: Home, target: Mapping[str, Any]) -> None:
        """Make an object what it is meant to be; raises ``EditRefusedError``, and changes nothing then."""

    def add(self, manifest: Mapping[str, Any], beside: str) -> str:
        """Put a new object into a file of its own beside another, and return it; raises ``EditRefusedError``."""

    def notes(self) -> tuple[str, ...]:
        """Return what a person has to do for the new files."""

    def edits(self) -> tuple[FileEdit, ...]:
        """Return the changed and new files."""

    def mark(self) -> Any:
        """Return what `reset` takes to come back to the state of now."""

    def reset(self, mark: Any) -> None:
        """Take everything back that came after a mark."""

    def save(self) -> None:
        """Write the changed and new files; raises ``SourceError``, and leaves no file half-written."""


class ExpressionAnswer(Protocol):
    """What an expression says about an object: ``true``, ``false`` with a message, or ``fault`` with the reason."""

    @property
    def result(self) -> str:
        """One of the three words."""

    @property
    def text(self) -> str:
        """The message or the reason; empty where there is none."""


class Expressions(Protocol):
    """The expressions of custom checks."""

    def evaluate(
        self, value: bytes, namespace: bytes, numbers: Sequence[int]
    ) -> Iterator[tuple[int, ExpressionAnswer]]:
        """Yield what the checks with these numbers say about an object in that namespace, both as JSON."""


class Silent:
    """A `Progress` that keeps quiet."""

    def step(self, what: str, done: int, total: int | None) -> None:
        """Do nothing."""
