"""The rules on the values of a NetworkPolicy (networking.k8s.io/v1)."""

from typing import Any

from firedoor.adapters.manifests.validation.addresses import read_cidr, validate_cidr
from firedoor.adapters.manifests.validation.labels import validate_selector
from firedoor.adapters.manifests.validation.names import port_name, port_number
from firedoor.adapters.manifests.validation.problems import (
    Problem,
    child,
    forbidden,
    invalid,
    missing,
    unsupported,
)
from firedoor.adapters.manifests.validation.shapes import (
    is_number,
    mapping,
    number,
    objects,
    part,
    text,
    texts,
)

PROTOCOLS = ("TCP", "UDP", "SCTP")
DIRECTIONS = ("Ingress", "Egress")
PORT_REMEDY = "use a number from 1 to 65535; leave port out to mean all ports of the protocol"
NAME_REMEDY = "write the name of a port of the pod: at most 15 lower-case letters, digits and hyphens"


def validate_networkpolicy(document: dict[str, Any], minor: int) -> list[Problem]:
    """Return the problems of a policy: its selector, its rules in both directions, and its types."""
    spec = part(document, "spec")
    problems = validate_selector(spec.get("podSelector"), "spec.podSelector", minor)
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for rule, path in objects(spec.get(direction), f"spec.{direction}"):
            for port, place in objects(rule.get("ports"), f"{path}.ports"):
                problems += _validate_port(port, place)
            for peer, place in objects(rule.get(peers), f"{path}.{peers}"):
                problems += _validate_peer(peer, place, minor)
    return problems + _validate_types(spec.get("policyTypes"))


def _validate_types(value: Any) -> list[Problem]:
    """Return the problems of ``policyTypes``: at most two, each a direction."""
    types = [kind for kind, _ in texts(value, "")]
    if len(types) > len(DIRECTIONS):
        detail = "may not specify more than two policyTypes"
        return [invalid("spec.policyTypes", types, detail, remedy="name each direction once: [Ingress, Egress]")]
    places = texts(value, "spec.policyTypes")
    return [unsupported(path, kind, DIRECTIONS) for kind, path in places if kind not in DIRECTIONS]


def _validate_port(port: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of a port: its protocol, its number or name, and the end of a range."""
    problems = []
    protocol = port.get("protocol")
    if protocol is not None and protocol not in PROTOCOLS:
        problems.append(unsupported(child(path, "protocol"), protocol, PROTOCOLS))
    return problems + _validate_range(port.get("port"), port.get("endPort"), path)


def _validate_range(port: Any, end: Any, path: str) -> list[Problem]:
    """Return the problems of ``port`` and ``endPort``, which go together only as two numbers."""
    where, where_end = child(path, "port"), child(path, "endPort")
    if port is None:
        detail = "may not be specified when `port` is not specified"
        remedy = "set port to the first port of the range"
        return [] if end is None else [invalid(where_end, end, detail, remedy=remedy)]
    if not is_number(port):
        detail = "may not be specified when `port` is non-numeric"
        remedy = "write the first port of the range as a number, or leave endPort out"
        ends = [] if end is None else [invalid(where_end, end, detail, remedy=remedy)]
        return ends + [invalid(where, text(port), error, remedy=_name_remedy(port)) for error in port_name(text(port))]
    first = number(port)
    problems = [invalid(where, first, error, remedy=PORT_REMEDY) for error in port_number(first)]
    if end is not None and number(end) < first:
        detail = "must be greater than or equal to `port`"
        problems.append(invalid(where_end, end, detail, remedy=f"use a number from {first} to 65535"))
    if end is not None:
        problems += [invalid(where_end, end, error, remedy=PORT_REMEDY) for error in port_number(number(end))]
    return problems


def _name_remedy(port: Any) -> str:
    """Return what to write for a port that is no port name: often a number in quotes, or a range."""
    written = text(port).strip()
    if written.isdigit():
        return f"remove the quotes to mean the port number: {written}"
    first, dash, last = written.partition("-")
    if dash and first.strip().isdigit() and last.strip().isdigit():
        return f"write a range with two fields: port: {first.strip()} and endPort: {last.strip()}"
    return NAME_REMEDY


def _validate_peer(peer: dict[str, Any], path: str, minor: int) -> list[Problem]:
    """Return the problems of a peer: it is selectors, or an address block, and never nothing or both."""
    problems = []
    selectors = [field for field in ("podSelector", "namespaceSelector") if peer.get(field) is not None]
    for field in selectors:
        problems += validate_selector(peer[field], child(path, field), minor)
    block = peer.get("ipBlock")
    if block is not None:
        problems += _validate_block(mapping(block), child(path, "ipBlock"), minor)
    if block is None and not selectors:
        remedy = "write podSelector, namespaceSelector or ipBlock; to mean every pod of every namespace write "
        remedy += "namespaceSelector: {}; to mean every address leave the whole list out"
        problems.append(missing(path, "must specify a peer", remedy=remedy))
    if block is not None and selectors:
        remedy = "give ipBlock an entry of its own in the list, behind its own dash"
        problems.append(forbidden(path, "may not specify both ipBlock and another peer", remedy=remedy))
    return problems


def _validate_block(block: dict[str, Any], path: str, minor: int) -> list[Problem]:
    """Return the problems of an address block: each exception must lie within it and be smaller."""
    cidr, where = text(block.get("cidr")), child(path, "cidr")
    if not cidr:
        return [missing(where, remedy="write the block of addresses, such as 10.0.0.0/8, or 0.0.0.0/0 for all of IPv4")]
    problems = validate_cidr(cidr, where, minor)
    outer = read_cidr(cidr)
    if outer is None:
        return problems
    for exception, place in texts(block.get("except"), child(path, "except")):
        problems += validate_cidr(exception, place, minor)
        inner = read_cidr(exception)
        if inner is not None and not outer.strictly_contains(inner):
            remedy = f"name a block inside {cidr} that is smaller than it, or remove the exception"
            problems.append(invalid(place, exception, "must be a strict subset of `cidr`", remedy=remedy))
    return problems
