"""Fields that hold one of a few words, and numbers that lie within bounds."""

from typing import Any

from firedoor.adapters.manifests.validation.problems import Problem, child, invalid, unsupported
from firedoor.adapters.manifests.validation.shapes import number

NOT_NEGATIVE = "must be greater than or equal to 0"


def validate_choice(value: Any, path: str, choices: tuple[str, ...], *, may_be_empty: bool = True) -> list[Problem]:
    """Return the problem of a text that is none of its choices; where it may be empty the server fills it in."""
    if not isinstance(value, str) or value in choices or (may_be_empty and not value):
        return []
    return [unsupported(path, value, choices)]


def validate_counts(spec: dict[str, Any], path: str, fields: tuple[str, ...]) -> list[Problem]:
    """Return the problems of numbers that may not be negative."""
    return [
        invalid(child(path, field), number(spec[field]), NOT_NEGATIVE, remedy="use 0 or more")
        for field in fields
        if field in spec and number(spec[field]) < 0
    ]


def validate_between(value: Any, path: str, first: int, last: int) -> list[Problem]:
    """Return the problem of a number that is set and lies outside of its bounds."""
    if value is None or first <= number(value) <= last:
        return []
    detail = f"must be between {first} and {last}, inclusive"
    return [invalid(path, number(value), detail, remedy=f"use a number from {first} to {last}")]
