"""
Whether the compiled part (``firedoor._native``, in Rust) is to be used.

It need not be there: it is built where there is a Rust compiler at installation, and
everything is read without it, too.
"""

from __future__ import annotations

import os

SWITCH = "FIREDOOR_NATIVE"
"""The variable that turns the compiled part off, with ``0``."""


def is_there() -> bool:
    """Return whether there is a compiled part, and nobody turned it off."""
    if os.environ.get(SWITCH) == "0":
        return False
    try:
        import firedoor._native  # noqa: F401, PLC0415 - only large inputs want it
    except ImportError:
        return False
    return True
