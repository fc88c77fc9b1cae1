"""ICMP messages, which have a type and a code in the place of ports."""

from __future__ import annotations

from msgspec import Struct

ICMP = "ICMP"
"""The protocol of ICMP messages on the port axis, of either IP version."""

VERSIONS = {"ICMP": 4, "ICMPv6": 6}
"""The IP version of each of the two protocols."""

PROTOCOLS = {version: name for name, version in VERSIONS.items()}
"""The protocol of each IP version."""

ECHO_REQUESTS = {4: 8, 6: 128}
"""The type of the message that ``ping`` sends, by IP version."""

LAST_TYPE = 255
"""The highest type, and the highest code."""


class IcmpMessage(Struct, frozen=True, gc=False):
    """One kind of ICMP message, for IPv4 or IPv6."""

    version: int = 4
    type: int = ECHO_REQUESTS[4]
    code: int = 0

    @property
    def protocol(self) -> str:
        """``ICMP`` or ``ICMPv6``."""
        return PROTOCOLS[self.version]

    def __str__(self) -> str:
        """Return ``ICMP type 8 code 0``."""
        return f"{self.protocol} type {self.type} code {self.code}"
