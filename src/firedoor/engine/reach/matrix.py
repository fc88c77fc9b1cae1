"""
Programs and rows: the whole reachability of a cluster in a form far smaller than all pairs of pods.

Many profiles share one program. A row holds, for one program, the value of every
column (the profiles, then the external classes, then the domain names). What a
column's value is hangs only on which terms match it, so that each distinct
combination of terms is judged once.
"""

from __future__ import annotations

from collections import Counter
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.reach.allpairs import AllPairs
from firedoor.engine.reach.columns import ColumnSets
from firedoor.engine.reach.programs import FREE, judge, terms_of
from firedoor.engine.reach.values import Value, ValueTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from firedoor.algebra.ports import PortAxis
    from firedoor.engine.reach.layering import Layering
    from firedoor.engine.reach.programs import Program

BYTE = 8
MOST_BITS = 12
"""So many terms are looked at together: each combination of them that there may be has a place in a small table."""
MOST_COUNTED = 16
"""Codes of up to so many bits are numbered by counting, of more by sorting, which takes several times longer."""


@dataclass(frozen=True, slots=True)
class Change:
    """The program of a profile before and after something changed; `DirectionMatrix.judged` makes rows of them."""

    profile: int
    before: Program
    after: Program


class DirectionMatrix:
    """The rows of one direction: what each profile accepts from, or may send to, every column."""

    def __init__(self, layering: Layering, sets: ColumnSets, axis: PortAxis) -> None:
        """Build the programs of all profiles."""
        self.layering = layering
        self.sets = sets
        self.everything = axis.everything
        self.table = ValueTable()
        self._rows: dict[int, NDArray[np.int32]] = {}
        self.programs: list[Program] = []
        self._numbers: dict[Program, int] = {}
        self._vacant: list[int] = []
        groups, some = layering.groups()
        numbers = [self._number(layering.program(profile)) for profile in some]
        self.program_of: NDArray[np.int32] = np.asarray(numbers, dtype=np.int32)[groups]

    def fork(self) -> DirectionMatrix:
        """Return the same rows, of which some can be built anew that this one keeps."""
        other = copy(self)
        other.detach()
        return other

    def detach(self) -> None:
        """Keep to oneself what changes from now on."""
        self.layering = self.layering.fork()
        self.programs, self.program_of = self.programs.copy(), self.program_of.copy()
        self._rows, self._numbers, self._vacant = self._rows.copy(), self._numbers.copy(), self._vacant.copy()
        self._uses = self._uses.copy()

    def _number(self, program: Program) -> int:
        found = self._numbers.get(program)
        if found is not None:
            return found
        if self._vacant:
            found = self._vacant.pop()
            self.programs[found] = program
        else:
            found = len(self.programs)
            self.programs.append(program)
        self._numbers[program] = found
        return found

    def rebuild(self, profiles: Sequence[int]) -> list[Change]:
        """Build the programs of these profiles anew, and return what became of those that changed."""
        changes: list[Change] = []
        uses = self._uses
        for profile in profiles:
            old, number = int(self.program_of[profile]), self._number(self.layering.program(profile))
            if number != old:
                changes.append(Change(profile, self.programs[old], self.programs[number]))
                self.program_of[profile] = number
                uses[old] -= 1
                uses[number] += 1
        for program in {each.before for each in changes}:
            number = self._numbers[program]
            if not uses[number]:
                del self._numbers[program]
                self._rows.pop(number, None)
                self.programs[number] = FREE
                self._vacant.append(number)
        if changes:
            self.__dict__.pop("pairs", None)
        return changes

    @cached_property
    def _uses(self) -> Counter[int]:
        """How many profiles have each program."""
        return Counter(dict(enumerate(np.bincount(self.program_of).tolist())))

    def row(self, program: int) -> NDArray[np.int32]:
        """Return the value numbers of one program for all columns, shape ``(columns,)``."""
        found = self._rows.get(program)
        if found is None:
            found = self._rows[program] = self.evaluate(program)
        return found

    @cached_property
    def pairs(self) -> AllPairs:
        """All rows at once."""
        return AllPairs(self)

    def value(self, profile: int, column: int) -> Value:
        """Return what one profile accepts from, or sends to, one column."""
        program = int(self.program_of[profile])
        if program not in self._rows and "pairs" in self.__dict__:
            return self.table.values[self.pairs.cell(program, column)]
        return self.table.values[int(self.row(program)[column])]

    def cell(self, program: Program, column: int) -> Value:
        """Return what any program says of one column; a row of all of them pays for many."""
        matched = self.sets.arrays.holding([term.columns for term in terms_of(program)], column)
        return judge(program, matched, self.everything)

    def prepare(self) -> None:
        """Find now what else the first `rebuild` has to find."""
        self.layering.prepare()
        _ = self._uses

    def evaluate(self, number: int) -> NDArray[np.int32]:
        """Return what `row` returns, without keeping it."""
        return self.judged(self.programs[number])

    def judged(self, program: Program) -> NDArray[np.int32]:
        """Return the value numbers that any program, one of old too, has for all columns, shape ``(columns,)``."""
        terms = list(terms_of(program))
        always = sum(1 << position for position, term in enumerate(terms) if term.columns == ColumnSets.ALL)
        some = [position for position, term in enumerate(terms) if term.columns != ColumnSets.ALL]
        if len(some) <= MOST_BITS:
            # Cast once: both to count and to look up want it.
            words = self._words([terms[position].columns for position in some]).astype(np.intp)
            present = np.flatnonzero(np.bincount(words)).tolist()
            numbers = np.zeros(present[-1] + 1, dtype=np.int32)
            numbers[present] = [self._judge(program, always | _spread(word, some)) for word in present]
            return numbers.take(words, mode="clip")
        masks, patterns = self._combined(always, some, [term.columns for term in terms])
        row: NDArray[np.int32] = np.asarray([self._judge(program, mask) for mask in masks], dtype=np.int32)[patterns]
        return row

    def _judge(self, program: Program, mask: int) -> int:
        return self.table.number(judge(program, mask, self.everything))

    def _words(self, sets: Sequence[int]) -> NDArray[np.int64 | np.uint8]:
        """Return for each column one bit for each of the sets, of which there are at most `MOST_BITS`."""
        arrays = self.sets.arrays
        if len(sets) > BYTE:
            words = np.zeros(self.sets.size, dtype=np.int64)
            for bit, number in enumerate(sets):
                words[arrays[number]] |= 1 << bit
            return words
        found = np.zeros(self.sets.size, dtype=np.uint8)
        for bit, number in enumerate(sets):
            if arrays.sizes[number] * BYTE > self.sets.size:
                found |= arrays.mask(number) << np.uint8(bit)
            else:
                found[arrays[number]] |= np.uint8(1 << bit)
        return found

    def _combined(self, always: int, some: list[int], sets: Sequence[int]) -> tuple[list[int], NDArray[np.int64]]:
        """Return the distinct masks of terms that match together, and for each column which of them it has."""
        masks, patterns = [always], np.zeros(self.sets.size, dtype=np.int64)
        for start in range(0, len(some), MOST_BITS):
            chosen = some[start : start + MOST_BITS]
            # The patterns so far and these together, numbered anew so that they stay small.
            words = self._words([sets[position] for position in chosen]).astype(np.int64)
            distinct, inverse = _numbered(words, len(chosen))
            pairs, patterns = _numbered(patterns * len(distinct) + inverse, (len(masks) * len(distinct)).bit_length())
            masks = [masks[pair // len(distinct)] | _spread(distinct[pair % len(distinct)], chosen) for pair in pairs]
        return masks, patterns


def _numbered(codes: NDArray[np.int64], bits: int) -> tuple[list[int], NDArray[np.int64]]:
    """Return the distinct codes, which have at most so many bits, in order, and for each code its position there."""
    if bits > MOST_COUNTED:
        distinct, inverse = np.unique(codes, return_inverse=True)
        return distinct.tolist(), inverse
    # Counting is faster than sorting while the table is small.
    present = np.flatnonzero(np.bincount(codes, minlength=1))
    position = np.zeros(int(present[-1]) + 1, dtype=np.int64)
    position[present] = np.arange(len(present))
    return present.tolist(), position[codes]


def _spread(word: int, positions: list[int]) -> int:
    """Return the mask that has the bits of `word` at `positions`."""
    return sum(1 << position for bit, position in enumerate(positions) if word >> bit & 1)
