"""One direction of a network as its pairs are counted: rows of profiles as a few bases, exceptions, and whole rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.reach.columns import ranges

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from firedoor.engine.reach.allpairs import AllPairs
    from firedoor.engine.reach.network import Network
    from firedoor.model.networkpolicy import Direction

    Integers = NDArray[np.int64]


def dark_profiles(network: Network, direction: Direction) -> NDArray[np.bool_]:
    """Return of which profiles all verdicts are unknown in a direction, shape ``(profiles,)``."""
    known: dict[tuple[str, bool], bool] = {}
    found = np.zeros(len(network.profiles), dtype=bool)
    if all(gap.scope is None for gap in network.snapshot.gaps):
        return found
    for number, profile in enumerate(network.profiles):
        key = profile.namespace, profile.host_network
        if key not in known:
            known[key] = network.is_dark(profile, direction)
        found[number] = known[key]
    return found


@dataclass(frozen=True, slots=True)
class Groups:
    """Exceptions that share a key, their value and that of the base, with what they weigh together; sorted by key."""

    keys: Integers
    numbers: Integers
    based: Integers
    counts: Integers


@dataclass(frozen=True, slots=True)
class Exceptions:
    """Cells whose value is not that of the base, sorted by row and column: both values."""

    rows: Integers
    columns: Integers
    numbers: Integers
    based: Integers

    def grouped(self, keys: Integers, chosen: Integers, weights: Integers) -> Groups:
        """Return the cells that have one of the `chosen` keys, which are sorted, those that are alike as one."""
        places = np.searchsorted(chosen, keys)
        kept = np.flatnonzero(np.append(chosen, -1)[places] == keys)
        width = int(self.numbers.max(initial=0)) + 1, int(self.based.max(initial=0)) + 1
        codes = (places[kept] * width[0] + self.numbers[kept]) * width[1] + self.based[kept]
        distinct, inverse = np.unique(codes, return_inverse=True)
        counts = np.bincount(inverse, weights=weights[kept], minlength=len(distinct)).astype(np.int64)
        rest, based = np.divmod(distinct, width[1])
        places, numbers = np.divmod(rest, width[0])
        return Groups(chosen[places], numbers, based, counts)


class CountedSide:
    """One direction: the rows of profiles, those of pods with gaps being unknown throughout."""

    def __init__(self, network: Network, direction: Direction) -> None:
        """Look at the pairs of a direction."""
        matrix = network.matrix[direction]
        self.pairs: AllPairs = matrix.pairs
        self.values = matrix.table.values
        self.rows = matrix.program_of.astype(np.int64)
        self._size = len(network.profiles)
        self.unknown = matrix.table.number((0, network.axis.everything))
        """The number of the value of dark profiles."""
        self.dark = dark_profiles(network, direction)
        self.is_whole = self.pairs.is_whole()[self.rows] & ~self.dark
        base = np.vstack([self.pairs.base, np.full(self.pairs.patterns, self.unknown, dtype=np.int32)])
        self.kinds, kind_of_row = _distinct_rows(base.astype(np.int64))
        """Bases that differ, shape ``(kinds, patterns)``."""
        self.kind = kind_of_row[np.where(self.dark, len(base) - 1, self.rows)]
        """The base of each profile."""
        self.pattern = self.pairs.pattern_of[: self._size].astype(np.int64)
        """The pattern of each profile's column."""
        inside = self.pairs.columns < self._size
        rows, columns = self.pairs.rows[inside], self.pairs.columns[inside]
        numbers, based = self.pairs.numbers[inside], self.pairs.base[rows, self.pattern[columns]]
        self.exceptions = Exceptions(rows, columns, numbers.astype(np.int64), based.astype(np.int64))
        """Those at columns of profiles."""

    def at(self, subjects: Integers, peers: Integers) -> Integers:
        """Return the values of pairs of profiles."""
        found = self.pairs.at(self.rows[subjects], peers).astype(np.int64)
        found[self.dark[subjects]] = self.unknown
        return found

    def row(self, subject: int) -> Integers:
        """Return the values of a profile, which is not dark, for all profiles."""
        return self.pairs.row(int(self.rows[subject]))[: self._size].astype(np.int64)

    def patterns_of_rows(self, other: CountedSide, weights: Integers) -> tuple[Integers, Integers, Integers]:
        """
        Return how often profiles with the rows of the `other` side have which pattern on this one.

        Rows, which are sorted, patterns, and sums of weights; dark profiles have no row.
        """
        codes = other.rows * self.pairs.patterns + self.pattern
        sums = np.bincount(codes, weights=np.where(other.dark, 0, weights)).astype(np.int64)
        codes = np.flatnonzero(sums)
        return codes // self.pairs.patterns, codes % self.pairs.patterns, sums[codes]

    def columns_of(self, profiles: Integers) -> Iterator[Integers]:
        """Yield for each of these profiles, which are sorted, the values that all profiles have for it."""
        own = np.flatnonzero(self.is_whole)
        places = np.searchsorted(self.pairs.whole_rows, self.rows[own])
        columns, subjects, numbers = self._exceptional(np.flatnonzero(np.isin(self.exceptions.columns, profiles)))
        starts, ends = (np.searchsorted(columns, profiles, side=side).tolist() for side in ("left", "right"))
        for profile, start, end in zip(profiles.tolist(), starts, ends, strict=True):
            found = self.kinds[:, self.pattern[profile]][self.kind]
            found[subjects[start:end]] = numbers[start:end]
            found[own] = self.pairs.whole[places, profile]
            yield found

    def _exceptional(self, cells: Integers) -> tuple[Integers, Integers, Integers]:
        """Return column, profile and value of what exceptions come to for the profiles of their rows, by column."""
        cells = cells[np.argsort(self.exceptions.columns[cells], kind="stable")]
        rows = np.where(self.dark, len(self.pairs.base), self.rows)
        subjects = np.argsort(rows, kind="stable")
        own = self.exceptions.rows[cells]
        starts = np.searchsorted(rows[subjects], own)
        which, found = ranges(starts, np.searchsorted(rows[subjects], own, side="right") - starts)
        which = cells[which]
        return self.exceptions.columns[which], subjects[found], self.exceptions.numbers[which]


def _distinct_rows(array: Integers) -> tuple[Integers, Integers]:
    """Return the distinct rows, and for each row its number among them."""
    width = array.shape[1] * array.itemsize
    numbers: dict[bytes, int] = {}
    data = array.tobytes()
    rows = (data[start : start + width] for start in range(0, len(data), width))
    found = np.asarray([numbers.setdefault(row, len(numbers)) for row in rows], dtype=np.int64)
    firsts = np.unique(found, return_index=True)[1]
    return array[firsts], found
