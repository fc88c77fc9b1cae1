"""
Functions that Kubernetes adds to CEL, as far as custom checks have them: quantities, addresses, networks.

Where Kubernetes has a type of its own the value here is its canonical text, so that two
of them are equal where those of Kubernetes are. Every function raises ``ValueError`` for
what is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any


class Shape(StrEnum):
    """The types that functions take and give."""

    TEXT = "string"
    TRUTH = "bool"
    NUMBER = "int"


_QUANTITY = re.compile(
    r"([+-]?(?:[0-9]{1,60}(?:\.[0-9]{0,60})?|\.[0-9]{1,60}))(?:(m|u|n|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?|[eE]([+-]?[0-9]{1,3}))"
)
_POWERS = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_MOST_INT = 2**63


def _amount(text: str) -> Decimal:
    found = _QUANTITY.fullmatch(text)
    if found is None:
        raise ValueError(f"{text[:60]!r} is no quantity as in 500m or 1Gi")
    number, suffix, exponent = Decimal(found[1]), found[2] or "", found[3]
    if exponent is not None:
        return number.scaleb(int(exponent))
    if suffix in _BINARY:
        return number * (1 << _BINARY[suffix])
    return number.scaleb(_POWERS[suffix])


def _quantity(text: str) -> str:
    amount = _amount(text).normalize()
    return f"{amount:f}" if amount else "0"


def _integer(text: str) -> int:
    amount = _amount(text)
    if amount != amount.to_integral_value() or not -_MOST_INT <= amount < _MOST_INT:
        raise ValueError(f"the quantity {text[:60]} is no whole number of 64 bits")
    return int(amount)


def _compared(one: str, other: str) -> int:
    return int(_amount(one).compare(_amount(other)))


def _address(text: str) -> IPv4Address | IPv6Address:
    found = ip_address(text)
    if isinstance(found, IPv6Address) and (found.ipv4_mapped is not None or found.scope_id is not None):
        raise ValueError(f"{text[:60]!r} is an address with a zone, or an IPv4 address in the form of IPv6")
    return found


def _network(text: str) -> IPv4Network | IPv6Network:
    address, slash, bits = text.partition("/")
    if not slash or not (bits.isascii() and bits.isdecimal()):
        raise ValueError(f"{text[:60]!r} is no network as in 10.0.0.0/8")
    return ip_network(f"{_address(address)}/{bits}", strict=False)


def _contains(network: str, address: str) -> bool:
    return _address(address) in _network(network)


def _covers(network: str, other: str) -> bool:
    outer, inner = _network(network), _network(other)
    return outer.version == inner.version and inner.subnet_of(outer)  # type: ignore[arg-type]


def _is(reading: Callable[[str], object]) -> Callable[[str], bool]:
    def answer(text: str) -> bool:
        try:
            reading(text)
        except ValueError:
            return False
        return True

    return answer


Overload = tuple[bool, tuple[Shape, ...], Shape, Callable[..., Any]]
"""Whether it is called on a value, what it takes (that value first), what it gives, and what it does."""

_ONE, _TWO = (Shape.TEXT,), (Shape.TEXT, Shape.TEXT)

FUNCTIONS: dict[str, list[Overload]] = {
    "quantity": [(False, _ONE, Shape.TEXT, _quantity)],
    "isQuantity": [(False, _ONE, Shape.TRUTH, _is(_amount))],
    "isGreaterThan": [(True, _TWO, Shape.TRUTH, lambda one, other: _compared(one, other) > 0)],
    "isLessThan": [(True, _TWO, Shape.TRUTH, lambda one, other: _compared(one, other) < 0)],
    "compareTo": [(True, _TWO, Shape.NUMBER, _compared)],
    "asInteger": [(True, _ONE, Shape.NUMBER, _integer)],
    "isInteger": [(True, _ONE, Shape.TRUTH, _is(_integer))],
    "sign": [(True, _ONE, Shape.NUMBER, lambda text: _compared(text, "0"))],
    "ip": [(False, _ONE, Shape.TEXT, lambda text: str(_address(text)))],
    "isIP": [(False, _ONE, Shape.TRUTH, _is(_address))],
    "family": [(True, _ONE, Shape.NUMBER, lambda text: _address(text).version)],
    "isLoopback": [(True, _ONE, Shape.TRUTH, lambda text: _address(text).is_loopback)],
    "isUnspecified": [(True, _ONE, Shape.TRUTH, lambda text: _address(text).is_unspecified)],
    "cidr": [(False, _ONE, Shape.TEXT, lambda text: str(_network(text)))],
    "isCIDR": [(False, _ONE, Shape.TRUTH, _is(_network))],
    "containsIP": [(True, _TWO, Shape.TRUTH, _contains)],
    "containsCIDR": [(True, _TWO, Shape.TRUTH, _covers)],
    "prefixLength": [(True, _ONE, Shape.NUMBER, lambda text: _network(text).prefixlen)],
}
"""The functions by name."""
