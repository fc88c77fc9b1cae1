"""The connections that were seen last, as hashes: what goes on needs them, and what is resumed as well."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_REMEMBERED = 1 << 17
"""How many connections are remembered from one part to the next, those that were seen last."""

_MIX = np.uint64(0xBF58476D1CE4E5B9)


class Remembered:
    """Hashes of connections, in the order in which they were seen last."""

    def __init__(self, hashes: Iterable[int] = ()) -> None:
        """Begin with those of before."""
        self._hashes = dict.fromkeys(hashes)

    def renew(self, found: int) -> bool:
        """Remember a connection; return whether it was before."""
        was_there = found in self._hashes
        if was_there:
            del self._hashes[found]
        self._hashes[found] = None
        return was_there

    def hashes(self) -> list[int]:
        """Return those that were seen last, the oldest first, and forget the others."""
        for old in list(self._hashes)[: max(0, len(self._hashes) - MOST_REMEMBERED)]:
            del self._hashes[old]
        return list(self._hashes)


def base_of(protocol: str, source: str, destination: str, side: str) -> int:
    """Return what connections between two addresses have in common in their hashes."""
    text = f"{protocol} {source} {destination} {side}"
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def hashes_of(bases: NDArray[np.uint64], near: NDArray[Any], far: NDArray[Any], verdict: NDArray[Any]) -> list[int]:
    """Return the hashes of connections: those of one base are different if their ports or verdicts are."""
    own = (near.astype(np.uint64) << np.uint64(48)) | (far.astype(np.uint64) << np.uint64(32))
    found = bases ^ (own | verdict.astype(np.uint64))
    # Each step can be undone, so that no two become one.
    found = (found ^ (found >> np.uint64(31))) * _MIX
    mixed: list[int] = (found ^ (found >> np.uint64(29))).tolist()
    return mixed
