"""Compiled policies in columns: there are many, few of them are ever looked at one by one, and those are made then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Generic, overload

import numpy as np

from firedoor.engine.reach.columns import ColumnSets, Peers, ranges
from firedoor.engine.reach.programs import ACCEPT, Term
from firedoor.engine.reach.rules import CompiledPolicy, CompiledRule, PolicyT_co, PortTest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RuleTable:
    """
    The rules of policies, one policy behind another: of each its peers and its ports, by number.

    All accept. `path` is that of the list in each policy that they are in.
    """

    path: str
    counts: Integers
    """How many rules each policy has."""
    peers_of: Integers
    tests_of: Integers
    peers: Sequence[Peers]
    tests: Sequence[PortTest]


class PolicyBatch(Sequence[CompiledPolicy[PolicyT_co]], Generic[PolicyT_co]):
    """Policies that isolate whom they surely select; those that say the same share one content, and its rules."""

    def __init__(
        self,
        policies: tuple[Sequence[PolicyT_co], Integers],
        selected: tuple[NDArray[np.int32], Integers, Integers],
        table: RuleTable,
    ) -> None:
        """
        Take columns; `policies` are written ones, and the positions of those that count among them.

        `selected` are profiles, and where in them those of each policy begin and end.
        """
        self._policies, self._positions = policies
        self._profiles, self._lows, self._highs = selected
        self._table = table
        # Two policies are compared by the bytes of all that their rules come to.
        codes = table.peers_of * len(table.tests) + table.tests_of
        data, ends = codes.tobytes(), (np.cumsum(table.counts) * codes.itemsize).tolist()
        known: dict[bytes, int] = {}
        self.contents = np.asarray(
            [known.setdefault(data[low:high], len(known)) for low, high in pairwise([0, *ends])], dtype=np.int64
        )
        """The content of each policy."""
        self._keys = list(known)
        self._rules: dict[int, tuple[CompiledRule, ...]] = {}
        self._made: list[CompiledPolicy[PolicyT_co] | None] = [None] * len(self)

    @overload
    def __getitem__(self, number: int) -> CompiledPolicy[PolicyT_co]: ...

    @overload
    def __getitem__(self, number: slice) -> Sequence[CompiledPolicy[PolicyT_co]]: ...

    def __getitem__(self, number: int | slice) -> CompiledPolicy[PolicyT_co] | Sequence[CompiledPolicy[PolicyT_co]]:
        """Return one policy, always the same object for it, or some."""
        if isinstance(number, slice):
            return [self[each] for each in range(len(self))[number]]
        found = self._made[number]
        if found is None:
            selected = self._profiles[self._lows[number] : self._highs[number]]
            found = self._made[number] = CompiledPolicy(
                self._policies[self._positions[number]], selected, self.rules_of(number)
            )
        return found

    def __len__(self) -> int:
        """Return how many policies there are."""
        return len(self._positions)

    @property
    def written(self) -> Iterator[PolicyT_co]:
        """The policies as they are written."""
        return map(self._policies.__getitem__, self._positions.tolist())

    def rules_of(self, number: int) -> tuple[CompiledRule, ...]:
        """Return the rules of one policy."""
        content = int(self.contents[number])
        found = self._rules.get(content)
        if found is None:
            table, width = self._table, len(self._table.tests)
            found = self._rules[content] = tuple(
                [
                    CompiledRule(f"{table.path}[{position}]", table.peers[code // width], table.tests[code % width])
                    for position, code in enumerate(self._codes(content))
                ]
            )
        return found

    def _codes(self, content: int) -> list[int]:
        return memoryview(self._keys[content]).cast("q").tolist()

    @property
    def plain(self) -> list[tuple[Term, ...] | None]:
        """For each content its terms, if they are the same for all pods and all of them are sure; else None."""
        table = self._table
        width = len(table.tests)
        masks = [None if test.has_names else test.mask & ~test.without for test in table.tests]
        numbers = [None if each.maybe_number != ColumnSets.NONE else each.sure_number for each in table.peers]
        made: dict[int, tuple[Term, ...] | None] = {}
        for code in np.unique(table.peers_of * width + table.tests_of).tolist():
            number, mask = numbers[code // width], masks[code % width]
            if number is None or mask is None:
                made[code] = None
            else:
                made[code] = (Term(number, mask, ACCEPT, sure=True),) if mask and number != ColumnSets.NONE else ()
        found: list[tuple[Term, ...] | None] = []
        for content in range(len(self._keys)):
            terms: tuple[Term, ...] | None = ()
            for code in self._codes(content):
                own = made[code]
                terms = None if terms is None or own is None else terms + own
            found.append(terms)
        return found

    @property
    def selections(self) -> tuple[Integers, NDArray[np.int32]]:
        """Who is selected by which policy: the positions of policies, rising, and the profiles."""
        which, places = ranges(self._lows, self._highs - self._lows)
        return which, self._profiles[places]
