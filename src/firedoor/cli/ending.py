"""How a command ends whose answer is printed: what is large goes with the process, not piece by piece."""

from __future__ import annotations

import gc

_kept: list[object] = []
# It holds itself, so that the end of the interpreter does not take it apart either.
_kept.append(_kept)


def keep_to_the_end(large: object) -> None:
    """Hold on to what a command has read until the process is gone: to free the pods of a large cluster takes time."""
    _kept.append(large)


def leave_what_is_kept() -> None:
    """Let the interpreter end without looking for what it could free, where something is kept."""
    if len(_kept) > 1:
        gc.freeze()
