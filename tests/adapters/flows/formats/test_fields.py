"""Addresses, ports, protocols and counters are checked and written in one way."""

from __future__ import annotations

import pytest

from firedoor.adapters.flows.formats import MalformedLine
from firedoor.adapters.flows.formats.fields import address, of_family, port, protocol, socket_address, whole


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, ""),
        ("", ""),
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("FD00:0:0::1", "fd00::1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_an_address_has_one_writing(text: str | None, expected: str) -> None:
    assert address(text, "ip") == expected


@pytest.mark.parametrize("text", ["10.0.0", "10.0.0.256", "010.0.0.1", "host", "1" * 100, "10.0.0.1/8", "\u0660.0.0.1"])
def test_what_is_no_address_is_malformed(text: str) -> None:
    with pytest.raises(MalformedLine, match="ip is no IP address"):
        address(text, "ip")


def test_a_socket_address_has_a_port() -> None:
    assert socket_address("10.0.0.1:80", "at") == ("10.0.0.1", 80)
    assert socket_address("[fd00::1]:443", "at") == ("fd00::1", 443)
    assert socket_address("-", "at") == ("", 0)
    for text in ("10.0.0.1", "10.0.0.1:", "10.0.0.1:99999", "x:1"):
        with pytest.raises(MalformedLine, match="at is no"):
            socket_address(text, "at")


@pytest.mark.parametrize("value", [-1, 65536, "65536", "http", 1.5, True, [], "²"])
def test_what_is_no_port_is_malformed(value: object) -> None:
    with pytest.raises(MalformedLine, match="port is no"):
        port(value, "port")


def test_whole_numbers_fit_64_bits() -> None:
    assert [whole(each, "n") for each in (None, 7, "7", 7.0, 2**63 - 1)] == [0, 7, 7, 7, 2**63 - 1]
    hostile: tuple[object, ...] = (2**63, -1, 7.5, "x", 1e300, float("inf"), float("nan"), {}, "9" * 20, False)
    for value in hostile:
        with pytest.raises(MalformedLine):
            whole(value, "n")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (6, "TCP"),
        ("tcp", "TCP"),
        ("17", "UDP"),
        ("IPv6-ICMP", "ICMPv6"),
        ("icmp6", "ICMPv6"),
        (58, "ICMPv6"),
        (112, "112"),
        (0, "0"),
        (None, ""),
        ("-", ""),
        ("Unknown", ""),
    ],
)
def test_a_protocol_has_one_name(value: object, expected: str) -> None:
    assert protocol(value, "proto") == expected


@pytest.mark.parametrize("value", [256, -1, "quic", [], 1.5])
def test_what_is_no_protocol_is_malformed(value: object) -> None:
    with pytest.raises(MalformedLine, match="proto is n"):
        protocol(value, "proto")


def test_icmp_of_ipv6_is_icmpv6() -> None:
    assert of_family("ICMP", "fd00::1") == "ICMPv6"
    assert of_family("ICMP", "10.0.0.1") == "ICMP"
    assert of_family("TCP", "fd00::1") == "TCP"
