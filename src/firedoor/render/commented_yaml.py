"""Documents as YAML with comments above some of their parts."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from firedoor.render.words import visible
from firedoor.render.yaml_text import one_line, yaml_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def commented_yaml(document: Mapping[str, object], comments: Mapping[str, Sequence[str]]) -> str:
    """Return a document as YAML, with the lines of `comments` above the parts at their paths (``spec.ingress[0]``)."""
    found: list[str] = []
    _mapping(document, "", "", comments, found)
    return "".join(found)


def comment_lines(lines: Sequence[str], indent: str = "") -> str:
    """Return lines as comments."""
    return "".join(f"{indent}# {visible(line)}\n" for line in lines)


def _mapping(
    value: Mapping[str, object], path: str, indent: str, comments: Mapping[str, Sequence[str]], found: list[str]
) -> None:
    """Append the lines of a mapping."""
    for key, each in value.items():
        where = f"{path}.{key}" if path else key
        name = _scalar(key)
        if isinstance(each, dict) and each:
            found.append(f"{indent}{name}:\n")
            _mapping(each, where, f"{indent}  ", comments, found)
        elif isinstance(each, list) and each:
            found.append(f"{indent}{name}:\n")
            _sequence(each, where, indent, comments, found)
        else:
            found.append(f"{indent}{name}: {_scalar(each)}\n")


def _sequence(
    value: Sequence[object], path: str, indent: str, comments: Mapping[str, Sequence[str]], found: list[str]
) -> None:
    """Append the lines of a sequence."""
    for number, each in enumerate(value):
        where = f"{path}[{number}]"
        if where in comments:
            found.append(comment_lines(comments[where], indent))
        if each and isinstance(each, dict | list):
            lines: list[str] = []
            if isinstance(each, dict):
                _mapping(each, where, f"{indent}  ", comments, lines)
            else:
                _sequence(each, where, f"{indent}  ", comments, lines)
            found.append(f"{indent}- {''.join(lines).removeprefix(indent + '  ')}")
        else:
            found.append(f"{indent}- {_scalar(each)}\n")


def _scalar(value: object) -> str:
    """Return a value on one line; empty lists and mappings too."""
    if isinstance(value, str):
        return _text_of(value)
    return str(value) if type(value) is int else yaml_text([value])[2:].rstrip("\n")


@lru_cache(maxsize=65536)
def _text_of(value: str) -> str:
    return one_line(value)
