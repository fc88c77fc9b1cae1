"""The cut of all addresses at the boundaries of blocks, beside what each address by itself is in."""

from __future__ import annotations

from itertools import pairwise

import pytest

from firedoor.algebra.cidrs import Family, block, parse_address
from firedoor.engine.reach.addresses import AddressAxis
from firedoor.model.networkpolicy import IPBlock

BLOCKS = (
    IPBlock("0.0.0.0/0"),
    IPBlock("10.0.0.0/8"),
    IPBlock("10.0.0.0/8", ("10.1.0.0/16", "10.3.0.0/16")),
    IPBlock("10.1.0.0/16"),
    IPBlock("10.255.255.255/32"),
    IPBlock("11.0.0.0/8"),
    IPBlock("192.0.2.0/24", ("192.0.2.0/24",)),
    IPBlock("255.255.255.255/32"),
    IPBlock("2001:db8::/32", ("2001:db8::1/128",)),
)
NODES = ("10.1.0.1", "192.168.0.1", "2001:db8::1")


def inside(each: IPBlock, family: Family, number: int) -> bool:
    other, ranges = block(each.cidr, each.excepts)
    return other is family and any(first <= number <= last for first, last in ranges)


@pytest.mark.parametrize("nodes", [(), NODES])
def test_each_class_has_the_addresses_that_the_same_blocks_hold(nodes: tuple[str, ...]) -> None:
    axis = AddressAxis(BLOCKS, nodes)
    known = {parse_address(each) for each in nodes}
    held: dict[tuple[Family, frozenset[IPBlock], bool], int] = {}
    for atom in axis.atoms:
        for number in (atom.first, atom.last):
            key = (
                atom.family,
                frozenset(each for each in BLOCKS if inside(each, atom.family, number)),
                (atom.family, number) in known,
            )
            assert held.setdefault(key, atom.external) == atom.external
            assert axis.external_of(atom.family, number) == atom.external
    assert sorted(held.values()) == list(range(axis.size))
    for each in BLOCKS:
        assert axis.externals_of(each).tolist() == sorted(number for key, number in held.items() if each in key[1])


def test_the_atoms_are_all_addresses_and_those_of_a_range_are_found() -> None:
    axis = AddressAxis(BLOCKS, NODES)
    for family in Family:
        atoms = [each for each in axis.atoms if each.family is family]
        assert (atoms[0].first, atoms[-1].last) == family.everything[0]
        assert all(one.last + 1 == other.first for one, other in pairwise(atoms))
        for first, last in ((atoms[1].first, atoms[2].last), (atoms[1].last, atoms[2].first), family.everything[0]):
            wanted = [each for each in atoms if each.first <= last and first <= each.last]
            assert list(axis.overlapping(family, first, last)) == wanted
