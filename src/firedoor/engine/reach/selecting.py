"""Which policies apply to each profile, and which profiles the same ones apply to, for all profiles at once."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


class Selecting:
    """
    The policies of each profile as codes, in the order that they are asked.

    A code is the position of a policy doubled, and one more where it surely applies.
    """

    def __init__(self, codes: NDArray[np.int64], holders: NDArray[np.int64], profiles: int) -> None:
        """Take in codes, in any order, each with the profile that it is for."""
        width = int(codes.max(initial=0)) + 1
        self._holders, self._codes = np.divmod(np.sort(holders * width + codes), width)
        self._profiles = profiles
        self._flat: list[int] = self._codes.tolist()
        self._starts: list[int] = self._holders.searchsorted(np.arange(profiles + 1)).tolist()
        self._changed: dict[int, list[int]] = {}

    def fork(self) -> Selecting:
        """Return the same, to which codes can be given that this one does not have."""
        other = copy(self)
        other.detach()
        return other

    def detach(self) -> None:
        """Keep to oneself what changes from now on."""
        self._changed = self._changed.copy()

    def of(self, profile: int) -> list[int]:
        """Return the codes of one profile."""
        changed = self._changed.get(profile)
        return self._flat[self._starts[profile] : self._starts[profile + 1]] if changed is None else changed

    def change(self, profile: int, codes: list[int]) -> None:
        """Give one profile other codes."""
        self._changed[profile] = codes

    def groups(self, contents: Iterable[int], asking: Iterable[int]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """
        Return what the policies of each profile come to, the same number for the same, as it was at first.

        `contents` are numbers that only policies share which say the same to all profiles, and
        which may be asked in any order; they rise in the order of asking. With the numbers comes
        which profiles have any of the contents `asking`.
        """
        said = np.asarray(list(contents), dtype=np.int64)[self._codes >> 1] * 2 + (self._codes & 1)
        width = int(said.max(initial=0)) + 1
        holders, said = np.divmod(np.unique(self._holders * width + said), width)
        asks = np.zeros(self._profiles, dtype=bool)
        asks[holders[np.isin(said >> 1, list(asking))]] = True
        starts = holders.searchsorted(np.arange(self._profiles + 1))
        is_other = _differing(holders, said, np.diff(starts))
        data, firsts = said.tobytes(), np.flatnonzero(is_other)
        bounds = zip(*((starts[firsts + each] * said.itemsize).tolist() for each in range(2)), strict=True)
        known: dict[bytes, int] = {}
        numbers = [known.setdefault(data[start:end], len(known)) for start, end in bounds]
        return np.asarray(numbers, dtype=np.int64)[np.cumsum(is_other) - 1], asks


def _differing(holders: NDArray[np.int64], said: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which holders, each with so many of the numbers `said`, have others than the one before; the first has."""
    # Where both have as many, those of the one before are as many places in front.
    differs = said != said[np.arange(len(said)) - lengths[holders]]
    found: NDArray[np.bool_] = np.diff(lengths, prepend=-1) != 0
    found[holders[differs]] = True
    found[:1] = True
    return found
