"""Ports of the rules of Cilium policies, from untyped objects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from firedoor.algebra.ports import LAST_PORT, PROTOCOLS
from firedoor.model.cilium import ANY_PROTOCOL, EXTENDED_PROTOCOLS, CiliumPort, port_range
from firedoor.model.cilium_l7_parsing import L7_FIELDS, read_l7
from firedoor.model.networkpolicy import Direction
from firedoor.model.untyped import described

if TYPE_CHECKING:
    from firedoor.model.cilium_reading import CiliumReader, Subject

MOST_ENTRIES = 40
"""How many ports one entry may list."""

LONGEST_PORT_NAME = 15
_NAME = re.compile(r"[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*")
_NUMBER = re.compile(r"[0-9]+(_[0-9]+)*")
_PORT_REMEDY = 'write a number in quotes, such as "443", "0" for every port, or the name of a container port'


def read_ports(
    reader: CiliumReader, rule: dict[str, Any], direction: Direction, path: str, subject: Subject, *, is_deny: bool
) -> tuple[CiliumPort, ...] | None:
    """Return the ports of a rule; None for all traffic; none where the rule is about ICMP only."""
    entries = reader.elements(rule, "toPorts", path)
    if not entries:
        return () if rule.get("icmps") not in (None, [], ()) else None
    return tuple(
        port
        for entry, where in entries
        if reader.is_mapping(entry, where)
        for port in _entry(reader, entry, direction, where, subject, is_deny=is_deny)
    )


def _entry(
    reader: CiliumReader, entry: dict[str, Any], direction: Direction, path: str, subject: Subject, *, is_deny: bool
) -> list[CiliumPort]:
    """Return the ports of a ``PortRule`` or ``PortDenyRule``; an entry that names none is for none."""
    reader.unknown(entry, ("ports",) if is_deny else ("ports", *L7_FIELDS), path)
    found = (_port(reader, *each) for each in reader.mappings(entry, "ports", path, (0, MOST_ENTRIES)))
    ports = [each for each in found if each is not None]
    l7 = "" if is_deny else read_l7(reader, entry, ports, direction, path, subject)
    return [CiliumPort(each.protocol, each.port, each.end_port, l7) for each in ports]


def _port(reader: CiliumReader, entry: dict[str, Any], path: str) -> CiliumPort | None:
    """Return a ``PortProtocol``."""
    reader.unknown(entry, ("port", "endPort", "protocol"), path)
    protocols = (*PROTOCOLS, *EXTENDED_PROTOCOLS, ANY_PROTOCOL)
    protocol = reader.one_of(entry, "protocol", path, protocols) or ANY_PROTOCOL
    last = reader.number(entry, "endPort", path, 0, LAST_PORT) or 0
    text, where = reader.text(entry, "port", path), f"{path}.port"
    is_extended = protocol in EXTENDED_PROTOCOLS
    if not text:
        if is_extended:
            reader.needs("enable-extended-ip-protocols", where, f"found {protocol} without a port")
            return CiliumPort(protocol)
        if entry.get("port") in (None, ""):
            reader.refuse(where, "the field is missing and Cilium demands it", _PORT_REMEDY)
        return None
    if is_port_name(text):
        if last:
            reason = "found the end of a range that begins with a named port"
            reader.doubt(f"{path}.endPort", reason, "remove it, or write a number as port")
        return CiliumPort(protocol, text.lower())
    number = _number(text)
    if number is None or number > LAST_PORT:
        reader.refuse(where, f"found {described(text)}, expected a port", _PORT_REMEDY)
        return None
    if is_extended and number:
        reader.refuse(where, f"found a port, and {protocol} has none", "remove it, or write 0")
    first, end = port_range(number, last)
    return CiliumPort(protocol, first, end)


def is_port_name(text: str) -> bool:
    """Return whether a port is the name of one: at most 15 letters, digits and single dashes within, not all digits."""
    has_letter = any(character.isalpha() for character in text)
    return len(text) <= LONGEST_PORT_NAME and has_letter and _NAME.fullmatch(text) is not None


def _number(text: str) -> int | None:
    """Return a number as Go reads one whose base its beginning tells: after a 0 it is octal."""
    if _NUMBER.fullmatch(text) is None:
        return None
    try:
        return int(text, 8 if len(text) > 1 and text.startswith("0") else 10)
    except ValueError:
        return None
