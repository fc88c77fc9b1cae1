"""Subjects and peers of cluster-wide policies, from untyped objects."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any

from firedoor.model.clusterpolicy import (
    Action,
    ClusterPeer,
    DomainsPeer,
    NetworksPeer,
    NodesPeer,
    PodsPeer,
    UnknownPeer,
)
from firedoor.model.clusterpolicy_dialects import INGRESS_PEERS, Dialect
from firedoor.model.labels import EVERYTHING
from firedoor.model.selector_parsing import read_selector
from firedoor.model.untyped import described, either, is_only_unknown

if TYPE_CHECKING:
    from firedoor.model.untyped import Reader

SET_LIMITS = (1, 25)
"""How many address blocks or domain names a peer may list."""
LONGEST_CIDR = 43
_LENGTH = re.compile("0|[1-9][0-9]{0,2}")
_CIDR_REMEDY = "write an address, a slash and a prefix length, such as 10.0.0.0/8 or fd00::/8, without leading zeros"


def read_subject(reader: Reader, spec: dict[str, Any], dialect: Dialect) -> PodsPeer | None:
    """Return the pods that a policy is for (``spec.subject``)."""
    reader.required(spec, "subject", "spec", "write namespaces: {} to select every pod of the cluster")
    subject, path = reader.mapping(spec, "subject", "spec"), "spec.subject"
    if subject is None:
        return None
    kind = reader.choice(subject, INGRESS_PEERS, path)
    return None if kind is None else _read_pods(reader, subject, kind, path, dialect)


def read_peer(
    reader: Reader, peer: dict[str, Any], path: str, fields: tuple[str, ...], dialect: Dialect
) -> ClusterPeer | None:
    """Return a peer that may have `fields`; None for one that the API server refuses."""
    if is_only_unknown(peer, fields):
        reason = f"found {', '.join(map(str, peer))}, which the API does not have: the rule fails closed"
        reader.note(path, reason, f"write {either(fields)}")
        return UnknownPeer()
    match reader.choice(peer, fields, path):
        case None:
            return None
        case "nodes":
            selector = read_selector(reader, peer, "nodes", path)
            return None if selector is None else NodesPeer(selector)
        case "networks":
            return NetworksPeer(_read_networks(reader, peer, path, dialect))
        case "domainNames":
            return DomainsPeer(_read_domains(reader, peer, path, dialect))
        case kind:
            return _read_pods(reader, peer, kind, path, dialect)


def doubt_domains(reader: Reader, peer: ClusterPeer, action: Action, path: str) -> None:
    """Doubt domain names in a rule that does not accept: the API gives them no meaning there."""
    if isinstance(peer, DomainsPeer) and action is not Action.ACCEPT:
        reason = f"domain names have a meaning in rules that accept only, and this one's action is {action}"
        reader.doubt(f"{path}.domainNames", reason, "deny the addresses with networks after a rule that accepts names")


def _read_pods(reader: Reader, part: dict[str, Any], kind: str, path: str, dialect: Dialect) -> PodsPeer | None:
    """Return the pods in the field `kind`, which is ``namespaces`` or ``pods``."""
    if kind == "namespaces":
        namespaces = read_selector(reader, part, kind, path)
        return None if namespaces is None else PodsPeer(namespaces)
    pods, where = reader.mapping(part, kind, path), f"{path}.{kind}"
    if pods is None:
        return None
    reader.unknown(pods, ("namespaceSelector", "podSelector"), where)
    if dialect.demands_namespace_selector:
        reader.required(pods, "namespaceSelector", where, "write {} for all namespaces")
    reader.required(pods, "podSelector", where, "write {} for all pods")
    selectors = [read_selector(reader, pods, key, where) for key in ("namespaceSelector", "podSelector")]
    return PodsPeer(selectors[0] or EVERYTHING, selectors[1])


def _read_networks(reader: Reader, peer: dict[str, Any], path: str, dialect: Dialect) -> tuple[str, ...]:
    found = reader.texts(peer, "networks", path, SET_LIMITS)
    _refuse_repetitions(reader, found)
    for cidr, where in found:
        if len(cidr) > LONGEST_CIDR or not _is_cidr(cidr):
            reader.refuse(where, f"found {described(cidr)}, expected a CIDR", _CIDR_REMEDY)
        elif dialect.demands_masked_networks and not _is_masked(cidr):
            network = ipaddress.ip_network(cidr, strict=False)
            reason = f"found {described(cidr)}, which has bits set beyond the prefix length"
            reader.refuse(where, reason, f"write {network}")
    return tuple(cidr for cidr, _ in found)


def _is_cidr(text: str) -> bool:
    """Return whether a text is a CIDR to CEL's ``isCIDR``, which takes no zones and no IPv4-mapped addresses."""
    host, _, length = text.rpartition("/")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    if "%" in host or (isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None):
        return False
    return _LENGTH.fullmatch(length) is not None and int(length) <= address.max_prefixlen


def _is_masked(cidr: str) -> bool:
    host = cidr.partition("/")[0]
    return ipaddress.ip_network(cidr, strict=False).network_address == ipaddress.ip_address(host)


def _read_domains(reader: Reader, peer: dict[str, Any], path: str, dialect: Dialect) -> tuple[str, ...]:
    found = reader.texts(peer, "domainNames", path, SET_LIMITS)
    _refuse_repetitions(reader, found)
    for name, where in found:
        if dialect.domain_name.fullmatch(name) is None:
            remedy = "write at least two labels, such as example.com, or *.example.com for every name below it"
            reader.refuse(where, f"found {described(name)}, expected a domain name", remedy)
    return tuple(name for name, _ in found)


def _refuse_repetitions(reader: Reader, found: list[tuple[str, str]]) -> None:
    """Refuse what a list of the type ``set`` has twice."""
    seen: set[str] = set()
    for text, where in found:
        if text in seen:
            reader.refuse(where, f"{described(text)} stands in the list twice", "remove the repetition")
        seen.add(text)
