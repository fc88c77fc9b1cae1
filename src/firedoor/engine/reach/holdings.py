"""Which profiles have addresses in which external classes, for all profiles at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.reach.columns import distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firedoor.engine.reach.profiles import Profiles


class Holdings:
    """The addresses of profiles; `unknown` are those whose address counts and is not known."""

    def __init__(self, profiles: Profiles) -> None:
        """Lay the addresses of all profiles out in two flat arrays: who holds, and which class."""
        self._size = len(profiles)
        standings, of = profiles.standings, profiles.standing_of
        some = np.flatnonzero(np.asarray([bool(each.externals) for each in standings], dtype=bool)[of])
        held = [
            (column, each)
            for column, standing in zip(some.tolist(), of[some].tolist(), strict=True)
            for each in standings[standing].externals or ()
        ]
        self._holders = np.asarray([column for column, _ in held], dtype=np.int32)
        self._classes = np.asarray([each for _, each in held], dtype=np.int64)
        self.unknown: NDArray[np.bool_] = np.asarray([each.externals is None for each in standings], dtype=bool)[of]

    def inside(self, classes: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which profiles have an address in one of the classes, shape ``(profiles,)``."""
        found = np.zeros(self._size, dtype=bool)
        found[self._holders[classes[self._classes]]] = True
        return found

    def among(self, chosen: NDArray[np.bool_]) -> Holders:
        """Return the addresses of some of the profiles."""
        is_chosen = chosen[self._holders]
        unknown = np.flatnonzero(self.unknown & chosen).astype(np.int32)
        return Holders(self._holders[is_chosen], self._classes[is_chosen], unknown)


@dataclass(frozen=True, slots=True)
class Holders:
    """Who holds an address in which class, sorted by who; `unknown` are those whose address is not known, sorted."""

    holders: NDArray[np.int32]
    classes: NDArray[np.int64]
    unknown: NDArray[np.int32]

    def inside(self, classes: NDArray[np.bool_]) -> NDArray[np.int32]:
        """Return who has an address in one of the classes, sorted."""
        return distinct(self.holders[classes[self.classes]])
