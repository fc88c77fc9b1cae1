"""The other ends of the rules of Cilium policies, from untyped objects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from firedoor.model.address_syntax import CIDR_REMEDY, contains, is_mapped, read_network
from firedoor.model.cilium_peers import (
    ENTITIES,
    CidrGroupPeer,
    CidrPeer,
    CiliumPeer,
    EndpointPeer,
    EntityPeer,
    FqdnPeer,
    GroupPeer,
    NodePeer,
    ServicePeer,
)
from firedoor.model.cilium_selector_parsing import (
    ANY,
    CIDR_GROUP,
    K8S,
    RESERVED,
    read_labels,
    read_other_nodes,
    read_peer_selector,
    split_key,
    without_source,
)
from firedoor.model.networkpolicy import Direction
from firedoor.model.untyped import described, either

if TYPE_CHECKING:
    from firedoor.model.address_syntax import Network
    from firedoor.model.cilium_reading import CiliumReader, Subject
    from firedoor.model.labels import LabelSelector

PEER_FIELDS = {
    Direction.INGRESS: ("fromEndpoints", "fromCIDR", "fromCIDRSet", "fromEntities", "fromNodes", "fromGroups"),
    Direction.EGRESS: (
        "toEndpoints",
        "toCIDR",
        "toCIDRSet",
        "toEntities",
        "toNodes",
        "toGroups",
        "toServices",
        "toFQDNs",
    ),
}
"""The fields that name peers; a rule may use one of them."""

LONGEST_NAME = 255
LONGEST_GROUP_NAME = 253
_GROUP_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_DNS_NAME = re.compile(r"[-a-zA-Z0-9_]+(\.[-a-zA-Z0-9_]+)*\.?")
_DNS_PATTERN = re.compile(r"[-a-zA-Z0-9_*]+(\.[-a-zA-Z0-9_*]+)*\.?")
_SELECTS_NOTHING_WHEN_EMPTY = ("Endpoints", "CIDR", "CIDRSet", "Entities", "Nodes")
_CIDR_FIELDS = ("cidr", "cidrGroupRef", "cidrGroupSelector")


def read_peers(
    reader: CiliumReader, rule: dict[str, Any], direction: Direction, path: str, subject: Subject, *, has_ports: bool
) -> tuple[CiliumPeer, ...] | None:
    """
    Return the peers of a rule; None for any peer.

    An empty list of most kinds selects nothing; of groups, services and DNS names
    it is no restriction. A rule without peers is for any peer if it names ports,
    and else for none.
    """
    fields = PEER_FIELDS[direction]
    found = [field for field in fields if rule.get(field) is not None]
    used = [field for field in found if rule[field] not in ([], ())]
    if len(used) > 1:
        reason = f"found {' and '.join(used)}, which Cilium does not combine in one rule"
        reader.refuse(path, reason, "write one rule for each of them")
    peers = tuple(peer for field in used for peer in _read_kind(reader, rule, field, path, subject))
    bare = {field.removeprefix("from").removeprefix("to") for field in found if field not in used}
    if used:
        return () if bare.intersection(_SELECTS_NOTHING_WHEN_EMPTY) else peers
    return () if bare.intersection(_SELECTS_NOTHING_WHEN_EMPTY) or not has_ports else None


def read_cidrs(reader: CiliumReader, parent: dict[str, Any], key: str, path: str) -> list[tuple[str, Network, str]]:
    """Return the CIDRs of the list in a field with their blocks and paths."""
    found = [(cidr, _network(reader, cidr, where), where) for cidr, where in reader.texts(parent, key, path)]
    return [(cidr, network, where) for cidr, network, where in found if network is not None]


def read_dns(reader: CiliumReader, entry: dict[str, Any], path: str) -> FqdnPeer | None:
    """Return the name or pattern of an entry of ``toFQDNs``, or of ``rules.dns``."""
    match reader.choice(entry, ("matchName", "matchPattern"), path):
        case None:
            return None
        case "matchName":
            return FqdnPeer(match_name=_dns(reader, entry, "matchName", path))
        case field:
            return FqdnPeer(match_pattern=_dns(reader, entry, field, path))


def _read_kind(
    reader: CiliumReader, rule: dict[str, Any], field: str, path: str, subject: Subject
) -> tuple[CiliumPeer, ...]:
    """Return the peers in one field."""
    match field.removeprefix("from").removeprefix("to"):
        case "Endpoints":
            found = reader.mappings(rule, field, path)
            return tuple(EndpointPeer(read_peer_selector(reader, *each, subject)) for each in found)
        case "CIDR":
            return tuple(CidrPeer(cidr) for cidr, _, _ in read_cidrs(reader, rule, field, path))
        case "CIDRSet":
            sets = (_cidr_set(reader, *each) for each in reader.mappings(rule, field, path))
            return tuple(each for each in sets if each is not None)
        case "Entities":
            return tuple(EntityPeer(name) for name in _entities(reader, rule, field, path))
        case "Nodes":
            reader.needs("enable-node-selector-labels", f"{path}.{field}", "found peers by the labels of nodes")
            return tuple(NodePeer(read_other_nodes(reader, *each)) for each in reader.mappings(rule, field, path))
        case "Groups":
            return tuple(_group(reader, *each) for each in reader.mappings(rule, field, path))
        case "Services":
            return tuple(_service(reader, *each) for each in reader.mappings(rule, field, path))
        case _:
            names = (read_dns(reader, *each) for each in reader.mappings(rule, field, path))
            return tuple(each for each in names if each is not None)


def _network(reader: CiliumReader, cidr: str, path: str) -> Network | None:
    network = read_network(cidr)
    if network is None:
        reader.refuse(path, f"found {described(cidr)}, expected a CIDR", CIDR_REMEDY)
    elif is_mapped(network):
        reason = f"found {described(cidr)}, which holds IPv4 addresses in the form of IPv6"
        reader.doubt(path, reason, "write the IPv4 block")
    return network


def _cidr_set(reader: CiliumReader, entry: dict[str, Any], path: str) -> CiliumPeer | None:
    """Return the peer of a ``CIDRRule``."""
    fields = [each for each in _CIDR_FIELDS if entry.get(each) is not None]
    reader.unknown(entry, (*_CIDR_FIELDS, "except"), path)
    if len(fields) != 1:
        reason = f"found {' and '.join(fields) or 'none of them'}, expected exactly one of {either(_CIDR_FIELDS)}"
        reader.refuse(path, reason, "write one entry for each of them")
        return None
    cuts = read_cidrs(reader, entry, "except", path)
    excepts = tuple(cidr for cidr, _, _ in cuts)
    if fields == ["cidr"]:
        return _cidr(reader, entry, path, cuts)
    if fields == ["cidrGroupRef"]:
        name = reader.text(entry, "cidrGroupRef", path)
        if name is not None and (len(name) > LONGEST_GROUP_NAME or _GROUP_NAME.fullmatch(name) is None):
            reason = f"found {described(name)}, which cannot be the name of a CiliumCIDRGroup"
            reader.refuse(f"{path}.cidrGroupRef", reason, "write lower-case letters, digits, '-' and '.'")
        return None if name is None else CidrGroupPeer(name, excepts=excepts)
    selector = reader.mapping(entry, "cidrGroupSelector", path)
    if selector is None:
        return None
    return CidrGroupPeer("", _group_labels(reader, selector, f"{path}.cidrGroupSelector"), excepts)


def _cidr(
    reader: CiliumReader, entry: dict[str, Any], path: str, cuts: list[tuple[str, Network, str]]
) -> CidrPeer | None:
    """Return the peer of a ``CIDRRule`` with a CIDR, in which all exceptions must lie."""
    cidr = reader.text(entry, "cidr", path)
    network = None if cidr is None else _network(reader, cidr, f"{path}.cidr")
    if cidr is None or network is None:
        return None
    for cut, block, where in cuts:
        if not contains(network, block):
            reason = f"found {cut}, which is not a part of {cidr}"
            reader.refuse(where, reason, f"remove it, or write a block within {cidr}")
    return CidrPeer(cidr, tuple(cut for cut, _, _ in cuts))


def _group_labels(reader: CiliumReader, selector: dict[str, Any], path: str) -> LabelSelector:
    written = read_labels(reader, selector, path, CIDR_GROUP)
    for key in (each.key for each in written.requirements):
        if split_key(key, CIDR_GROUP)[0] not in {ANY, CIDR_GROUP, K8S, RESERVED}:
            reason = f"found the key {key}, of whose labels the objects do not tell"
            reader.doubt(path, reason, "write the key without a source")
    return written


def _entities(reader: CiliumReader, rule: dict[str, Any], field: str, path: str) -> list[str]:
    names = reader.texts(rule, field, path)
    for name, where in names:
        if name not in ENTITIES:
            reader.refuse(where, f"found {described(name)}, which is no entity", f"write one of {either(ENTITIES)}")
    return [name for name, _ in names]


def _group(reader: CiliumReader, group: dict[str, Any], path: str) -> GroupPeer:
    reader.unknown(group, ("aws",), path)
    aws = reader.mapping(group, "aws", path)
    if aws is None:
        return GroupPeer()
    where = f"{path}.aws"
    reader.unknown(aws, ("labels", "securityGroupsIds", "securityGroupsNames", "region"), where)
    reader.text(aws, "region", where)
    labels = reader.mapping(aws, "labels", where) or {}
    texts = {key: value for key, value in labels.items() if reader.is_text(value, f"{where}.labels[{key}]")}
    parts = [f"{key}={value}" for key, value in texts.items()]
    parts += [text for key in ("securityGroupsIds", "securityGroupsNames") for text, _ in reader.texts(aws, key, where)]
    return GroupPeer(", ".join(("aws", *parts)))


def _service(reader: CiliumReader, service: dict[str, Any], path: str) -> ServicePeer:
    """Return the services of an entry; its selector counts if it also has a name."""
    reader.unknown(service, ("k8sService", "k8sServiceSelector"), path)
    by_name, by_labels = (
        reader.mapping(service, "k8sService", path),
        reader.mapping(service, "k8sServiceSelector", path),
    )
    peer = ServicePeer()
    if by_name is not None:
        where = f"{path}.k8sService"
        reader.unknown(by_name, ("serviceName", "namespace"), where)
        name, namespace = (reader.text(by_name, key, where) or "" for key in ("serviceName", "namespace"))
        peer = ServicePeer(namespace, name)
    if by_labels is not None:
        where = f"{path}.k8sServiceSelector"
        reader.unknown(by_labels, ("selector", "namespace"), where)
        reader.required(by_labels, "selector", where, "write selector: {} for all services")
        selector = reader.mapping(by_labels, "selector", where)
        labels = None if selector is None else without_source(read_labels(reader, selector, f"{where}.selector"))
        peer = ServicePeer(reader.text(by_labels, "namespace", where) or "", "", labels)
    return peer


def _dns(reader: CiliumReader, entry: dict[str, Any], field: str, path: str) -> str:
    text = reader.text(entry, field, path) or ""
    syntax = _DNS_NAME if field == "matchName" else _DNS_PATTERN
    if isinstance(entry[field], str) and (len(text) > LONGEST_NAME or syntax.fullmatch(text) is None):
        characters = "letters, digits, '-', '_' and '.'" + (" and '*'" if field == "matchPattern" else "")
        reason = f"found {described(text)}, which cannot be a DNS name"
        reader.refuse(f"{path}.{field}", reason, f"write at most {LONGEST_NAME} {characters}, no two dots in a row")
    return text
