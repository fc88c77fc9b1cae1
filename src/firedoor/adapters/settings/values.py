"""Values of a configuration: lists, words of a list, durations, numbers."""

from __future__ import annotations

import difflib
import re
from enum import StrEnum
from typing import TypeVar

from firedoor.model.placed import Part, described

DURATION = r"[0-9]{1,6}[smhdw]"
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}

Choice = TypeVar("Choice", bound=StrEnum)


def entries(keys: dict[str, Part], name: str) -> list[Part]:
    """Return the parts of a list, which may be left out."""
    if name not in keys:
        return []
    part = keys[name]
    if not isinstance(part.value, list):
        part.fail(f"expected a list, found {described(part.value)}", "begin each entry with a dash")
    return part.items()


def one_of(part: Part, kinds: type[Choice], what: str) -> Choice:
    """Return a part as one of the values of an enumeration."""
    text = part.text(next(iter(kinds)).value).strip()
    if text not in set(kinds):
        near = difflib.get_close_matches(text, list(kinds), 1)
        hint = f"did you mean {near[0]}?" if near else f"use one of {', '.join(kinds)}"
        part.fail(f"there is no {what} {text[:60]!r}", hint)
    return kinds(text)


def seconds(part: Part) -> float:
    """Return a part as a duration above zero."""
    text = part.text("10m").strip()
    if not re.fullmatch(DURATION, text) or not int(text[:-1]):
        part.fail(f"{text[:60]!r} is no duration", "write a number and s, m, h, d or w, as in 10m")
    return float(int(text[:-1]) * _SECONDS[text[-1]])


def whole_number(part: Part, allowed: range) -> int:
    """Return a part as a whole number."""
    if isinstance(part.value, bool) or not isinstance(part.value, int) or part.value not in allowed:
        part.fail(
            f"expected a whole number from {allowed.start} to {allowed.stop - 1:,}, found {described(part.value)}",
            f"write one, as in {allowed.start}",
        )
    return part.value
