"""Figures as aligned text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_WHOLE = 1000.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A named number with its unit, and the goal where there is one; not a number where it took too long."""

    name: str
    value: float
    unit: str
    goal: str = ""

    @property
    def text(self) -> str:
        """The number with three digits or more."""
        if math.isnan(self.value):
            return "too long"
        if not self.unit or abs(self.value) >= _WHOLE:
            return f"{self.value:,.0f} {self.unit}".rstrip()
        return f"{self.value:.3g} {self.unit}"


def render(title: str, figures: Sequence[Figure]) -> str:
    """Return a table under a title."""
    width = max(len(each.name) for each in figures)
    lines = [
        f"  {each.name:<{width}}  {each.text:>12}" + (f"   (goal {each.goal})" if each.goal else "") for each in figures
    ]
    return "\n".join((title, *lines, ""))
