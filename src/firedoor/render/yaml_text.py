"""Documents as YAML text."""

from __future__ import annotations

import re
from typing import Any

import yaml

_BASE: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_BASE):  # type: ignore[misc]
    """Puts into quotes what kubectl would read as a truth value or a number, and PyYAML would not."""


_Dumper.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^[yYnN]$"), list("yYnN"))
_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:0o[0-7_]+|(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)$"),
    list("+-.0123456789"),
)
_PLAIN = re.compile("[A-Za-z][A-Za-z0-9_./-]+")
_WORDS = frozenset({"yes", "no", "on", "off", "true", "false", "null"})


def yaml_text(document: object) -> str:
    """Return a document of plain values as YAML, keys in their own order."""
    # ASCII alone, because characters that reorder or hide text count as printable in YAML.
    text: str = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=False, width=1000)
    return text


def one_line(text: str) -> str:
    """Return text as a scalar of YAML on one line, in quotes where it has to be."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    style = None if text.isprintable() else '"'
    found: str = yaml.dump([text], Dumper=_Dumper, allow_unicode=False, width=2**30, default_style=style)
    return found[2:].rstrip("\n")
