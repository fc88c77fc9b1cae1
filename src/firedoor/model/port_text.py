"""A port as people write it."""

from __future__ import annotations

from firedoor.algebra.ports import LAST_PORT, PROTOCOLS
from firedoor.errors import UsageError


def parse_port(text: str) -> tuple[str, int]:
    """Return protocol and number of ``8080``, ``53/UDP`` or ``udp/53``; raises ``UsageError``."""
    number, _, protocol = text.partition("/")
    if number.upper() in PROTOCOLS:
        number, protocol = protocol, number
    protocol = (protocol or "TCP").upper()
    if protocol not in PROTOCOLS or not number.isascii() or not number.isdigit() or not 1 <= int(number) <= LAST_PORT:
        raise UsageError(f"{text!r} is no port", remedy="write a number from 1 to 65535, as in 8080 or 53/UDP")
    return protocol, int(number)
