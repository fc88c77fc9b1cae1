"""What is wrong with a manifest, worded as the API server words it, and what to do about it."""

import json
from dataclasses import dataclass
from enum import Enum
from typing import Any


class ProblemKind(Enum):
    """Why the API server would reject a manifest."""

    UNKNOWN_FIELD = "unknown-field"
    WRONG_TYPE = "wrong-type"
    MISSING = "missing"
    INVALID_VALUE = "invalid-value"
    UNSUPPORTED_VALUE = "unsupported-value"
    FORBIDDEN = "forbidden"
    NOT_SERVED = "not-served"


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason for which the API server would reject a manifest."""

    path: str
    """The field, such as ``spec.ingress[0].from[1].ipBlock.cidr``; empty for the whole object."""

    message: str
    """What the API server says, the path included."""

    remedy: str
    """What to do about it."""

    kind: ProblemKind

    def within(self, prefix: str) -> "Problem":
        """Return the same problem, of an object that is itself a part of a larger one."""
        path = child(prefix, self.path) if self.path else prefix
        message = self.message
        if self.path and message.startswith(f"{self.path}:"):
            message = path + message.removeprefix(self.path)
        else:
            message = f"{prefix}: {message}"
        return Problem(path, message, self.remedy, self.kind)


def child(path: str, field: str) -> str:
    """Return the path of a field of the object at a path."""
    return f"{path}.{field}" if path else field


def item(path: str, index: int) -> str:
    """Return the path of an element of the list at a path."""
    return f"{path}[{index}]"


def quoted(text: str) -> str:
    """Return a text in double quotes with the escapes that the API server uses."""
    return json.dumps(text, ensure_ascii=False)


def shown(value: Any) -> str:
    """Return a value as the API server prints it: texts quoted, the rest as JSON."""
    if isinstance(value, str):
        return quoted(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=str)


def missing(path: str, detail: str = "", *, remedy: str = "") -> Problem:
    """Return the problem of a field that must be set and is not."""
    message = f"{path}: Required value" + (f": {detail}" if detail else "")
    return Problem(path, message, remedy or f"set {path}", ProblemKind.MISSING)


def invalid(path: str, value: Any, detail: str, *, remedy: str) -> Problem:
    """Return the problem of a value that breaks a rule of its field."""
    return Problem(path, f"{path}: Invalid value: {shown(value)}: {detail}", remedy, ProblemKind.INVALID_VALUE)


def duplicate(path: str, value: Any, *, remedy: str) -> Problem:
    """Return the problem of a value that must be unique among its neighbours and is not."""
    return Problem(path, f"{path}: Duplicate value: {shown(value)}", remedy, ProblemKind.INVALID_VALUE)


def not_found(path: str, value: Any, *, remedy: str) -> Problem:
    """Return the problem of a name that must be that of another part of the object and is not."""
    return Problem(path, f"{path}: Not found: {shown(value)}", remedy, ProblemKind.INVALID_VALUE)


def unsupported(path: str, value: Any, supported: tuple[str, ...], *, remedy: str = "") -> Problem:
    """Return the problem of a value that is none of those that its field knows."""
    choices = ", ".join(map(quoted, supported))
    message = f"{path}: Unsupported value: {shown(value)}: supported values: {choices}"
    return Problem(path, message, remedy or nearest_choice(value, supported), ProblemKind.UNSUPPORTED_VALUE)


def forbidden(path: str, detail: str, *, remedy: str) -> Problem:
    """Return the problem of a field that may not be set here."""
    return Problem(path, f"{path}: Forbidden: {detail}", remedy, ProblemKind.FORBIDDEN)


def nearest_choice(value: Any, supported: tuple[str, ...]) -> str:
    """Return the advice to use a supported value: the one that differs only in case, else any of them."""
    for choice in supported:
        if isinstance(value, str) and value and choice.lower() == value.lower():
            return f"write {choice}: the value is case-sensitive"
    if len(supported) == 1:
        return f"use {quoted(supported[0])}"
    return f"use one of {', '.join(filter(None, supported))}"
