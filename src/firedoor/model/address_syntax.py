"""Addresses and CIDR blocks as the parsers of Go's ``net/netip`` take them: strictly."""

from __future__ import annotations

import ipaddress
import re

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

CIDR_REMEDY = (
    "write an address, a slash and a prefix length, such as 10.0.0.0/8, 10.1.2.3/32 or fd00::/8, without leading zeros"
)
_LENGTH = re.compile("0|[1-9][0-9]{0,2}")


def read_address(text: str) -> Address | None:
    """Return an address, of which a zone (``fe80::1%eth0``) is left out; None where the text is none."""
    host, percent, zone = text.partition("%")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    is_zone_misplaced = percent != "" and (address.version == 4 or not zone)  # noqa: PLR2004 - the IP version
    return None if is_zone_misplaced else address


def read_network(text: str) -> Network | None:
    """Return the block of a CIDR, whose host bits may be set; None where the text is none."""
    host, _, length = text.partition("/")
    if _LENGTH.fullmatch(length) is None or "%" in host:
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def contains(outer: Network, inner: Network) -> bool:
    """Return whether a block lies within another of the same family, or is the same."""
    last = inner.broadcast_address
    return outer.version == inner.version and inner.network_address in outer and last in outer


def is_mapped(network: Network) -> bool:
    """Return whether a block holds IPv4 addresses written as IPv6 (``::ffff:10.0.0.0/104``)."""
    return network.version == 6 and network.network_address.ipv4_mapped is not None  # noqa: PLR2004 - the IP version
