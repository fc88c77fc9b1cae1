"""The levels of the Pod Security Standards."""

from __future__ import annotations

from enum import StrEnum

_ORDER = ("privileged", "baseline", "restricted")


class Level(StrEnum):
    """How much is forbidden: nothing, what breaks out of the pod, or all that is not best practice."""

    PRIVILEGED = "privileged"
    BASELINE = "baseline"
    RESTRICTED = "restricted"

    @property
    def rank(self) -> int:
        """The strictness, from privileged (0) to restricted (2)."""
        return _ORDER.index(self.value)


def parse_level(text: str) -> Level | None:
    """Return the level of that name; None for a text that the API server would not take."""
    return Level(text) if text in _ORDER else None
