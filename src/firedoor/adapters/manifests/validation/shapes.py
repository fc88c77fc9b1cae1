"""
Reads parts of a raw manifest without ever failing on their shape.

A part of the wrong type reads as absent: the structure check has said so already, and the rules on
values look only at what is well formed.
"""

from collections.abc import Iterator
from typing import Any

from firedoor.adapters.manifests.validation.problems import item


def mapping(value: Any) -> dict[str, Any]:
    """Return an object; empty for anything else."""
    return value if isinstance(value, dict) else {}


def part(value: Any, *fields: str) -> dict[str, Any]:
    """Return the object at the end of a chain of fields; empty when any of them is not an object."""
    for field in fields:
        value = mapping(value).get(field)
    return mapping(value)


def elements(value: Any) -> list[Any]:
    """Return a list; empty for anything else."""
    return value if isinstance(value, list) else []


def objects(value: Any, path: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the elements of a list with their paths, each as an object: null is the empty object."""
    for index, element in enumerate(elements(value)):
        yield mapping(element), item(path, index)


def text(value: Any) -> str:
    """Return a text; empty for anything else."""
    return value if isinstance(value, str) else ""


def texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield the elements of a list of texts with their paths: null is the empty text."""
    for index, element in enumerate(elements(value)):
        yield text(element), item(path, index)


def number(value: Any) -> int:
    """Return a whole number; zero for anything else, as for a field that is not set."""
    if isinstance(value, bool):
        return 0
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) else 0


def is_number(value: Any) -> bool:
    """Return whether a value is a whole number, as an int-or-string field takes it."""
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


def text_map(value: Any) -> dict[str, str]:
    """Return the entries of an object whose values are texts: null is the empty text, others are left out."""
    return {
        key: "" if entry is None else entry
        for key, entry in mapping(value).items()
        if entry is None or isinstance(entry, str)
    }
