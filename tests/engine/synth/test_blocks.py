from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.algebra.cidrs import Family, parse_cidr
from firedoor.algebra.intervals import canonical, covers
from firedoor.engine.synth.blocks import BlocksWithin, bounded, cover

NUMBERS = st.integers(0, 40).map(lambda each: each + 0x0A000000) | st.integers(0, 5).map(lambda each: each + 0xC6336400)


@pytest.mark.parametrize(
    ("family", "ranges", "blocks"),
    [
        (Family.V4, [(0, 2**32 - 1)], ("0.0.0.0/0",)),
        (Family.V4, [(0, 0), (1, 2)], ("0.0.0.0/31", "0.0.0.2/32")),
        (Family.V6, [(1, 1)], ("::1/128",)),
        (Family.V4, [], ()),
    ],
)
def test_the_fewest_blocks_hold_exactly_the_addresses(
    family: Family, ranges: list[tuple[int, int]], blocks: tuple[str, ...]
) -> None:
    assert cover(family, ranges) == blocks


def test_without_a_bound_blocks_stay_as_they_are() -> None:
    assert bounded(["10.0.0.1/32", "10.0.0.200/32"], 0) == (("10.0.0.1/32", "10.0.0.200/32"), 0)


def test_neighbours_are_joined_before_what_lies_far_apart() -> None:
    blocks = ["10.0.0.1/32", "10.0.0.2/32", "10.9.0.1/32"]
    assert bounded(blocks, 2) == (("10.0.0.0/30", "10.9.0.1/32"), 2)


def test_private_and_public_addresses_are_never_joined() -> None:
    assert bounded(["10.0.0.1/32", "11.0.0.1/32"], 1) == (("10.0.0.1/32", "11.0.0.1/32"), 0)


def test_no_block_takes_in_the_address_of_a_pod() -> None:
    taken = {Family.V4: canonical([(0x0A000002, 0x0A000002)])}
    assert bounded(["10.0.0.1/32", "10.0.0.3/32"], 1, taken) == (("10.0.0.1/32", "10.0.0.3/32"), 0)


def test_what_a_joined_block_holds_is_gone() -> None:
    assert bounded(["10.0.0.1/32", "10.0.0.2/31", "10.0.0.4/32", "2001:db8::1/128"], 2)[0] == (
        "10.0.0.0/29",
        "2001:db8::1/128",
    )


@given(st.lists(NUMBERS, min_size=1, max_size=12), st.integers(1, 4))
def test_joined_blocks_hold_all_addresses_and_count_the_others(numbers: list[int], bound: int) -> None:
    exact = cover(Family.V4, [(each, each) for each in numbers])
    found, added = bounded(exact, bound)
    ranges = canonical(parse_cidr(each)[1:] for each in found)
    assert covers(ranges, canonical((each, each) for each in numbers))
    assert sum(last - first + 1 for first, last in ranges) == len(set(numbers)) + added
    assert len(found) <= max(bound, 2)  # private and public ones stay apart


def test_blocks_that_lie_in_a_written_one_justify_it_in_their_order() -> None:
    blocks = ("10.0.1.0/24", "10.0.0.0/16", "10.0.0.0/8", "192.0.2.1/32", "10.0.0.7/32", "2001:db8::/32")
    within = BlocksWithin(blocks)
    assert within.of("10.0.0.0/16") == ["10.0.1.0/24", "10.0.0.0/16", "10.0.0.7/32"]
    assert within.of("10.0.0.0/8") == ["10.0.1.0/24", "10.0.0.0/16", "10.0.0.0/8", "10.0.0.7/32"]
    assert within.of("::/0") == ["2001:db8::/32"]
    assert within.of("203.0.113.0/24") == []
