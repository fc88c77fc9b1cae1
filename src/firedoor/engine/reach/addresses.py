"""
The address axis: all IP addresses of both families, cut at the boundaries that policies name.

Addresses that lie in exactly the same blocks behave alike whatever a policy says;
they form one external class, and a class is one column of the reachability matrix.
Where blocks do not match nodes, those of nodes are classes apart.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firedoor.algebra.cidrs import Family, block, parse_address
from firedoor.algebra.intervals import canonical
from firedoor.engine.reach.columns import NOBODY, distinct

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from firedoor.algebra.intervals import Interval, IntervalSet
    from firedoor.model.networkpolicy import IPBlock


@dataclass(frozen=True, slots=True)
class Atom:
    """A range of addresses that no block cuts, and the external class that it belongs to."""

    family: Family
    first: int
    last: int
    external: int


class AddressAxis:
    """The external classes, and what each block holds of them."""

    def __init__(self, blocks: Iterable[IPBlock], nodes: Iterable[str] = ()) -> None:
        """Cut both families at the boundaries of `blocks`, which are valid CIDRs, and around the addresses `nodes`."""
        self._nodes = {parse_address(each) for each in nodes}
        self._contents: dict[IPBlock, tuple[Family, IntervalSet]] = {
            each: block(each.cidr, each.excepts) for each in blocks
        }
        self._starts: dict[Family, list[int]] = {}
        self._atoms: dict[Family, list[Atom]] = {}
        self._columns: dict[IPBlock, NDArray[np.int32]] = {}
        self.size = 0
        """The number of external classes; they are numbered from 0, IPv4 first."""
        self._cut(Family.V4)
        self.first_v6 = self.size
        """The first external class of IPv6."""
        self._cut(Family.V6)
        self.of_nodes = np.asarray(sorted({self.external_of(*each) for each in self._nodes}), dtype=np.int32)
        """The external classes of the addresses of nodes that were given, sorted."""

    @property
    def atoms(self) -> Sequence[Atom]:
        """All atoms, IPv4 first, in the order of their addresses."""
        return [atom for family in Family for atom in self._atoms[family]]

    def knows(self, each: IPBlock) -> bool:
        """Return whether the block is one of those that the axis is made of."""
        return each in self._contents

    def external(self, address: str) -> int:
        """Return the external class of an address; raises ``ValueError`` when it is none."""
        return self.external_of(*parse_address(address))

    def external_of(self, family: Family, number: int) -> int:
        """Return the external class of an address by its number."""
        return self._atoms[family][bisect_right(self._starts[family], number) - 1].external

    def externals_of(self, each: IPBlock) -> NDArray[np.int32]:
        """Return the external classes that make up a block, sorted."""
        return self._columns[each]

    def covers(self, each: IPBlock, family: Family) -> bool:
        """Return whether the block is the whole of a family, so that it holds an address of it nobody knows yet."""
        return self._contents[each] == (family, family.everything)

    def overlapping(self, family: Family, first: int, last: int) -> Sequence[Atom]:
        """Return the atoms that have any of some addresses, in their order."""
        starts = self._starts[family]
        return self._atoms[family][bisect_right(starts, first) - 1 : bisect_right(starts, last)]

    def has_blocks(self, family: Family) -> bool:
        """Return whether any block is of the family."""
        return any(other is family for other, _ in self._contents.values())

    def _cut(self, family: Family) -> None:
        contents = {each: ranges for each, (other, ranges) in self._contents.items() if other is family}
        nodes = canonical((number, number) for other, number in self._nodes if other is family)
        everything = [*contents.values(), nodes]
        cuts = {0}
        for ranges in everything:
            for first, last in ranges:
                cuts.update((first, last + 1))
        starts = sorted(cut for cut in cuts if cut <= family.last)
        begins: list[list[int]] = [[] for _ in starts]
        stops: list[list[int]] = [[] for _ in range(len(starts) + 1)]
        spans: list[list[Interval]] = []
        for position, ranges in enumerate(everything):
            spans.append(list(_atom_ranges(starts, ranges)))
            for low, high in spans[-1]:
                begins[low].append(position)
                stops[high].append(position)
        classes: dict[frozenset[int], int] = {}
        numbers: list[int] = []
        holding: set[int] = set()
        for place, started in enumerate(begins):
            # One range of a block may begin where another ends.
            holding.difference_update(stops[place])
            holding.update(started)
            numbers.append(self.size + classes.setdefault(frozenset(holding), len(classes)))
        ends = [*(start - 1 for start in starts[1:]), family.last]
        self._starts[family] = starts
        self._atoms[family] = [
            Atom(family, first, last, number) for first, last, number in zip(starts, ends, numbers, strict=True)
        ]
        of_atom = np.asarray(numbers, dtype=np.int32)
        for each, found in zip(contents, spans, strict=False):
            parts = [of_atom[low:high] for low, high in found]
            self._columns[each] = distinct(np.concatenate(parts)) if parts else NOBODY
        self.size += len(classes)


def _atom_ranges(starts: list[int], ranges: IntervalSet) -> Iterable[Interval]:
    for first, last in ranges:
        yield bisect_right(starts, first) - 1, bisect_right(starts, last)
