"""
Which ports a rule of a cluster-wide policy is about.

``ClusterNetworkPolicy`` writes ``protocols``, the older ``AdminNetworkPolicy``
and ``BaselineAdminNetworkPolicy`` write ``ports``.
"""

from __future__ import annotations

from tests.reference.endpoints import NamedPort, RefPod
from tests.reference.manifests import Manifest, items, section
from tests.reference.matches import Match, any_of, certainly
from tests.reference.networkpolicy import Connection

PROTOCOLS = {"tcp": "TCP", "udp": "UDP", "sctp": "SCTP"}


def ports_match(rule: Manifest, connection: Connection, *, named: bool) -> Match:
    """
    Return whether a rule is about the port; without ``protocols`` and ``ports`` it is about all traffic.

    ``named`` tells whether ports can have names there: they do on pods, and not
    on nodes, networks and domains, where a named port matches nothing.
    """
    protocols, ports = items(rule, "protocols"), items(rule, "ports")
    if not protocols and not ports:
        return Match.YES
    return any_of(
        [
            *(_protocol_matches(entry, connection, named=named) for entry in protocols),
            *(_port_matches(entry, connection, named=named) for entry in ports),
        ]
    )


def _protocol_matches(entry: Manifest, connection: Connection, *, named: bool) -> Match:
    """
    Match one ``ClusterNetworkPolicyProtocol``, which sets one of its fields.

    One of a later version of the API sets none that is known here. What it
    matches then is not known either: failing closed is asked of peers only.
    """
    if entry.get("destinationNamedPort"):
        return _name_matches(entry["destinationNamedPort"], connection, named=named)
    for field, protocol in PROTOCOLS.items():
        if entry.get(field) is not None:
            destination = entry[field].get("destinationPort")
            return Match.NO if protocol != connection.protocol else _destination_matches(destination, connection.port)
    return Match.MAYBE


def _destination_matches(destination: Manifest | None, port: int) -> Match:
    """Match a ``Port``: a ``number`` or a ``range`` with both its ends; a protocol without one has all ports."""
    if destination is None:
        return Match.YES
    if destination.get("number"):
        return certainly(destination["number"] == port)
    if destination.get("range") is None:
        return Match.MAYBE
    return certainly(destination["range"]["start"] <= port <= destination["range"]["end"])


def _port_matches(entry: Manifest, connection: Connection, *, named: bool) -> Match:
    """Match one ``AdminNetworkPolicyPort``, which sets one of its fields; the protocol is TCP unless given."""
    if entry.get("namedPort") is not None:
        return _name_matches(entry["namedPort"], connection, named=named)
    number, span = entry.get("portNumber"), entry.get("portRange")
    if number is None and span is None:
        return Match.MAYBE
    if ((number or span or {}).get("protocol") or "TCP") != connection.protocol:
        return Match.NO
    if number is not None:
        return certainly(number["port"] == connection.port)
    ends = section(entry, "portRange")
    return certainly(ends["start"] <= connection.port <= ends["end"])


def _name_matches(name: str, connection: Connection, *, named: bool) -> Match:
    """A name stands for what the destination pod declares under it, whatever the protocol."""
    wanted = NamedPort(name, connection.protocol, connection.port)
    return certainly(named and isinstance(connection.dst, RefPod) and wanted in connection.dst.named_ports)
