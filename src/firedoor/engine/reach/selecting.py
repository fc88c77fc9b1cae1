"""Which policies apply to each profile, and which profiles the same ones apply to, for all profiles at once."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from firedoor.engine.reach.rules import CompiledPolicy


class Selecting:
    """
    The policies of each profile as codes, in the order that they are asked.

    A code is the position of a policy doubled, and one more where it surely applies.
    """

    def __init__(self, policies: Sequence[CompiledPolicy[Any]], profiles: int) -> None:
        """Take in whom `policies` are for, which stand in the order that they are asked."""
        found = [*(each.perhaps for each in policies), *(each.selected for each in policies)]
        numbers = np.concatenate([np.arange(len(policies)) * 2, np.arange(len(policies)) * 2 + 1])
        self._codes = np.repeat(numbers, [len(each) for each in found])
        self._holders: NDArray[np.int64] = np.concatenate([np.zeros(0, dtype=np.int64), *found])
        order = np.lexsort((self._codes, self._holders))
        self._codes, self._holders = self._codes[order], self._holders[order]
        self._profiles = profiles
        self._flat: list[int] = self._codes.tolist()
        self._starts: list[int] = self._holders.searchsorted(np.arange(profiles + 1)).tolist()
        self._changed: dict[int, list[int]] = {}

    def of(self, profile: int) -> list[int]:
        """Return the codes of one profile."""
        changed = self._changed.get(profile)
        return self._flat[self._starts[profile] : self._starts[profile + 1]] if changed is None else changed

    def change(self, profile: int, codes: list[int]) -> None:
        """Give one profile other codes."""
        self._changed[profile] = codes

    def groups(self, contents: Iterable[int]) -> tuple[list[int], dict[bytes, list[int]]]:
        """
        Return what the policies of each profile come to, the same number for the same, as it was at first.

        `contents` are numbers that only policies share which say the same to all profiles, and
        which may be asked in any order; they rise in the order of asking. With the numbers come
        the codes, each doubled content and whether it surely applies, by their bytes.
        """
        said = np.asarray(list(contents), dtype=np.int64)[self._codes >> 1] * 2 + (self._codes & 1)
        width = int(said.max(initial=0)) + 1
        holders, said = np.divmod(np.unique(self._holders * width + said), width)
        data = said.tobytes()
        starts = (holders.searchsorted(np.arange(self._profiles + 1)) * said.itemsize).tolist()
        known: dict[bytes, int] = {}
        keys = [data[start:end] for start, end in pairwise(starts)]
        numbers = [known.setdefault(key, len(known)) for key in keys]
        return numbers, {key: np.frombuffer(key, dtype=np.int64).tolist() for key in known}
