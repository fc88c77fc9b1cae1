from __future__ import annotations

import pytest

from firedoor.algebra.cidrs import Family, block, format_address, format_range, not_addresses, parse_address, parse_cidr

V4, V6 = Family.V4, Family.V6


@pytest.mark.parametrize(
    ("text", "family", "number"),
    [
        ("10.0.0.1", V4, 0x0A000001),
        ("010.000.0.001", V4, 0x0A000001),
        ("::ffff:10.0.0.1", V4, 0x0A000001),
        ("fd00::1", V6, (0xFD << 120) + 1),
    ],
)
def test_an_address_is_read_as_kubernetes_reads_it(text: str, family: Family, number: int) -> None:
    assert parse_address(text) == (family, number)


@pytest.mark.parametrize(
    ("texts", "wrong"),
    [
        ([], set()),
        (["10.0.0.1", "255.249.199.99", "0.0.0.0", "10.0.0.1"], set()),
        (["10.0.0.1", "fd00::1", "010.0.0.7"], set()),
        (
            ["10.0.0.1", "10.0.0.256", "10.0.0", "10.0.0.1.", "", "host", "fd00::x"],
            {"10.0.0.256", "10.0.0", "10.0.0.1.", "", "host", "fd00::x"},
        ),
        (["10.0.0.1\n10.0.0.2"], {"10.0.0.1\n10.0.0.2"}),
        (["10.0.0.1\n"], {"10.0.0.1\n"}),
    ],
    ids=["none", "plain", "other forms", "mixed", "two in one", "with a line end"],
)
def test_of_many_texts_those_are_told_that_are_no_address(texts: list[str], wrong: set[str]) -> None:
    assert not_addresses(texts) == wrong


@pytest.mark.parametrize(
    ("text", "family", "first", "last"),
    [
        ("10.0.0.7/30", V4, 0x0A000004, 0x0A000007),
        ("010.0.0.7/30", V4, 0x0A000004, 0x0A000007),
        ("10.0.0.7/030", V4, 0x0A000004, 0x0A000007),
        ("192.168.1.1/32", V4, 0xC0A80101, 0xC0A80101),
        ("0.0.0.0/0", V4, 0, V4.last),
        ("::ffff:10.0.0.0/104", V4, 0x0A000000, 0x0AFFFFFF),
        ("::/0", V6, 0, V6.last),
        ("::ffff:0:0/95", V6, 0xFFFE << 32, (0x10000 << 32) - 1),
        ("fd00::/127", V6, 0xFD << 120, (0xFD << 120) + 1),
    ],
)
def test_a_cidr_is_its_first_and_last_address(text: str, family: Family, first: int, last: int) -> None:
    assert parse_cidr(text) == (family, first, last)


@pytest.mark.parametrize(
    "text", ["10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/+8", "host/8", "::/129", "10.0.0.0/٣"]
)
def test_what_is_no_cidr_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_cidr(text)


def test_exceptions_are_cut_out_and_those_of_the_other_family_remove_nothing() -> None:
    family, ranges = block("10.0.0.0/30", ("10.0.0.1/32", "::/0"))
    assert family is V4
    assert ranges == ((0x0A000000, 0x0A000000), (0x0A000002, 0x0A000003))
    assert block("::/0") == (V6, V6.everything)


def test_ranges_are_written_in_the_form_of_their_family() -> None:
    assert format_range(V4, 0, V4.last) == "0.0.0.0-255.255.255.255"
    assert format_address(V6, 1) == "::1"
