from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.algebra.ports import ALL_TRAFFIC, PROTOCOLS, PortAxis, Traffic, merge

RANGES = st.lists(
    st.tuples(st.sampled_from(PROTOCOLS), st.integers(1, 65535), st.integers(1, 65535)).map(
        lambda each: (each[0], *sorted(each[1:]))
    ),
    max_size=5,
)


@given(RANGES)
def test_the_traffic_of_the_union_of_masks_is_the_merged_ranges(ranges: list[tuple[str, int, int]]) -> None:
    axis = PortAxis(ranges)
    mask = 0
    for each in ranges:
        mask |= axis.mask(*each)
        assert axis.traffic(axis.mask(*each)) == (each,)
    assert axis.traffic(mask) == merge([(each,) for each in ranges])
    for protocol, first, last in ranges:
        assert mask >> axis.atom(protocol, first) & 1
        assert mask >> axis.atom(protocol, last) & 1


def test_an_axis_has_one_atom_per_protocol_and_cut() -> None:
    axis = PortAxis([("TCP", 80, 90), ("UDP", 65535, 65535)])
    assert len(axis) == 3 + 2 + 1
    assert axis.traffic(axis.everything) == ALL_TRAFFIC
    assert axis.atom("TCP", 79) != axis.atom("TCP", 80) == axis.atom("TCP", 90)


def test_a_protocol_without_ports_is_one_atom_whatever_the_port() -> None:
    axis = PortAxis([("TCP", 80, 90)], ("ICMP",))
    assert len(axis) == 3 + 1 + 1 + 1
    assert axis.atom("ICMP", 0) == axis.atom("ICMP", 8) == len(axis) - 1
    assert axis.traffic(axis.mask("ICMP")) == (("ICMP", 0, 65535),)
    assert axis.everything & axis.mask("ICMP")


def test_adjacent_ranges_of_one_protocol_are_merged_and_protocols_stay_apart() -> None:
    first, second = (("TCP", 1, 10), ("UDP", 1, 10)), (("TCP", 11, 20),)
    assert merge([first, second]) == (("TCP", 1, 20), ("UDP", 1, 10))


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (80, 90, (("TCP", 80, 90),)),
        (1, 90, (("TCP", 1, 90),)),
        (79, 91, (("TCP", 80, 90),)),
        (85, 90, ()),
        (80, 89, ()),
        (84, 86, ()),
        (85, 65535, (("TCP", 91, 65535),)),
    ],
)
def test_the_inside_of_a_range_is_what_lies_wholly_in_it(first: int, last: int, expected: Traffic) -> None:
    axis = PortAxis([("TCP", 80, 90)])
    assert axis.traffic(axis.inside("TCP", first, last)) == expected
