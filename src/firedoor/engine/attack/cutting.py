"""
The fewest changes that leave no way between two ends.

A minimum cut in which one change stops many edges at once: exact, by trying for each way that
is left every set of changes that stops a step of it, with ever more changes in all.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from firedoor.engine.attack.core import stopping
from firedoor.model.attack import Cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from firedoor.engine.attack.core import Core, Walk
    from firedoor.engine.attack.graph import Changes
    from firedoor.model.attack import Change

MOST_WAYS = 600
"""Ways that are looked for, before the search for the fewest changes is given up."""
_MOST_EDGES = 20_000_000
"""The same, in edges that are looked at."""


class _GivenUpError(Exception):
    """The search took too long."""


class _Search:
    def __init__(self, core: Core) -> None:
        self._core = core
        edges = sum(map(len, core.ahead.values()))
        self._left = max(20, min(MOST_WAYS, _MOST_EDGES // max(1, edges)))
        self._known: dict[Changes, list[Changes] | None] = {}

    def ways_out(self, made: Changes) -> list[Changes] | None:
        """Return the sets of further changes that stop the shortest way left; None where no way is left."""
        if made not in self._known:
            if not self._left:
                raise _GivenUpError
            self._left -= 1
            walk = self._core.shortest(made)
            self._known[made] = None if walk is None else self._of(walk, made)
        return self._known[made]

    def _of(self, walk: Walk, made: Changes) -> list[Changes]:
        found: dict[Changes, None] = {}
        for source, target in pairwise(walk):
            found |= dict.fromkeys(each - made for each in stopping(self._core.ahead[source][target]))
        return sorted(found, key=lambda each: (len(each), sorted(each)))

    def within(self, made: Changes, budget: int) -> Changes | None:
        """Return changes, those that are made and so many more, that leave no way; None where none do."""
        further = self.ways_out(made)
        if further is None:
            return made
        for each in further:
            if len(each) <= budget:
                found = self.within(made | each, budget - len(each))
                if found is not None:
                    return found
        return None

    def any_at_all(self) -> Changes | None:
        """Return changes that leave no way, one way after the other stopped by what costs least."""
        made: Changes = frozenset()
        walk = self._core.shortest(made)
        while walk is not None:
            further = self._of(walk, made)
            if not further:
                return None
            made |= further[0]
            walk = self._core.shortest(made)
        return made


def cut(core: Core, walks: Sequence[Walk]) -> Cut | None:
    """Return the fewest changes that leave no way; `walks` are those to count what each change breaks."""
    if core.shortest() is None:
        return None
    breaks = _breaks(core, walks)
    search = _Search(core)
    enough = search.any_at_all()
    if enough is None:
        return Cut(None, is_least=True, breaks=breaks)
    try:
        for budget in range(1, len(enough)):
            found = search.within(frozenset(), budget)
            if found is not None:
                return Cut(tuple(sorted(found)), is_least=True, breaks=breaks)
    except _GivenUpError:
        return Cut(tuple(sorted(enough)), is_least=False, breaks=breaks)
    return Cut(tuple(sorted(enough)), is_least=True, breaks=breaks)


def _breaks(core: Core, walks: Iterable[Walk]) -> tuple[tuple[Change, int], ...]:
    """Return how many ways each single change stops, most first."""
    counts: Counter[Change] = Counter()
    for walk in walks:
        single: set[Change] = set()
        for source, target in pairwise(walk):
            single.update(*(each for each in stopping(core.ahead[source][target]) if len(each) == 1))
        counts.update(single)
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
