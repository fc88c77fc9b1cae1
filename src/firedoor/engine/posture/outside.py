"""What lies outside the cluster, and what policies let through to and from there."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import Family, parse_cidr
from firedoor.algebra.intervals import canonical, covers
from firedoor.engine.exposure import by_family
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.algebra.intervals import IntervalSet
    from firedoor.engine.reach.addresses import Atom
    from firedoor.engine.reach.network import Network
    from firedoor.engine.reach.values import Value

_NOT_PUBLIC = (
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 "
    "192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3 "
    "::/8 64:ff9b:1::/48 100::/64 2001:db8::/32 fc00::/7 fe80::/10 ff00::/8"
)
"""Blocks that the internet does not route to anybody (the special-purpose registries of IANA)."""


@cache
def _not_public(family: Family) -> IntervalSet:
    found = (parse_cidr(each) for each in _NOT_PUBLIC.split())
    return canonical((first, last) for other, first, last in found if other is family)


def public_atoms(network: Network, family: Family) -> list[Atom]:
    """Return the ranges of addresses of a family that hold some that the internet routes to somebody."""
    atoms = (each for each in network.addresses.atoms if each.family is family)
    return [each for each in atoms if not covers(_not_public(family), ((each.first, each.last),))]


def holds_public(ranges: Iterable[str]) -> bool:
    """Return whether ranges ``first-last`` hold an address that the internet routes to somebody."""
    return any(not covers(_not_public(family), found) for family, found in by_family(ranges).items())


def values(network: Network, direction: Direction, profile: int, atoms: list[Atom]) -> Iterator[Value]:
    """Yield what the policies on a profile accept from, or allow towards, ranges of addresses."""
    matrix = network.matrix[direction]
    row = matrix.row(int(matrix.program_of[profile]))
    columns = sorted({network.index.first_external + each.external for each in atoms})
    yield from (matrix.table.values[number] for number in set(row[columns].tolist()))
