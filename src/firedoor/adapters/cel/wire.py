"""What this process and the one that evaluates tell each other: lines of JSON."""

from __future__ import annotations

from typing import Any

from msgspec import Raw, Struct

TRUE, FALSE, FAULT = "true", "false", "fault"


class Program(Struct, frozen=True):
    """The expressions of one check, and its parameters."""

    expression: str
    message: str = ""
    params: Any = None


class CompileFault(Struct, frozen=True):
    """Why an expression (`field` is its name in the configuration) of the check with a number cannot be compiled."""

    number: int
    field: str
    problem: str


class Question(Struct, frozen=True):
    """An object, its namespace (JSON null where it has none), and the numbers of the checks to ask."""

    object: Raw
    namespace: Raw
    checks: tuple[int, ...]


class Answer(Struct, frozen=True):
    """What became of a check: `TRUE`, `FALSE` with a message if there is one, or `FAULT` with the reason."""

    result: str
    text: str = ""
    seconds: float = 0
    """How long that took."""
