"""IP addresses and CIDR blocks of both families as integers and interval sets."""

from __future__ import annotations

import ipaddress
import re
from enum import IntEnum
from typing import TYPE_CHECKING

from firedoor.algebra.intervals import IntervalSet, canonical, difference

if TYPE_CHECKING:
    from collections.abc import Iterable

_PLAIN = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}", re.ASCII).fullmatch
"""Matches IPv4 addresses as they are nearly always written, far faster than parsing them."""

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_ALL_PLAIN = re.compile(rf"(?:(?:{_OCTET}\.){{3}}{_OCTET}\n)*+", re.ASCII).fullmatch
"""Matches lines of such addresses: to ask once is many times faster than once for each."""


class Family(IntEnum):
    """The two IP families. They never cover each other: ``0.0.0.0/0`` holds no IPv6 address."""

    V4 = 4
    V6 = 6

    @property
    def last(self) -> int:
        """The highest address of the family."""
        return (1 << 32) - 1 if self is Family.V4 else (1 << 128) - 1

    @property
    def everything(self) -> IntervalSet:
        """The set of all addresses of the family."""
        return ((0, self.last),)


def parse_address(text: str) -> tuple[Family, int]:
    """
    Return the family and number of an address; an IPv4-mapped IPv6 address is the IPv4 one.

    Raises ``ValueError`` when `text` is not an address. Leading zeros are read as
    decimal, as Kubernetes' older, tolerant parser does.
    """
    if _PLAIN(text):
        return Family.V4, _plain_number(text)
    address = ipaddress.ip_address(_without_leading_zeros(text))
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return (Family.V4, int(mapped)) if mapped is not None else (Family.V6, int(address))
    return Family.V4, int(address)


def is_address(text: str) -> bool:
    """Return whether `text` is an IP address."""
    if _PLAIN(text):
        return True
    try:
        parse_address(text)
    except ValueError:
        return False
    return True


def not_addresses(texts: Iterable[str]) -> set[str]:
    """Return the texts that are no IP address."""
    distinct = set(texts)
    lines = "\n".join((*distinct, ""))
    if _ALL_PLAIN(lines) and lines.count("\n") == len(distinct):
        return set()
    return {each for each in distinct if not is_address(each)}


def parse_cidr(text: str) -> tuple[Family, int, int]:
    """
    Return family, first and last address of a CIDR; host bits are cleared.

    Raises ``ValueError`` when `text` is not a CIDR. An IPv4-mapped block of
    ``/96`` or longer is the IPv4 block that it maps.
    """
    host, slash, length = text.partition("/")
    if not slash or not length.isascii() or not length.isdigit():
        message = f"{text!r} is not a CIDR"
        raise ValueError(message)
    if _PLAIN(host) and len(length) <= 2 and int(length) <= 32:  # noqa: PLR2004 - the bits of an IPv4 address
        size = 1 << 32 - int(length)
        first = _plain_number(host) & -size
        return Family.V4, first, first + size - 1
    network = ipaddress.ip_network(f"{_without_leading_zeros(host)}/{int(length)}", strict=False)
    first, last = int(network.network_address), int(network.broadcast_address)
    if isinstance(network, ipaddress.IPv4Network):
        return Family.V4, first, last
    mapped = network.network_address.ipv4_mapped
    if mapped is not None and network.prefixlen >= 96:  # noqa: PLR2004 - ::ffff:0:0/96 is the mapped range
        return Family.V4, int(mapped), int(mapped) + (last - first)
    return Family.V6, first, last


def block(cidr: str, excepts: tuple[str, ...] = ()) -> tuple[Family, IntervalSet]:
    """Return the addresses of `cidr` less those of `excepts`; an except of the other family removes nothing."""
    family, first, last = parse_cidr(cidr)
    cuts = [parse_cidr(text) for text in excepts]
    removed = canonical((low, high) for other, low, high in cuts if other is family)
    return family, difference(((first, last),), removed)


def format_address(family: Family, number: int) -> str:
    """Return the textual form of an address."""
    if family is Family.V4:
        return str(ipaddress.IPv4Address(number))
    return str(ipaddress.IPv6Address(number))


def format_range(family: Family, first: int, last: int) -> str:
    """Return ``first-last`` in textual form, as in ``10.0.0.0-10.0.0.255``."""
    return f"{format_address(family, first)}-{format_address(family, last)}"


def _plain_number(text: str) -> int:
    first, second, third, fourth = text.split(".")
    return int(first) << 24 | int(second) << 16 | int(third) << 8 | int(fourth)


def _without_leading_zeros(text: str) -> str:
    if ":" in text or "0" not in text:
        return text
    return ".".join(part.lstrip("0") or "0" if part.isdigit() else part for part in text.split("."))
