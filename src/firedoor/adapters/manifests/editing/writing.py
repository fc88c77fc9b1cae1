"""Values as YAML text, in the layout of the text around them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from firedoor.adapters.manifests.scalars import resolve

_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./-]*|\d+(?:\.\d+){3}(?:/\d+)?")
_PRINTABLE = re.compile(r"[\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*")


@dataclass(frozen=True, slots=True)
class Layout:
    """How far fields stand in from what holds them, how far the dash of a list does, and what ends a line."""

    step: int = 2
    dash: int = 0
    newline: str = "\n"


def flow(value: Any, style: str | None = None) -> str:
    """Return a value on one line; text is in quotes of a style where one is given, if it can be."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(str(key))}: {flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str):
        return _quoted(value, style)
    return json.dumps(value)


def field_lines(key: str, value: Any, column: int, layout: Layout) -> list[str]:
    """Return the lines of a field that begins in a column."""
    head = f"{' ' * column}{flow(key)}:"
    if not (isinstance(value, dict | list) and value):
        return [f"{head} {flow(value)}"]
    return [head, *inner_lines(value, column, layout)]


def inner_lines(value: dict[str, Any] | list[Any], column: int, layout: Layout) -> list[str]:
    """Return the lines of what stands below a field that begins in a column."""
    if isinstance(value, list):
        dash = column + layout.dash
        return [line for each in value for line in element_lines(each, dash, layout)]
    return mapping_lines(value, column + layout.step, layout)


def mapping_lines(value: dict[str, Any], column: int, layout: Layout) -> list[str]:
    """Return the lines of the fields of a mapping that begin in a column."""
    return [line for key, each in value.items() for line in field_lines(str(key), each, column, layout)]


def element_lines(value: Any, column: int, layout: Layout) -> list[str]:
    """Return the lines of an element whose dash is in a column."""
    if isinstance(value, dict) and value:
        first, *rest = mapping_lines(value, column + 2, layout)
        return [f"{' ' * column}- {first.lstrip()}", *rest]
    return [f"{' ' * column}- {flow(value)}"]


def _quoted(text: str, style: str | None) -> str:
    if style == "'" and _PRINTABLE.fullmatch(text):
        return "'" + text.replace("'", "''") + "'"
    if style is None and _PLAIN.fullmatch(text) and resolve(text) == text:
        return text
    return json.dumps(text, ensure_ascii=not _PRINTABLE.fullmatch(text) and text.isascii())
