"""Addresses, ports, protocols and counters of records: checked, and written in one way."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from firedoor.adapters.flows.formats.contract import MalformedLine
from firedoor.adapters.flows.formats.times import LAST, short

_LAST_PORT = 65535
_LAST_PROTOCOL = 255
_LONGEST_ADDRESS = 64
_DIGITS = re.compile(r"\d{1,19}", re.ASCII)
_NAMES = {
    1: "ICMP", 2: "IGMP", 4: "IPIP", 6: "TCP", 17: "UDP", 41: "IPv6", 47: "GRE",
    50: "ESP", 51: "AH", 58: "ICMPv6", 89: "OSPF", 132: "SCTP", 136: "UDPLite",
}  # fmt: skip
_SPELLINGS = {name.lower(): name for name in _NAMES.values()} | {
    "icmp4": "ICMP",
    "icmpv4": "ICMP",
    "icmp6": "ICMPv6",
    "ipv6-icmp": "ICMPv6",
    "tcp4": "TCP",
    "tcp6": "TCP",
    "udp4": "UDP",
    "udp6": "UDP",
    "sctp6": "SCTP",
    "ipencap": "IPIP",
    "udp-lite": "UDPLite",
}
UNSET = frozenset({"", "-", "<nil>", "<none>", "none", "unknown", "null"})
"""What sources write where they know nothing."""


@lru_cache(maxsize=1 << 16)
def _canonical(text: str) -> str:
    found = ip_address(text.partition("%")[0])
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(found)


def address(text: str | None, field: str) -> str:
    """Return an address in its shortest writing, IPv4 where it is mapped into IPv6; empty for none."""
    if not text:
        return ""
    if len(text) <= _LONGEST_ADDRESS:
        try:
            return _canonical(text)
        except ValueError:
            pass
    raise MalformedLine(f"{field} is no IP address: {short(text)}")


def socket_address(text: str | None, field: str) -> tuple[str, int]:
    """Return address and port of ``10.0.0.1:80`` or ``[fd00::1]:80``; empty and 0 for none."""
    if not text or text in UNSET:
        return "", 0
    host, colon, digits = text.rpartition(":")
    if not colon:
        raise MalformedLine(f"{field} is no address with a port: {short(text)}")
    return address(host.removeprefix("[").removesuffix("]"), field), port(digits, field)


def port(value: object, field: str) -> int:
    """Return a port, 0 for none."""
    if value is None:
        return 0
    number = value if type(value) is int else whole(value, field)
    if not 0 <= number <= _LAST_PORT:
        raise MalformedLine(f"{field} is no port between 0 and 65535: {short(value)}")
    return number


def whole(value: object, field: str) -> int:
    """Return a number that is a number, a text of digits or (None) absent; what does not fit 64 bits is malformed."""
    if value is None:
        return 0
    if type(value) is int:
        number = value
    elif (isinstance(value, str) and _DIGITS.fullmatch(value)) or (isinstance(value, float) and value.is_integer()):
        number = int(value)
    else:
        raise MalformedLine(f"{field} is no whole number: {short(value)}")
    if not 0 <= number <= LAST:
        raise MalformedLine(f"{field} is not between 0 and 2^63 - 1")
    return number


def protocol(value: object, field: str) -> str:
    """
    Return ``TCP``, ``UDP``, ``SCTP``, ``ICMP``, ``ICMPv6`` and the like for a number or a name in any case.

    The number as text is what protocols have that are not known by name; empty is unknown.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        lower = value.lower()
        known = _SPELLINGS.get(lower)
        if known is not None:
            return known
        if lower in UNSET:
            return ""
    number = whole(value, field)
    if number > _LAST_PROTOCOL:
        raise MalformedLine(f"{field} is no IP protocol: {short(value)}")
    return _NAMES.get(number, str(number))


def of_family(name: str, of: str) -> str:
    """Return ICMPv6 for the ICMP of an IPv6 address, for sources that say one name for both."""
    return "ICMPv6" if name == "ICMP" and ":" in of else name
