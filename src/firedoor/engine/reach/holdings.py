"""Which profiles have addresses in which external classes, for all profiles at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from firedoor.engine.reach.profiles import Profile


class Holdings:
    """The addresses of profiles; `unknown` are those whose address counts and is not known."""

    def __init__(self, profiles: Sequence[Profile]) -> None:
        """Lay the addresses of all profiles out in two flat arrays: who holds, and which class."""
        self._size = len(profiles)
        held = [(column, each) for column, profile in enumerate(profiles) for each in profile.externals or ()]
        self._holders = np.asarray([column for column, _ in held], dtype=np.int64)
        self._classes = np.asarray([each for _, each in held], dtype=np.int64)
        self.unknown: NDArray[np.bool_] = np.asarray([each.externals is None for each in profiles], dtype=bool)

    def inside(self, classes: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which profiles have an address in one of the classes, shape ``(profiles,)``."""
        found = np.zeros(self._size, dtype=bool)
        found[self._holders[classes[self._classes]]] = True
        return found
