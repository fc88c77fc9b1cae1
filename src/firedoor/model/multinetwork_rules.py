"""
The specification of a MultiNetworkPolicy, from an untyped object.

The schema of the custom resource checks types and little else. A value that has no
meaning is doubted, and the rule around it is unsure; its part is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firedoor.algebra.cidrs import parse_cidr
from firedoor.algebra.ports import FIRST_PORT, LAST_PORT, PROTOCOLS
from firedoor.model.labels import EVERYTHING
from firedoor.model.networkpolicy import (
    Direction,
    EgressRule,
    IngressRule,
    IPBlock,
    NetworkPolicyPeer,
    NetworkPolicyPort,
    NetworkPolicySpec,
)
from firedoor.model.selector_parsing import read_selector
from firedoor.model.untyped import described, either

if TYPE_CHECKING:
    from firedoor.model.untyped import Reader

_SPEC_FIELDS = ("podSelector", "policyTypes", "ingress", "egress")
_PEER_FIELDS = ("podSelector", "namespaceSelector", "ipBlock")
_PORT_FIELDS = ("protocol", "port", "endPort")
_TYPES = tuple(each.capitalize() for each in Direction)
_PORT_REMEDY = f"write a number from {FIRST_PORT} to {LAST_PORT}, or the name of a container port"


def read_spec(reader: Reader, spec: dict[str, Any]) -> tuple[NetworkPolicySpec, tuple[str, ...]]:
    """Return the specification, and the paths of its unsure rules, or ``spec`` if all of it is unsure."""
    reader.unknown(spec, _SPEC_FIELDS, "spec")
    reader.required(spec, "podSelector", "spec", "write {} to select every pod of the namespace")
    selector = read_selector(reader, spec, "podSelector", "spec") or EVERYTHING
    types = reader.texts(spec, "policyTypes", "spec")
    for each, path in types:
        if each not in _TYPES:
            reader.doubt(path, f"found {described(each)}, expected {either(_TYPES)}", "write it exactly so")
    unsure = ["spec"] if reader.doubts else []
    ingress = tuple(IngressRule(*each) for each in _rules(reader, spec, "ingress", "from", unsure))
    egress = tuple(EgressRule(*each) for each in _rules(reader, spec, "egress", "to", unsure))
    return NetworkPolicySpec(selector, tuple(each for each, _ in types), ingress, egress), tuple(unsure)


_Rule = tuple[tuple[NetworkPolicyPeer, ...], tuple[NetworkPolicyPort, ...]]


def _rules(reader: Reader, spec: dict[str, Any], key: str, side: str, unsure: list[str]) -> list[_Rule]:
    """Return peers and ports of the rules in one direction; adds the paths of unsure ones to `unsure`."""
    rules = []
    for rule, path in reader.mappings(spec, key, "spec"):
        doubts = reader.doubts
        reader.unknown(rule, (side, "ports"), path)
        peers = [_peer(reader, *each) for each in reader.mappings(rule, side, path)]
        ports = [_port(reader, *each) for each in reader.mappings(rule, "ports", path)]
        rules.append((tuple(filter(None, peers)), tuple(filter(None, ports))))
        if reader.doubts > doubts:
            unsure.append(path)
    return rules


def _peer(reader: Reader, peer: dict[str, Any], path: str) -> NetworkPolicyPeer | None:
    reader.unknown(peer, _PEER_FIELDS, path)
    pods, namespaces = (read_selector(reader, peer, key, path) for key in _PEER_FIELDS[:2])
    contents = reader.mapping(peer, "ipBlock", path)
    if contents is None and pods is None and namespaces is None:
        reader.doubt(path, "found a peer without a field that the API has", f"write {either(_PEER_FIELDS)}")
        return None
    if contents is None:
        return NetworkPolicyPeer(pods, namespaces)
    if pods is not None or namespaces is not None:
        reader.doubt(path, "found ipBlock beside a selector", "write one peer for each of them")
    block = _block(reader, contents, f"{path}.ipBlock")
    return None if block is None else NetworkPolicyPeer(ip_block=block)


def _block(reader: Reader, block: dict[str, Any], path: str) -> IPBlock | None:
    reader.unknown(block, ("cidr", "except"), path)
    reader.required(block, "cidr", path, "write a block of addresses, such as 10.0.0.0/8")
    cidr = reader.text(block, "cidr", path)
    outer = _cidr(reader, cidr, f"{path}.cidr") if cidr is not None else None
    if cidr is None or outer is None:
        return None
    excepts = []
    for each, where in reader.texts(block, "except", path):
        inner = _cidr(reader, each, where)
        if inner is None:
            continue
        excepts.append(each)
        if inner[0] is not outer[0] or not outer[1] <= inner[1] <= inner[2] <= outer[2]:
            reason = f"found {described(each)}, expected a part of {cidr}"
            reader.doubt(where, reason, "remove it, or name a smaller block inside of the CIDR")
    return IPBlock(cidr, tuple(excepts))


def _cidr(reader: Reader, text: str, path: str) -> tuple[int, int, int] | None:
    """Return family, first and last address of a CIDR; doubts a text that is none."""
    try:
        return parse_cidr(text)
    except ValueError:
        reader.doubt(path, f"found {described(text)}, expected a CIDR", "write one such as 10.0.0.0/8 or fd00::/8")
        return None


def _port(reader: Reader, port: dict[str, Any], path: str) -> NetworkPolicyPort | None:
    doubts = reader.doubts
    reader.unknown(port, _PORT_FIELDS, path)
    protocol = reader.text(port, "protocol", path) or "TCP"
    if protocol not in PROTOCOLS:
        reader.doubt(f"{path}.protocol", f"found {described(protocol)}, expected {either(PROTOCOLS)}")
    number = _port_number(reader, port, path)
    last = reader.number(port, "endPort", path, -(1 << 31), (1 << 31) - 1)
    if last is not None and not (isinstance(number, int) and number <= last <= LAST_PORT):
        reason = f"found {described(last)}, expected a number from port to {LAST_PORT} beside a numeric port"
        reader.doubt(f"{path}.endPort", reason, "write the last port of the range, or leave endPort out")
    return NetworkPolicyPort(protocol, number, last) if reader.doubts == doubts else None


def _port_number(reader: Reader, port: dict[str, Any], path: str) -> int | str | None:
    """Return the number or name of a port (``IntOrString``)."""
    value, where = port.get("port"), f"{path}.port"
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | str):
        reader.refuse(where, f"found {described(value)}, expected a number or a name", _PORT_REMEDY)
        return None
    if value == "" or (isinstance(value, int) and not FIRST_PORT <= value <= LAST_PORT):
        reader.doubt(where, f"found {described(value)}, which is no port", _PORT_REMEDY)
    return value
