"""Where a thing was read, and what could not be understood."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Place(Struct, frozen=True, gc=False):
    """
    Where an object stands: its file (or API path), line and document.

    `line` and `document` count from 1 and are 0 where the source has none (an API
    path). `lines` maps paths inside the object (``spec.ingress[0]``) to lines, for
    the objects whose parts are named in answers.
    """

    source: str = ""
    line: int = 0
    document: int = 0
    lines: dict[str, int] = {}

    def __str__(self) -> str:
        """Return ``file:line``, or the API path."""
        return f"{self.source}:{self.line}" if self.line else self.source

    def at(self, path: str) -> str:
        """Return ``file:line`` of the part at `path`, or of the nearest part around it."""
        while path:
            line = self.lines.get(path)
            if line is not None:
                return f"{self.source}:{line}"
            path = path.rpartition("[")[0] if path.endswith("]") else path.rpartition(".")[0]
        return str(self)


NOWHERE = Place()


class ObjectRef(Struct, frozen=True, order=True, gc=False):
    """The kind, namespace (empty when cluster-scoped) and name of an object."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        """Return ``Kind namespace/name`` as kubectl users write it."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


class GapKind(StrEnum):
    """Why something is missing from the picture."""

    REJECTED = "rejected"
    """A real API server would refuse the object: the cluster is judged without it."""
    UNREADABLE = "unreadable"
    """The text could not be parsed."""
    TEMPLATE = "template"
    """Template syntax is left in the text: what it becomes is not known."""
    UNSUPPORTED = "unsupported"
    """A kind with policy meaning that the engine does not evaluate."""
    FORBIDDEN = "forbidden"
    """The API server did not let us read it."""
    DUPLICATE = "duplicate"
    """The same object is defined twice."""
    FOREIGN = "foreign"
    """A document that is no Kubernetes object, or of a kind nobody knows."""
    INCOMPLETE = "incomplete"
    """An object is known only in part (an owner, an address, a label that is not there)."""


class Scope(Struct, frozen=True, gc=False):
    """The pods whose verdicts a gap makes unknown: those of `namespace`, or all when it is empty."""

    namespace: str = ""
    ingress: bool = True
    egress: bool = True


class Gap(Struct, frozen=True, gc=False):
    """Something the snapshot should hold and does not, or holds only in part, and why."""

    kind: GapKind
    source: str
    """``file:line`` or an API path."""
    reason: str
    remedy: str = ""
    object: ObjectRef | None = None
    scope: Scope | None = None
    """Whose verdicts become unknown; None when no verdict depends on it."""
    path: str = ""
    """The field inside the object that the gap is about, as in ``spec.ingress[0].ports[0].port``."""
