"""The items of frameworks that something is about, in the words that several formats share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firedoor.model.frameworks import Mappings


def mappings_text(mappings: Mappings) -> str:
    """Return the items in one line, framework by framework, as in ``cis 5.3.2; nist-800-53 AC-4 SC-7``."""
    return "; ".join(f"{framework} {' '.join(ids)}" for framework, ids in mappings.by_framework.items() if ids)
