"""
Programs and rows: the whole reachability of a cluster in a form far smaller than all pairs of pods.

A program is what isolates a profile in one direction: its terms. Many profiles share
one. A row holds, for one program, the value of every column (the profiles, then the
external classes); rows are computed when first asked for, by set operations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.reach.rules import terms
from firedoor.engine.reach.values import Value, ValueTable
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from firedoor.algebra.ports import PortAxis
    from firedoor.engine.reach.profiles import Profile
    from firedoor.engine.reach.rules import CompiledPolicy, Term

Program = tuple[tuple[bytes, bytes, int], ...]
"""The terms of an isolated profile: sure and possible columns as bytes, and the ports."""


class DirectionMatrix:
    """The rows of one direction: what each profile accepts from, or may send to, every column."""

    def __init__(
        self,
        direction: Direction,
        policies: Sequence[CompiledPolicy],
        profiles: Sequence[Profile],
        axis: PortAxis,
        columns: int,
    ) -> None:
        """Build the programs of all profiles."""
        self._axis = axis
        self._columns = columns
        self.table = ValueTable()
        self._rows: dict[int, NDArray[np.int32]] = {}
        selecting: list[list[CompiledPolicy]] = [[] for _ in profiles]
        for policy in policies:
            for profile in policy.selected.tolist():
                selecting[profile].append(policy)
        self._numbers: dict[Program | None, int] = {}
        self._programs: list[Sequence[Term] | None] = []
        self.program_of = np.asarray(
            [self._program(direction, selecting[number], profile, profiles) for number, profile in enumerate(profiles)],
            dtype=np.int32,
        )

    def row(self, program: int) -> NDArray[np.int32]:
        """Return the value numbers of one program for all columns, shape ``(columns,)``."""
        found = self._rows.get(program)
        if found is None:
            found = self._rows[program] = self._evaluate(self._programs[program])
        return found

    def value(self, profile: int, column: int) -> Value:
        """Return what one profile accepts from, or sends to, one column."""
        return self.table.values[int(self.row(int(self.program_of[profile]))[column])]

    def _evaluate(self, program: Sequence[Term] | None) -> NDArray[np.int32]:
        if program is None:
            everything = self.table.number((self._axis.everything, self._axis.everything))
            return np.full(self._columns, everything, dtype=np.int32)
        row = np.zeros(self._columns, dtype=np.int32)
        for term in program:
            self.table.accept(row, term.peers.sure, (term.ports, term.ports))
            self.table.accept(row, term.peers.maybe, (0, term.ports))
        return row

    def _program(
        self,
        direction: Direction,
        policies: Sequence[CompiledPolicy],
        profile: Profile,
        profiles: Sequence[Profile],
    ) -> int:
        if not policies:
            return self._intern(None, None)
        found: dict[tuple[bytes, bytes, int], Term] = {}
        for policy in policies:
            for rule in policy.rules:
                for term in terms(rule, direction, profile, profiles, self._axis):
                    found[term.peers.sure.tobytes(), term.peers.maybe.tobytes(), term.ports] = term
        return self._intern(tuple(sorted(found)), [found[key] for key in sorted(found)])

    def _intern(self, key: Program | None, program: Sequence[Term] | None) -> int:
        if key not in self._numbers:
            self._numbers[key] = len(self._programs)
            self._programs.append(program)
        return self._numbers[key]
