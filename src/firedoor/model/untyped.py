"""Untyped objects, as JSON gives them, read field by field; what is wrong with them is collected as faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firedoor.model.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST_QUOTE = 60
LARGEST_QUOTED_NUMBER = 10**18


def described(value: Any) -> str:
    """Return a value in the words of an error message."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            return f"the text {value if len(value) <= LONGEST_QUOTE else value[:LONGEST_QUOTE] + '...'!r}"
        case int() | float():
            return f"the number {value}" if abs(value) < LARGEST_QUOTED_NUMBER else "a number that is too large"
        case list() | tuple():
            return "a list"
        case dict():
            return "an object"
        case _:
            return f"a value of the type {type(value).__name__}"


def either(words: Sequence[str]) -> str:
    """Return ``a``, ``a or b``, ``a, b or c``."""
    return " or ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else words[0]


class Reader:
    """
    Reads fields as an API server with a structural schema does, and collects the faults.

    A null stands for a field that is not there, except as an element of a list. Every
    method that returns None for a value that is there has recorded a fault.
    """

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.doubts = 0
        self.is_refused = False

    def refuse(self, path: str, reason: str, remedy: str = "") -> None:
        """Record that the API server refuses the object."""
        self.faults.append(Fault(path, reason, remedy))
        self.is_refused = True

    def note(self, path: str, reason: str, remedy: str = "") -> None:
        """Record something that the API server accepts and whose effect is known."""
        self.faults.append(Fault(path, reason, remedy, rejects=False))

    def doubt(self, path: str, reason: str, remedy: str = "") -> None:
        """Record something that the API server accepts and whose effect is not known."""
        self.note(path, reason, remedy)
        self.doubts += 1

    def is_mapping(self, value: Any, path: str) -> bool:
        """Return whether a value is an object; refuses it if not."""
        if not isinstance(value, dict):
            self.refuse(path, f"found {described(value)}, expected an object")
        return isinstance(value, dict)

    def mapping(self, parent: dict[str, Any], key: str, path: str) -> dict[str, Any] | None:
        """Return the object in a field; None where there is none."""
        value = parent.get(key)
        return value if value is not None and self.is_mapping(value, f"{path}.{key}") else None

    def required(self, parent: dict[str, Any], key: str, path: str, remedy: str) -> bool:
        """Return whether a field that the API demands is there; refuses the object if not."""
        if parent.get(key) is None:
            self.refuse(f"{path}.{key}", "the field is missing and the API demands it", remedy)
            return False
        return True

    def elements(
        self, parent: dict[str, Any], key: str, path: str, limits: tuple[int, int] | None = None
    ) -> list[tuple[Any, str]]:
        """Return the elements of the list in a field with their paths; refuses fewer or more than `limits`."""
        value, where = parent.get(key), f"{path}.{key}"
        if value is None:
            return []
        if not isinstance(value, list | tuple):
            self.refuse(where, f"found {described(value)}, expected a list")
            return []
        if limits is not None and not limits[0] <= len(value) <= limits[1]:
            remedy = "list at least one" if not value else "divide them among several rules or objects"
            self.refuse(where, f"found {len(value)} elements, expected {limits[0]} to {limits[1]}", remedy)
        return [(element, f"{where}[{index}]") for index, element in enumerate(value)]

    def mappings(
        self, parent: dict[str, Any], key: str, path: str, limits: tuple[int, int] | None = None
    ) -> list[tuple[dict[str, Any], str]]:
        """Return the objects of the list in a field with their paths."""
        found = self.elements(parent, key, path, limits)
        return [(element, where) for element, where in found if self.is_mapping(element, where)]

    def texts(
        self, parent: dict[str, Any], key: str, path: str, limits: tuple[int, int] | None = None
    ) -> list[tuple[str, str]]:
        """Return the texts of the list in a field with their paths."""
        found = self.elements(parent, key, path, limits)
        return [(element, where) for element, where in found if self.is_text(element, where)]

    def is_text(self, value: Any, path: str) -> bool:
        """Return whether a value is a text; refuses it if not."""
        if not isinstance(value, str):
            remedy = "put the value into quotes" if isinstance(value, int | float) else ""
            self.refuse(path, f"found {described(value)}, expected a text", remedy)
        return isinstance(value, str)

    def text(self, parent: dict[str, Any], key: str, path: str) -> str | None:
        """Return the text in a field; None where there is none."""
        value = parent.get(key)
        return value if value is not None and self.is_text(value, f"{path}.{key}") else None

    def number(self, parent: dict[str, Any], key: str, path: str, lowest: int, highest: int) -> int | None:
        """Return the whole number in a field; None where there is none; refuses one outside of the bounds."""
        value = parent.get(key)
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest:
            return value
        reason = f"found {described(value)}, expected a whole number from {lowest} to {highest}"
        self.refuse(f"{path}.{key}", reason)
        return None

    def choice(self, parent: dict[str, Any], fields: Sequence[str], path: str) -> str | None:
        """Return which one of `fields` is set; refuses none and several of them."""
        found = [each for each in fields if parent.get(each) is not None]
        if len(found) == 1:
            self.unknown(parent, fields, path)
            return found[0]
        present = ", ".join(str(key) for key, value in parent.items() if value is not None)
        remedy = "write one entry for each of them" if found else ""
        self.refuse(path, f"found {present or 'no field'}, expected exactly one of {either(fields)}", remedy)
        return None

    def unknown(self, parent: dict[str, Any], fields: Sequence[str], path: str) -> None:
        """Doubt every field that the API does not have: the API server drops it, or knows more than this version."""
        for key in parent:
            if key not in fields:
                reason = f"the API has no field {key!r} here"
                self.doubt(f"{path}.{key}", reason, f"remove it, or write {either(fields)}")


def is_only_unknown(parent: dict[str, Any], fields: Sequence[str]) -> bool:
    """Return whether an object has fields, and none that the API has."""
    return bool(parent) and not any(each in parent for each in fields)


def without_nulls(value: Any) -> Any:
    """Return a JSON value less the fields that are null, which in the API means absent."""
    if isinstance(value, dict):
        return {key: without_nulls(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [without_nulls(each) for each in value]
    return value
