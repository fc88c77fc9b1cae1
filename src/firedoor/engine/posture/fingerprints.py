"""What makes a finding the same one as yesterday, wherever it stands in its file."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firedoor.model.exceptions import BaselineEntry
    from firedoor.model.findings import Finding
    from firedoor.model.places import ObjectRef

_INDEX = re.compile(r"\[\d+\]")
# Numbers that count something ("3 NetworkPolicies"), not ports, priorities, versions or addresses.
_COUNT = re.compile(r"(?<![\w./:-])(?<!port )(?<!ports )(?<!priority )\d+ [A-Za-z]+")

_DIGITS = 32


def identity(each: Finding | BaselineEntry) -> tuple[str, ObjectRef, str]:
    """
    Return what a finding has in common with itself after its file was edited elsewhere.

    That is its check, its object, and its message without positions in lists and without how many there are of
    something. Neither its severity nor the lines of its evidence belong to it.
    """
    return each.check, each.object, _COUNT.sub("#", _INDEX.sub("[]", each.message))


def fingerprint(each: Finding | BaselineEntry) -> str:
    """Return the identity as 32 hexadecimal digits."""
    check, about, message = identity(each)
    text = f"{check}\n{about.kind}\n{about.namespace}\n{about.name}\n{message}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
