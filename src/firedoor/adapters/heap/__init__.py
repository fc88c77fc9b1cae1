"""
Memory that was freed and is kept for later, given back to the system.

The C library of most Linux systems keeps what lies between blocks in use. A process that runs for long, and now and
then needs far more than it holds, would stay as large as it was then.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def give_back() -> bool:
    """
    Give all that the C library has and nothing uses back to the system; return whether there was any.

    That is ``malloc_trim(0)`` of the GNU C library, for the heaps of all threads, which takes milliseconds. Where the C
    library is another one nothing is done.
    """
    trim = _trim()
    return trim is not None and bool(trim(0))


@cache
def _trim() -> Callable[[int], int] | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        found = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        # musl has no such function.
        return None
    found.argtypes, found.restype = [ctypes.c_size_t], ctypes.c_int
    return found
