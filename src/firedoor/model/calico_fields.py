"""The kinds of values in Calico's API, read from untyped objects: selectors, networks, ports, protocols."""

from __future__ import annotations

import ipaddress
import math
import re
from typing import TYPE_CHECKING, Any

from firedoor.algebra.cidrs import parse_cidr
from firedoor.algebra.ports import FIRST_PORT, LAST_PORT
from firedoor.model.calico import PortMatch
from firedoor.model.calico_selector_parser import SelectorError, parse_selector
from firedoor.model.untyped import Reader, described, either

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.algebra.cidrs import Family
    from firedoor.model.calico_selectors import Selector

LABEL_NAME = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
"""A DNS label, as names of tiers and policies are made of."""

_NAME = re.compile(rf"{LABEL_NAME}(\.{LABEL_NAME})*")
_PORTS = re.compile(r"([0-9]+)(?::([0-9]+))?")
_PORT_NAME = re.compile(r"(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?")
_PROTOCOLS = {1: "ICMP", 6: "TCP", 17: "UDP", 58: "ICMPv6", 132: "SCTP", 136: "UDPLite"}
_PROTOCOLS_BY_WORD = {name.lower(): name for name in _PROTOCOLS.values()}
_LAST_PROTOCOL = 255
_LONGEST_NUMBER = 9

Network = tuple["Family", str]
"""The IP version of a CIDR, and the CIDR without host bits."""


class CalicoReader(Reader):
    """
    Reads fields as Calico's API server and calicoctl do.

    Objects of ``crd.projectcalico.org`` are what Calico stores. Nobody checked
    them, and its agents take some forms there that the API refuses: networks with
    host bits, lone addresses, protocols in lower case, both IP versions in a rule.
    """

    def __init__(self, *, is_stored: bool = False) -> None:
        super().__init__()
        self.is_stored = is_stored

    def expression(self, parent: dict[str, Any], key: str, path: str) -> Selector | None:
        """Return the selector expression in a field; None where there is none or an empty one."""
        text = self.text(parent, key, path)
        if not text:
            return None
        try:
            return parse_selector(text)
        except SelectorError as error:
            reason = f"{described(text)} is not a selector expression: {error}"
            self.refuse(f"{path}.{key}", reason, "write it like app == 'web' && has(tier)")
            return None

    def forbid_global(self, parent: dict[str, Any], key: str, path: str) -> None:
        """Refuse ``global()`` in a field that the API keeps free of it."""
        text = parent.get(key)
        if isinstance(text, str) and "global(" in text:
            remedy = "use it in the namespaceSelector of a rule's source or destination"
            self.refuse(f"{path}.{key}", "found global(), which this field does not take", remedy)

    def name(self, parent: dict[str, Any], key: str, path: str) -> str:
        """Return the name of an object in a field; empty where there is none."""
        text = self.text(parent, key, path) or ""
        if text and not _NAME.fullmatch(text):
            remedy = "use lower-case letters, digits, '-' and '.'"
            self.refuse(f"{path}.{key}", f"found {described(text)}, expected the name of an object", remedy)
        return text

    def word(self, parent: dict[str, Any], key: str, path: str, words: Sequence[str]) -> str:
        """Return the one of `words` in a field; empty where there is none."""
        text = self.text(parent, key, path) or ""
        if text and text not in words:
            alike = [word for word in words if word.lower() == text.lower()]
            remedy = f"write {alike[0]}" if alike else ""
            self.refuse(f"{path}.{key}", f"found {described(text)}, expected {either(words)}", remedy)
        return text

    def flag(self, parent: dict[str, Any], key: str, path: str) -> bool:
        """Return the truth value in a field; false where there is none."""
        value = parent.get(key)
        if value is not None and not isinstance(value, bool):
            self.refuse(f"{path}.{key}", f"found {described(value)}, expected true or false")
        return value is True

    def order(self, parent: dict[str, Any], path: str) -> float | None:
        """Return the ``order``; None where there is none, which comes last."""
        value = parent.get("order")
        if value is None:
            return None
        try:
            number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            self.refuse(f"{path}.order", f"found {described(value)}, expected a number")
        return number

    def networks(
        self, parent: dict[str, Any], key: str, path: str, *, is_tolerant: bool = False
    ) -> tuple[tuple[Network, str], ...]:
        """Return the CIDRs of a list with their paths; a tolerant field takes lone addresses and host bits."""
        found = [
            (self._network(text, where, is_tolerant=is_tolerant or self.is_stored), where)
            for text, where in self.texts(parent, key, path)
        ]
        return tuple((network, where) for network, where in found if network is not None)

    def _network(self, text: str, path: str, *, is_tolerant: bool) -> Network | None:
        host, slash, length = text.partition("/")
        is_whole = not slash or (length.isascii() and length.isdigit())
        try:
            address = ipaddress.ip_address(host if is_whole and "%" not in host else "")
            network = ipaddress.ip_network(text, strict=False)
        except ValueError:
            remedy = "write it like 10.0.0.0/8 or 2001:db8::/32"
            self.refuse(path, f"found {described(text)}, expected a CIDR", remedy)
            return None
        if not is_tolerant and not slash:
            self.refuse(path, f"found the address {text}, expected a CIDR", f"write {network}")
        elif not is_tolerant and address != network.network_address:
            reason = f"found {text}, whose address lies inside of its network, expected the network's first address"
            self.refuse(path, reason, f"write {network}")
        return parse_cidr(str(network))[0], str(network)

    def ports(self, parent: dict[str, Any], key: str, path: str) -> tuple[PortMatch, ...]:
        """Return the ports of a list: numbers, ranges like ``80:90``, and names."""
        found = [self._port(value, where) for value, where in self.elements(parent, key, path)]
        return tuple(port for port in found if port is not None)

    def _port(self, value: Any, path: str) -> PortMatch | None:
        text = str(value) if _is_whole(value) and 0 <= value <= LAST_PORT else value
        numbers = _PORTS.fullmatch(text) if isinstance(text, str) else None
        if numbers:
            first = _number(numbers[1])
            last = _number(numbers[2]) if numbers[2] else first
            if FIRST_PORT <= first <= last <= LAST_PORT:
                return PortMatch(first, last)
        elif isinstance(text, str) and _PORT_NAME.fullmatch(text):
            return PortMatch(name=text)
        expected = f"a port from {FIRST_PORT} to {LAST_PORT}, a range like 80:90, or the name of a port"
        self.refuse(path, f"found {described(value)}, expected {expected}")
        return None

    def protocol(self, parent: dict[str, Any], key: str, path: str) -> str | None:
        """Return the protocol in a field: its name where it has one, else its number; None where there is none."""
        value = parent.get(key)
        if value is None:
            return None
        number = _number(value) if isinstance(value, str) and _is_digits(value) else value
        if _is_whole(number) and 1 <= number <= _LAST_PROTOCOL:
            return _PROTOCOLS.get(number, str(number))
        name = _PROTOCOLS_BY_WORD.get(value.lower(), "") if isinstance(value, str) else ""
        if name and (name == value or self.is_stored):
            return name
        expected = f"{either(tuple(_PROTOCOLS.values()))}, or a number from 1 to {_LAST_PROTOCOL}"
        self.refuse(f"{path}.{key}", f"found {described(value)}, expected {expected}", f"write {name}" if name else "")
        return None


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _number(digits: str) -> int:
    """Return the number that digits spell, or a larger one than any that is asked for."""
    significant = digits.lstrip("0") or "0"
    return int(significant[: _LONGEST_NUMBER + 1])
