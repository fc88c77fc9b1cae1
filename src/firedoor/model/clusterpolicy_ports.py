"""Ports of the rules of cluster-wide policies, from untyped objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firedoor.algebra.ports import FIRST_PORT, LAST_PORT, PROTOCOLS
from firedoor.model.clusterpolicy import ClusterPort
from firedoor.model.untyped import described, either, is_only_unknown

if TYPE_CHECKING:
    from firedoor.model.clusterpolicy_dialects import Dialect
    from firedoor.model.untyped import Reader

_BY_FIELD = {protocol.lower(): protocol for protocol in PROTOCOLS}
_PROTOCOL_FIELDS = (*_BY_FIELD, "destinationNamedPort")
_PORT_FIELDS = ("portNumber", "portRange", "namedPort")


def read_ports(reader: Reader, rule: dict[str, Any], path: str, dialect: Dialect) -> tuple[ClusterPort, ...] | None:
    """Return the ports of a rule; None where it is for all traffic. Entries that are not understood are left out."""
    if rule.get(dialect.ports) is None:
        return None
    read, fields = (_protocol, _PROTOCOL_FIELDS) if dialect.ports == "protocols" else (_port, _PORT_FIELDS)
    ports = []
    for entry, where in reader.mappings(rule, dialect.ports, path, (1, dialect.most)):
        if is_only_unknown(entry, fields):
            reader.unknown(entry, fields, where)
            continue
        kind = reader.choice(entry, fields, where)
        port = read(reader, entry, kind, where, dialect) if kind is not None else None
        if port is not None:
            ports.append(port)
    return tuple(ports)


def _protocol(reader: Reader, entry: dict[str, Any], kind: str, path: str, dialect: Dialect) -> ClusterPort | None:
    """Return the port of a ``ClusterNetworkPolicyProtocol``."""
    if kind == "destinationNamedPort":
        return _named(reader, entry, kind, path)
    match, where = reader.mapping(entry, kind, path), f"{path}.{kind}"
    if match is None:
        return None
    reader.unknown(match, ("destinationPort",), where)
    if is_only_unknown(match, ("destinationPort",)):
        return None
    remedy = f"write destinationPort with number: or range:; a range from {FIRST_PORT} to {LAST_PORT} is every port"
    reader.required(match, "destinationPort", where, remedy)
    port, where = reader.mapping(match, "destinationPort", where), f"{where}.destinationPort"
    if port is None:
        return None
    fields = ("number", "range")
    if is_only_unknown(port, fields):
        reader.unknown(port, fields, where)
        return None
    chosen = reader.choice(port, fields, where)
    if chosen == "range":
        bounds = reader.mapping(port, "range", where)
        return None if bounds is None else _range(reader, bounds, _BY_FIELD[kind], f"{where}.range", dialect)
    number = reader.number(port, "number", where, FIRST_PORT, LAST_PORT) if chosen is not None else None
    return None if number is None else ClusterPort(_BY_FIELD[kind], number)


def _port(reader: Reader, entry: dict[str, Any], kind: str, path: str, dialect: Dialect) -> ClusterPort | None:
    """Return the port of an ``AdminNetworkPolicyPort``."""
    if kind == "namedPort":
        return _named(reader, entry, kind, path)
    port, where = reader.mapping(entry, kind, path), f"{path}.{kind}"
    if port is None:
        return None
    protocol = reader.text(port, "protocol", where) if port.get("protocol") is not None else "TCP"
    if protocol is not None and protocol not in PROTOCOLS:
        reader.doubt(f"{where}.protocol", f"found {described(protocol)}, expected {either(PROTOCOLS)}")
        protocol = None
    if kind == "portRange":
        return _range(reader, port, protocol, where, dialect)
    reader.unknown(port, ("protocol", "port"), where)
    reader.required(port, "port", where, f"write a number from {FIRST_PORT} to {LAST_PORT}")
    number = reader.number(port, "port", where, FIRST_PORT, LAST_PORT)
    return None if number is None or protocol is None else ClusterPort(protocol, number)


def _range(
    reader: Reader, bounds: dict[str, Any], protocol: str | None, path: str, dialect: Dialect
) -> ClusterPort | None:
    """
    Return a range of ports.

    v1alpha1 says that the start must be less than the end, but its server does not
    check it: such a range is doubted.
    """
    keys = ("start", "end")
    reader.unknown(bounds, keys if dialect.demands_ascending_ranges else ("protocol", *keys), path)
    for key in keys:
        reader.required(bounds, key, path, f"write a number from {FIRST_PORT} to {LAST_PORT}")
    start, end = (reader.number(bounds, key, path, FIRST_PORT, LAST_PORT) for key in keys)
    if start is None or end is None or protocol is None:
        return None
    if start >= end:
        record = reader.refuse if dialect.demands_ascending_ranges else reader.doubt
        single = "number" if dialect.demands_ascending_ranges else "portNumber"
        remedy = "write the lower port as start" if start > end else f"write {single} for one port"
        record(path, f"found a range from {start} to {end}, expected a start below the end", remedy)
    return ClusterPort(protocol, min(start, end), max(start, end))


def _named(reader: Reader, entry: dict[str, Any], key: str, path: str) -> ClusterPort | None:
    name = reader.text(entry, key, path)
    if name == "":
        reader.doubt(f"{path}.{key}", "found an empty name, expected the name of a container port")
    return ClusterPort(name=name) if name else None
