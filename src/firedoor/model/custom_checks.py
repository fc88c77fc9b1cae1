"""Checks that people write themselves, as CEL expressions over objects in the shape of the API."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from firedoor.model.findings import Severity

if TYPE_CHECKING:
    from firedoor.model.places import ObjectRef

PREFIX = "custom/"
"""How the ids of custom checks begin; no other check has an id that does."""


class KindPattern(Struct, frozen=True, gc=False):
    """Objects of one kind; `api_version` is a pattern with ``*``, as in ``apps/*``."""

    api_version: str
    kind: str

    def holds(self, api_version: str, kind: str) -> bool:
        """Return whether objects of a kind are meant."""
        return kind == self.kind and fnmatchcase(api_version, self.api_version)

    def __str__(self) -> str:
        """Return ``apps/v1 Deployment``."""
        return f"{self.api_version} {self.kind}"


class CustomCheck(Struct, frozen=True, gc=False):
    """
    A check of a configuration: an `expression` that is true for what is good.

    `message_expression` makes the message of a finding, `message` stands where it makes none.
    `namespaces` are patterns; none is all namespaces and what is in no namespace. The places are
    ``file:line`` of the check and of its two expressions.
    """

    id: str
    title: str
    severity: Severity
    why: str
    fix: str
    kinds: tuple[KindPattern, ...]
    expression: str
    namespaces: tuple[str, ...] = ()
    message: str = ""
    message_expression: str = ""
    params: Any = None
    place: str = ""
    expression_place: str = ""
    message_place: str = ""

    def is_for(self, api_version: str, about: ObjectRef) -> bool:
        """Return whether the check is about an object."""
        if not any(each.holds(api_version, about.kind) for each in self.kinds):
            return False
        return not self.namespaces or any(fnmatchcase(about.namespace, each) for each in self.namespaces)

    @property
    def docs(self) -> str:
        """What the check is, under the headings that every check has."""
        parts = (
            ("What it finds", f"{self.title}: {', '.join(map(str, self.kinds))} for which the expression is false."),
            ("Why it matters", self.why),
            ("Example", self.expression),
            ("Remedy", self.fix),
            ("References", self.place),
        )
        return "\n\n".join(f"{heading}\n{'-' * len(heading)}\n{text}" for heading, text in parts)
