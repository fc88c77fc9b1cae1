"""
How the reference reads addresses and CIDRs.

The API server reads both leniently: host bits below the mask are dropped, an
octet with leading zeros is decimal, and an IPv4 address written in IPv6 form is
that IPv4 address.
"""

from __future__ import annotations

from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Block = IPv4Network | IPv6Network

WHOLE_IPV4 = IPv4Network("0.0.0.0/0")
WHOLE_IPV6 = IPv6Network("::/0")
MAPPED_PREFIX = 96


def parse_address(text: str) -> Address:
    """Return the address, an IPv4-mapped IPv6 address as the IPv4 address it is."""
    address = ip_address(_without_leading_zeros(text))
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def parse_block(text: str) -> Block:
    """Return the addresses a CIDR covers, host bits dropped and IPv4-mapped blocks as IPv4."""
    address, _, length = text.partition("/")
    block = ip_network(f"{_without_leading_zeros(address)}/{length}", strict=False)
    if isinstance(block, IPv6Network) and block.prefixlen >= MAPPED_PREFIX:
        mapped = block.network_address.ipv4_mapped
        if mapped is not None:
            return IPv4Network((mapped, block.prefixlen - MAPPED_PREFIX))
    return block


def _without_leading_zeros(text: str) -> str:
    if ":" in text:
        return text
    return ".".join(str(int(octet)) for octet in text.split("."))
