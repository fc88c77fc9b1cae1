"""Documents as YAML text."""

from __future__ import annotations

import yaml

_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def yaml_text(document: object) -> str:
    """Return a document of plain values as YAML, keys in their own order."""
    # ASCII alone, because characters that reorder or hide text count as printable in YAML.
    text: str = yaml.dump(document, Dumper=_DUMPER, sort_keys=False, allow_unicode=False, width=1000)
    return text


def one_line(text: str) -> str:
    """Return text as a scalar of YAML on one line, in quotes where it has to be."""
    style = None if text.isprintable() else '"'
    found: str = yaml.dump([text], Dumper=_DUMPER, allow_unicode=False, width=2**30, default_style=style)
    return found[2:].rstrip("\n")
