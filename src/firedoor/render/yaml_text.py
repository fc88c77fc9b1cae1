"""Documents as YAML text."""

from __future__ import annotations

import yaml

_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def yaml_text(document: object) -> str:
    """Return a document of plain values as YAML, keys in their own order."""
    # ASCII alone, because characters that reorder or hide text count as printable in YAML.
    text: str = yaml.dump(document, Dumper=_DUMPER, sort_keys=False, allow_unicode=False, width=1000)
    return text
