"""
IP addresses and CIDRs as the API server reads them.

The fields that are older than 1.33 were read leniently until 1.35: leading zeros, IPv4-mapped IPv6
addresses and bits beyond the prefix were accepted. From 1.36 on they are rejected on new objects.
"""

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache

from firedoor.adapters.manifests.validation.names import REMEMBERED
from firedoor.adapters.manifests.validation.problems import Problem, invalid
from firedoor.adapters.manifests.validation.releases import STRICT_ADDRESSES_SINCE

BAD_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
BAD_ADDRESS = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
OCTETS = 4
BITS_OF_IPV4 = 32
BITS_OF_IPV6 = 128
LINK_LOCAL_MULTICAST = (ipaddress.ip_network("224.0.0.0/24"), ipaddress.ip_network("ff02::/16"))


@dataclass(frozen=True, slots=True)
class Network:
    """A CIDR as the server understands it; an IPv4-mapped one is IPv4 when its prefix covers the mapping."""

    address: int
    length: int
    bits: int

    @property
    def base(self) -> int:
        """Return the first address of the network."""
        return self.address >> (self.bits - self.length) << (self.bits - self.length)

    def __str__(self) -> str:
        """Return the network in canonical form."""
        return f"{_address(self.base, self.bits)}/{self.length}"

    def strictly_contains(self, other: "Network") -> bool:
        """Return whether another network lies within this one and is smaller."""
        if self.bits != other.bits or self.length >= other.length:
            return False
        return other.base >> (self.bits - self.length) == self.base >> (self.bits - self.length)


def _address(value: int, bits: int) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return an address of a family from its number."""
    return ipaddress.IPv4Address(value) if bits == BITS_OF_IPV4 else ipaddress.IPv6Address(value)


def _without_leading_zeros(value: str) -> str:
    """Return a dotted address whose octets lost their leading zeros, which were never octal here."""
    front, colon, dotted = value.rpartition(":")
    octets = [octet.lstrip("0") or "0" if octet.isdigit() else octet for octet in dotted.split(".")]
    return front + colon + ".".join(octets)


@lru_cache(maxsize=REMEMBERED)
def read_address(value: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return an address as the lenient reading understands it; None when there is no reading."""
    if "%" in value or not value.isascii():
        return None
    try:
        return ipaddress.ip_address(_without_leading_zeros(value) if "." in value else value)
    except ValueError:
        return None


@lru_cache(maxsize=REMEMBERED)
def read_cidr(value: str) -> Network | None:
    """Return a CIDR as the lenient reading understands it; None when there is no reading."""
    text, slash, suffix = value.partition("/")
    address = read_address(text)
    if address is None or not slash or re.fullmatch("[0-9]{1,9}", suffix) is None:
        return None
    length = int(suffix)
    if length > address.max_prefixlen:
        return None
    inner = length - (BITS_OF_IPV6 - BITS_OF_IPV4)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None and inner >= 0:
        return Network(int(address.ipv4_mapped), inner, BITS_OF_IPV4)
    return Network(int(address), length, address.max_prefixlen)


def _is_standard(value: str) -> bool:
    """Return whether no octet of an address has leading zeros."""
    octets = value.rpartition(":")[2].split(".") if "." in value else []
    return all(octet == "0" or not octet.startswith("0") for octet in octets)


def _is_mapped(value: str) -> bool:
    """Return whether an address is IPv4 written as IPv6."""
    address = read_address(value)
    return isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None


def validate_cidr(value: str, path: str, minor: int) -> list[Problem]:
    """Return the problems of a CIDR in a field that is older than the strict rules, for a release."""
    network = read_cidr(value)
    if network is None:
        return [invalid(path, value, BAD_CIDR, remedy=_cidr_remedy(value))]
    if minor < STRICT_ADDRESSES_SINCE:
        return []
    text, _, suffix = value.partition("/")
    detail = ""
    remedy = f"write {network}"
    if not _is_standard(text) or (len(suffix) > 1 and suffix.startswith("0")):
        detail = "must not have leading 0s in IP or prefix length"
    elif _is_mapped(text):
        detail = "must not have an IPv4-mapped IPv6 address"
    elif network.address != network.base:
        detail = "must not have bits set beyond the prefix length"
        single = f"{_address(network.address, network.bits)}/{network.bits}"
        remedy += f" for the network, or {single} for the one address"
    return [invalid(path, value, detail, remedy=remedy)] if detail else []


def _cidr_remedy(value: str) -> str:
    """Return what a text that is no CIDR was most likely meant to be."""
    text, slash, suffix = value.strip().partition("/")
    address = read_address(text)
    if address is not None and not slash:
        return f"add the prefix length: {address}/{address.max_prefixlen} for this one address"
    if address is not None:
        longest = address.max_prefixlen
        return f"write a prefix length from 0 to {longest}, such as {address}/{longest}"
    octets = text.split(".")
    if slash and len(octets) < OCTETS and all(octet.isdigit() for octet in octets):
        whole = ".".join(octets + ["0"] * (OCTETS - len(octets)))
        return f"write all four numbers of the address: {whole}/{suffix}"
    return "write an address, a slash and a prefix length: 10.9.8.0/24 or 2001:db8::/64; names are not allowed"


def validate_address(value: str, path: str, minor: int) -> list[Problem]:
    """Return the problems of an IP address in a field that is older than the strict rules, for a release."""
    address = read_address(value)
    if address is None:
        return [invalid(path, value, BAD_ADDRESS, remedy="write one IP address, without prefix length or name")]
    if minor < STRICT_ADDRESSES_SINCE:
        return []
    if not _is_standard(value):
        return [invalid(path, value, "must not have leading 0s", remedy=f"write {address}")]
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        remedy = f"write {address.ipv4_mapped}"
        return [invalid(path, value, "must not be an IPv4-mapped IPv6 address", remedy=remedy)]
    return []


def validate_reachable_address(value: str, path: str) -> list[Problem]:
    """Return why an address cannot be that of an endpoint or an external address."""
    address = read_address(value)
    if address is None:
        return []
    details = []
    if address.is_unspecified:
        details.append("may not be unspecified (0.0.0.0 or ::)")
    if address.is_loopback:
        details.append("may not be in the loopback range (127.0.0.0/8, ::1/128)")
    if address.is_link_local:
        details.append("may not be in the link-local range (169.254.0.0/16, fe80::/10)")
    if any(address in network for network in LINK_LOCAL_MULTICAST):
        details.append("may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")
    remedy = "write an address that other machines can reach"
    return [invalid(path, value, detail, remedy=remedy) for detail in details]
