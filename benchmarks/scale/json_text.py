"""How one element of a list is printed: on one line, or indented as kubectl does."""

from __future__ import annotations

import json
from typing import Any

_ELEMENT = " " * 8


def element(value: dict[str, Any], *, indented: bool) -> str:
    """Return the JSON text of an element of ``items``, keys sorted as kubectl sorts them."""
    if not indented:
        return json.dumps(value, separators=(",", ":"), sort_keys=True)
    return _ELEMENT + json.dumps(value, indent=4, sort_keys=True).replace("\n", f"\n{_ELEMENT}")
