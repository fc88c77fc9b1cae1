"""Conditions over all columns at once, in three values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firedoor.engine.reach.columns import ColumnSets, Peers


@dataclass(frozen=True, slots=True)
class Match:
    """
    Where a condition surely holds (`lower`), and where it possibly holds (`upper`).

    Both are boolean arrays over the columns; `lower` is within `upper`. The operators
    treat what is unknown in two conditions as independent, which can only make a
    result less certain.
    """

    lower: NDArray[np.bool_]
    upper: NDArray[np.bool_]

    @classmethod
    def known(cls, mask: NDArray[np.bool_]) -> Match:
        """Return the condition that holds exactly where `mask` says."""
        return cls(mask, mask)

    @classmethod
    def of(cls, peers: Peers) -> Match:
        """Return the condition to be one of the peers."""
        lower = np.zeros(peers.sets.size, dtype=bool)
        lower[peers.sure] = True
        upper = lower.copy()
        upper[peers.maybe] = True
        return cls(lower, upper)

    def __and__(self, other: Match) -> Match:
        """Return where both hold."""
        return Match(self.lower & other.lower, self.upper & other.upper)

    def __or__(self, other: Match) -> Match:
        """Return where at least one holds."""
        return Match(self.lower | other.lower, self.upper | other.upper)

    def __invert__(self) -> Match:
        """Return where it does not hold."""
        return Match(~self.upper, ~self.lower)

    def doubted(self) -> Match:
        """Return the condition that holds at most where this one does."""
        return Match(np.zeros_like(self.lower), self.upper)

    def peers(self, sets: ColumnSets) -> Peers:
        """Return the columns as peers."""
        sure = np.flatnonzero(self.lower).astype(np.int32)
        if self.lower is self.upper:
            return sets.peers(sure)
        return sets.peers(sure, np.flatnonzero(self.upper & ~self.lower).astype(np.int32))
