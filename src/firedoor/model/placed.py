"""Documents that people write for firedoor, taken apart key by key, every error with its line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from firedoor.errors import UsageError


class PlacedDocument(Protocol):
    """A YAML document that knows the lines of its parts, and which keys stand in it twice."""

    value: Any
    duplicates: list[tuple[str, int]]

    def line_of(self, path: str) -> int:
        """Return the line of a path such as ``intents[0].name``, or of the nearest part around it."""


@dataclass(frozen=True, slots=True)
class Part:
    """A value in a document, and how to get there."""

    document: PlacedDocument
    source: str
    path: str
    value: Any

    @property
    def place(self) -> str:
        """``file:line``, or the source alone where it has no lines."""
        line = self.document.line_of(self.path)
        return f"{self.source}:{line}" if line else self.source

    def fail(self, problem: str, remedy: str) -> NoReturn:
        """Raise the error about this part."""
        where = f"{self.path}: " if self.path else ""
        raise UsageError(f"{where}{problem}", place=self.place, remedy=remedy)

    def keys(self, allowed: Iterable[str], required: Iterable[str] = ()) -> dict[str, Part]:
        """Return the parts of a mapping by key; a key that is not allowed is an error, and a required one missing."""
        names = list(allowed)
        if not isinstance(self.value, dict):
            self.fail(f"expected a mapping, found {described(self.value)}", f"write {', '.join(names)} below it")
        for key in self.value:
            if key not in names:
                near = difflib.get_close_matches(key, names, 1, 0.5)
                hint = f"did you mean {near[0]}?" if near else f"use one of {', '.join(names)}"
                self.at(key).fail(f"unknown key {key!r}", hint)
        for key in required:
            if key not in self.value:
                self.fail(f"{key} is missing", f"add {key}")
        return {key: self.at(key) for key in self.value}

    def items(self) -> list[Part]:
        """Return the parts of a list; a single value is a list of one."""
        if not isinstance(self.value, list):
            return [self]
        return [
            Part(self.document, self.source, f"{self.path}[{number}]", each) for number, each in enumerate(self.value)
        ]

    def at(self, key: str) -> Part:
        """Return the part at a key."""
        step = key if "." not in key and "[" not in key else f'["{key}"]'
        path = f"{self.path}{'' if step.startswith('[') or not self.path else '.'}{step}"
        return Part(self.document, self.source, path, self.value[key])

    def flag(self) -> bool:
        """Return the part as true or false."""
        if not isinstance(self.value, bool):
            self.fail(f"expected true or false, found {described(self.value)}", "write true or false")
        return self.value

    def text(self, example: str) -> str:
        """Return the part as text that is not empty."""
        if not isinstance(self.value, str) or not self.value.strip():
            self.fail(f"expected text, found {described(self.value)}", f"write it as in {example}")
        return self.value


def described(value: object) -> str:
    """Return what kind of value something is, in words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()} (quote it if text is meant)"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text {value[:40]!r}"
    return "a list" if isinstance(value, list) else "a mapping"
