"""From the bytes of a frame to the IP packet in it, through VLAN tags and tunnels (VXLAN, Geneve, IP in IP)."""

from __future__ import annotations

import struct
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

_ETHERNET, _NULL, _RAW, _SLL, _LOOP, _IPV4, _IPV6, _SLL2 = 1, 0, 101, 113, 108, 228, 229, 276
_RAWS = frozenset({12, 14, _RAW, _IPV4, _IPV6})
_V4, _V6, _BRIDGED = 0x0800, 0x86DD, 0x6558
_TAGS = frozenset({0x8100, 0x88A8, 0x9100})
_EXTENSIONS = frozenset({0, 43, 60})
_FRAGMENT, _AUTHENTICATION = 44, 51
_TCP, _UDP, _SCTP, _ICMP, _ICMP6 = 6, 17, 132, 1, 58
_VXLAN, _GENEVE = frozenset({4789, 8472}), 6081
_DEEPEST = 4


class Packet(NamedTuple):
    """
    A packet of a connection: `protocol` is its number, `kind` the TCP flags, the SCTP chunk or the ICMP type.

    Of an ICMP echo `source_port` is the identifier.
    """

    protocol: int
    source: bytes
    destination: bytes
    source_port: int
    destination_port: int
    kind: int


@lru_cache(maxsize=1 << 16)
def written(address: bytes) -> str:
    """Return an address as text; an IPv4 address that is mapped into IPv6 as IPv4."""
    if len(address) == 4:  # noqa: PLR2004 - IPv4
        return str(IPv4Address(address))
    found = IPv6Address(address)
    return str(found.ipv4_mapped or found)


def packet_in(link: int, data: bytes) -> Packet | None:
    """Return the innermost packet; None for what is no IP, is cut too early, or is a later fragment."""
    try:
        return _link(link, data)
    except (struct.error, IndexError):
        return None


def _link(link: int, data: bytes) -> Packet | None:
    if link == _ETHERNET:
        return _ethernet(data, 0, 0)
    if link in _RAWS:
        return _ip(data, 0, 0)
    if link == _SLL:
        return _typed(_short(data, 14), data, 16, 0)
    if link == _SLL2:
        return _typed(_short(data, 0), data, 20, 0)
    if link in {_NULL, _LOOP}:
        return _ip(data, 4, 0)
    return None


def _ethernet(data: bytes, at: int, depth: int) -> Packet | None:
    kind, at = _short(data, at + 12), at + 14
    return _typed(kind, data, at, depth)


def _typed(kind: int, data: bytes, at: int, depth: int) -> Packet | None:
    while kind in _TAGS:
        kind, at = _short(data, at + 2), at + 4
    if kind in {_V4, _V6}:
        return _ip(data, at, depth)
    return _ethernet(data, at, depth) if kind == _BRIDGED and depth else None


def _ip(data: bytes, at: int, depth: int) -> Packet | None:
    version = data[at] >> 4
    if depth > _DEEPEST:
        return None
    if version == 4:  # noqa: PLR2004 - the version of IP
        if _short(data, at + 6) & 0x1FFF:
            return None
        ends = data[at + 12 : at + 16], data[at + 16 : at + 20]
        protocol, start = data[at + 9], at + (data[at] & 0x0F) * 4
    elif version == 6:  # noqa: PLR2004 - the version of IP
        ends = data[at + 8 : at + 24], data[at + 24 : at + 40]
        protocol, start = _after_extensions(data, data[at + 6], at + 40)
    else:
        return None
    if start > len(data):
        return None
    return _transport(protocol, ends, data, start, depth)


def _after_extensions(data: bytes, protocol: int, at: int) -> tuple[int, int]:
    while True:
        if protocol in _EXTENSIONS:
            protocol, at = data[at], at + 8 + data[at + 1] * 8
        elif protocol == _AUTHENTICATION:
            protocol, at = data[at], at + 8 + data[at + 1] * 4
        elif protocol == _FRAGMENT:
            if _short(data, at + 2) & 0xFFF8:
                raise IndexError
            protocol, at = data[at], at + 8
        else:
            return protocol, at


def _transport(protocol: int, ends: tuple[bytes, bytes], data: bytes, at: int, depth: int) -> Packet | None:
    source, destination = ends
    if protocol in {4, 41}:
        return _ip(data, at, depth + 1)
    if protocol in {_TCP, _UDP, _SCTP}:
        source_port, destination_port = struct.unpack_from(">HH", data, at)
        if protocol == _UDP:
            return _tunnel(destination_port, data, at + 8, depth) or Packet(
                protocol, source, destination, source_port, destination_port, 0
            )
        kind = data[at + 13] if protocol == _TCP else data[at + 12]
        return Packet(protocol, source, destination, source_port, destination_port, kind)
    if protocol in {_ICMP, _ICMP6}:
        return Packet(protocol, source, destination, _short(data, at + 4), 0, data[at])
    return Packet(protocol, source, destination, 0, 0, 0)


def _tunnel(port: int, data: bytes, at: int, depth: int) -> Packet | None:
    """Return the packet within VXLAN or Geneve; None where there is none."""
    try:
        if port in _VXLAN and data[at] & 0x08:
            return _ethernet(data, at + 8, depth + 1)
        if port == _GENEVE and data[at] >> 6 == 0:
            return _typed(_short(data, at + 2), data, at + 8 + (data[at] & 0x3F) * 4, depth + 1)
    except (struct.error, IndexError):
        pass
    return None


def _short(data: bytes, at: int) -> int:
    number: int = struct.unpack_from(">H", data, at)[0]
    return number
