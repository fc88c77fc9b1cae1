"""What callers write for ports, messages and connections that were seen, into what questions take."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from firedoor.algebra.ports import PROTOCOLS
from firedoor.bootstrap import open_edges, open_flow_store
from firedoor.errors import NothingInScopeError, UsageError
from firedoor.model.flow_reading import FlowQuestion
from firedoor.model.icmp import ECHO_REQUESTS, LAST_TYPE, VERSIONS, IcmpMessage
from firedoor.model.port_text import parse_port

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.model.flows import FlowEdge

Port = int | str
"""A number, or a text such as ``8080``, ``53/UDP``; empty where no port is meant."""


def wanted_port(port: Port) -> tuple[str, int] | None:
    """Return protocol and number of a port, None of none; raises ``UsageError``."""
    return None if port == "" else parse_port(str(port))


def port_of(port: Port, protocol: str) -> tuple[str, int]:
    """Return protocol and number of a port whose protocol may be said beside it; raises ``UsageError``."""
    if port == "":
        raise UsageError("no port is given", remedy="give one, or the protocol ICMP")
    said, number = parse_port(str(port))
    if not protocol:
        return said, number
    if protocol.upper() not in PROTOCOLS:
        raise UsageError(
            f"there is no protocol {protocol!r}", remedy=f"use one of {', '.join((*PROTOCOLS, *VERSIONS))}"
        )
    if "/" in str(port) and said != protocol.upper():
        raise UsageError(f"{port} is no port of {protocol}", remedy="say the protocol once")
    return protocol.upper(), number


def icmp_message(protocol: str, port: Port, message_type: int | None, code: int) -> IcmpMessage | None:
    """Return the message that is asked about; None for a connection with ports; raises ``UsageError``."""
    version = {name.lower(): number for name, number in VERSIONS.items()}.get(protocol.lower())
    if version is None:
        if message_type is not None or code:
            raise UsageError("types and codes are of ICMP", remedy="give the protocol ICMP, or ICMPv6")
        return None
    if port != "":
        raise UsageError(f"{protocol} has no ports", remedy="leave the port out; icmp_type names a message")
    number = ECHO_REQUESTS[version] if message_type is None else message_type
    if not (0 <= number <= LAST_TYPE and 0 <= code <= LAST_TYPE):
        raise UsageError(f"there is no message of type {number} and code {code}", remedy="both are from 0 to 255")
    return IcmpMessage(version, number, code)


def edges_of(file: str | os.PathLike[str] | None, store: str | None) -> Iterable[FlowEdge]:
    """Return the edges in a file, or in a store of flows; raises ``NothingInScopeError`` where the store has none."""
    if file is not None:
        return open_edges(os.fspath(file), read_stdin=bytes)
    opened = open_flow_store(store)
    found = list(opened.edges(FlowQuestion()))
    if not found:
        raise NothingInScopeError(
            f"the store at {opened.place} has no flows", remedy="import some with `firedoor flows import`"
        )
    return found
