"""Addresses as few blocks: exactly, or as no more than so many, private and public ones always apart."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import Family, format_address, parse_cidr
from firedoor.algebra.intervals import canonical, overlaps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from firedoor.algebra.intervals import Interval, IntervalSet

_PRIVATE: dict[Family, IntervalSet] = {
    family: canonical(parse_cidr(each)[1:] for each in texts)
    for family, texts in (
        (
            Family.V4,
            ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"),
        ),
        (Family.V6, ("::1/128", "fc00::/7", "fe80::/10")),
    )
}
"""Addresses that no packet from the outside world has (RFC 1918, 6598, 3927, 4193, 4291)."""


def cover(family: Family, ranges: Iterable[Interval]) -> tuple[str, ...]:
    """Return the fewest blocks that hold exactly some addresses, in their order."""
    bits = _bits(family)
    return tuple(
        f"{format_address(family, first)}/{bits - size}"
        for whole in canonical(ranges)
        for first, size in _cut(*whole, bits)
    )


def _bits(family: Family) -> int:
    return 32 if family is Family.V4 else 128


def _cut(first: int, last: int, bits: int) -> Iterator[tuple[int, int]]:
    """Yield first addresses and sizes (as powers of two) of the blocks of a range."""
    while first <= last:
        size = min((first & -first).bit_length() - 1 if first else bits, (last - first + 1).bit_length() - 1)
        yield first, size
        first += 1 << size


def bounded(
    blocks: Sequence[str], bound: int, taken: Mapping[Family, IntervalSet] | None = None
) -> tuple[tuple[str, ...], int]:
    """
    Return blocks that hold all of `blocks`, and how many addresses they hold besides.

    While there are more than `bound`, the two neighbours whose common block is the smallest become one; never
    private and public ones, nor such as would take in an address of `taken`. 0 is no bound.
    """
    ranges: dict[Family, list[Interval]] = {family: [] for family in Family}
    for text in blocks:
        family, first, last = parse_cidr(text)
        ranges[family].append((first, last))
    exact = {family: canonical(each) for family, each in ranges.items()}
    found: dict[Family, list[Interval]] = {
        family: [(first, first + (1 << size) - 1) for whole in each for first, size in _cut(*whole, _bits(family))]
        for family, each in exact.items()
    }
    while bound and sum(map(len, found.values())) > bound:
        joins = [join for family, each in found.items() for join in _joins(family, each, taken or {})]
        if not joins:
            break
        _, family, place, whole = min(joins)
        found[family][place : place + 2] = [whole]
        found[family] = _absorbed(found[family], whole)
    added = sum(
        sum(last - first + 1 for first, last in found[family]) - sum(last - first + 1 for first, last in exact[family])
        for family in Family
    )
    return tuple(text for family in Family for text in cover_each(family, found[family])), added


def cover_each(family: Family, blocks: Iterable[Interval]) -> Iterator[str]:
    """Yield each block as text."""
    for first, last in blocks:
        yield f"{format_address(family, first)}/{_bits(family) - (last - first + 1).bit_length() + 1}"


def _joins(
    family: Family, blocks: list[Interval], taken: Mapping[Family, IntervalSet]
) -> Iterator[tuple[int, Family, int, Interval]]:
    for place, (one, other) in enumerate(pairwise(blocks)):
        size = (one[0] ^ other[1]).bit_length()
        first = one[0] >> size << size
        whole = (first, first + (1 << size) - 1)
        if _is_uniform(family, whole) and not overlaps((whole,), taken.get(family, ())):
            yield 1 << size, family, place, whole


def _absorbed(blocks: list[Interval], whole: Interval) -> list[Interval]:
    """Return the blocks without those that lie in a new one."""
    return [each for each in blocks if each == whole or not whole[0] <= each[0] <= whole[1]]


def _is_uniform(family: Family, whole: Interval) -> bool:
    """Return whether a block is all private or all public."""
    private = _PRIVATE[family]
    return not overlaps((whole,), private) or any(first <= whole[0] and whole[1] <= last for first, last in private)


class BlocksWithin:
    """Finds the blocks that lie in another."""

    def __init__(self, blocks: Sequence[str]) -> None:
        self._blocks = blocks
        parsed = ((*parse_cidr(block), number) for number, block in enumerate(blocks))
        self._sorted = sorted((family.value, first, last, number) for family, first, last, number in parsed)

    def of(self, cidr: str) -> list[str]:
        """Return the blocks in their order."""
        family, low, high = parse_cidr(cidr)
        start = bisect_left(self._sorted, (family.value, low, 0, 0))
        end = bisect_right(self._sorted, (family.value, high, high + 1, 0))
        return [
            self._blocks[number]
            for *_, last, number in sorted(self._sorted[start:end], key=itemgetter(3))
            if last <= high
        ]
