"""Documents as YAML with comments above some of their parts."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from firedoor.render.words import visible
from firedoor.render.yaml_text import one_line, yaml_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def commented_yaml(document: Mapping[str, object], comments: Mapping[str, Sequence[str]]) -> str:
    """Return a document as YAML, with the lines of `comments` above the parts at their paths (``spec.ingress[0]``)."""
    return "".join(_mapping(document, "", "", comments))


def comment_lines(lines: Sequence[str], indent: str = "") -> str:
    """Return lines as comments."""
    return "".join(f"{indent}# {visible(line)}\n" for line in lines)


def _mapping(
    value: Mapping[str, object], path: str, indent: str, comments: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    for key, each in value.items():
        where = f"{path}.{key}" if path else key
        name = _scalar(key)
        if isinstance(each, dict) and each:
            yield f"{indent}{name}:\n"
            yield from _mapping(each, where, f"{indent}  ", comments)
        elif isinstance(each, list) and each:
            yield f"{indent}{name}:\n"
            yield from _sequence(each, where, indent, comments)
        else:
            yield f"{indent}{name}: {_scalar(each)}\n"


def _sequence(value: Sequence[object], path: str, indent: str, comments: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for number, each in enumerate(value):
        where = f"{path}[{number}]"
        yield comment_lines(comments.get(where, ()), indent)
        if isinstance(each, dict) and each:
            lines = "".join(_mapping(each, where, f"{indent}  ", comments))
            yield f"{indent}- {lines.removeprefix(indent + '  ')}"
        elif isinstance(each, list) and each:
            lines = "".join(_sequence(each, where, f"{indent}  ", comments))
            yield f"{indent}- {lines.removeprefix(indent + '  ')}"
        else:
            yield f"{indent}- {_scalar(each)}\n"


def _scalar(value: object) -> str:
    """Return a value on one line; empty lists and mappings too."""
    return _text_of(value) if isinstance(value, str) else yaml_text([value])[2:].rstrip("\n")


@lru_cache(maxsize=65536)
def _text_of(value: str) -> str:
    return one_line(value)
