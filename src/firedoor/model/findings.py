"""Findings: what firedoor tells people about their cluster."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from firedoor.model.frameworks import Mappings
from firedoor.model.places import ObjectRef

_RANKS = ("info", "low", "medium", "high", "critical")


class Severity(StrEnum):
    """How bad it is if the finding is true."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """The position in the order from info (0) to critical (4)."""
        return _RANKS.index(self.value)


class Confidence(StrEnum):
    """How sure it is that the finding is true."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Fix(Struct, frozen=True, gc=False):
    """
    What to change.

    `manifests` are complete objects in the shape of the API, ready to be written as
    YAML and applied; of an object of which only a part is known, the fields to set, as a
    patch in which null removes a field. Empty where no manifest can help.

    `is_safe` is true only of what can neither stop an app that runs nor needs a choice that
    a person has to make; `is_patch` tells patches from complete objects. A complete object is
    the one of the finding as it is to be, or a new one; with `is_amendment` all are objects
    that are there.
    """

    summary: str
    manifests: tuple[dict[str, object], ...] = ()
    is_safe: bool = False
    is_patch: bool = False
    is_amendment: bool = False


class PodSecurityMark(Struct, frozen=True, gc=False):
    """The control of the Pod Security Standards that a finding is about, and the level that has it."""

    level: str
    control: str


class Finding(Struct, frozen=True, gc=False):
    """
    One thing to know: the check that found it, where, what, why it matters, the proof and the remedy.

    `mappings` are the items of frameworks that its check is about.
    """

    check: str
    severity: Severity
    confidence: Confidence
    object: ObjectRef
    source: str
    message: str
    why: str
    evidence: tuple[str, ...]
    fix: Fix
    pss: PodSecurityMark | None = None
    mappings: Mappings = Mappings()

    @property
    def sort_key(self) -> tuple[int, str, ObjectRef, str]:
        """Worst first, then by check, object and message."""
        return (-self.severity.rank, self.check, self.object, self.message)
