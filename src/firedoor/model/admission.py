"""Changes that an API server asks about before it keeps them, and what is said of them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from firedoor.model.decoding import ModelObject


class Rule(StrEnum):
    """What a change can be refused for."""

    UNISOLATED = "unisolated"
    """Pods that no policy selects."""
    FORBIDDEN = "forbidden"
    """What an intent forbids, or no longer has what it demands, and did before."""
    USED = "used"
    """Connections that were used lately, and would be denied."""
    RISKY = "risky"
    """A dangerous permission that the subject is given by this role or binding, and was not before."""


class Mode(StrEnum):
    """What becomes of a change that breaks a rule."""

    DENY = "deny"
    WARN = "warn"
    OFF = "off"


class Proposal(Struct, frozen=True, gc=False):
    """
    A change of one object: it is made where `old` is None, deleted where `new` is.

    What is no object that matters here has neither. `api_version` is as in the manifest.
    """

    ref: ObjectRef
    old: ModelObject | None
    new: ModelObject | None


class Objection(Struct, frozen=True, gc=False):
    """What speaks against a change, and what to do about it."""

    rule: Rule
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        """Return it on one line."""
        return f"{self.message}; {self.remedy}" if self.remedy else self.message


Manifest = dict[str, Any]
