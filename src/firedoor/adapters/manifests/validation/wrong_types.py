"""Advice for a value of the wrong type: most often a missing quote, a missing dash, or a stray one."""

from typing import Any

TYPE_NAMES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "number"),
    (float, "number"),
    (str, "string"),
    (dict, "object"),
    (list, "array"),
)


def type_name(value: Any) -> str:
    """Return the name of the JSON type of a value."""
    return next((name for known, name in TYPE_NAMES if isinstance(value, known)), "null")


def wrong_type_remedy(steps: tuple[str | int, ...], value: Any, expected: tuple[str, ...]) -> str:
    """Return what to do about a value that is not of an expected type, at a place in a manifest."""
    field = _field(steps)
    if steps[-2:] in (("selector", "matchLabels"), ("selector", "matchExpressions")):
        return f"this selector is a plain map of labels: write them directly under selector, without {field}"
    if "string" in expected and isinstance(value, bool | int | float):
        return f"put the value in quotes: {_written(value)}"
    if "array" in expected or "object" in expected:
        return _shape_remedy(field, value, expected)
    if expected == ("32-bit integer",):
        return "use a number between -2147483648 and 2147483647"
    if "integer" in expected and isinstance(value, str) and value.strip().lstrip("-").isdigit():
        return f"remove the quotes: {value.strip()}"
    return f"write a value of type {' or '.join(expected)}"


def _shape_remedy(field: str, value: Any, expected: tuple[str, ...]) -> str:
    """Return what to do about a value that should be a list or an object."""
    if "array" in expected and isinstance(value, dict):
        return f"{field} is a list: put a dash before its entry"
    if "array" in expected:
        return f"{field} is a list: write {field}: [{_written(value, bare=True)}]"
    if isinstance(value, list):
        return f"{field} is one object and not a list: remove the dash"
    return f"{field} is an object: write its fields on the lines below, indented"


def _field(steps: tuple[str | int, ...]) -> str:
    """Return the name of the field at a place, for an element of a list the name of the list."""
    return next((step for step in reversed(steps) if isinstance(step, str)), "this object")


def _written(value: Any, *, bare: bool = False) -> str:
    """Return a value as it is written in YAML, in quotes unless it is to stand bare."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if bare else f'"{text}"'
