"""Where chance comes from."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class Chance(random.Random):
    """Random numbers of a seed, and the questions that are put to them."""

    def percent(self, share: int) -> bool:
        """Return true in so many of a hundred cases."""
        return self.random() * 100 < share

    def some(self, pool: Sequence[str], most: int) -> list[str]:
        """Return one to `most` different words in random order."""
        words = list(dict.fromkeys(pool))
        return self.sample(words, self.randint(1, min(most, len(words))))
