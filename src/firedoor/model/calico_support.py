"""What Calico's policies refer to: tiers, sets of networks and host endpoints."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any

from firedoor.model.calico import BUILT_IN_TIERS, HostEndpoint, NetworkSet, Tier
from firedoor.model.calico_fields import LABEL_NAME
from firedoor.model.calico_stored import api_metadata
from firedoor.model.untyped import described

if TYPE_CHECKING:
    from firedoor.model.calico_fields import CalicoReader
    from firedoor.model.policies import PolicyObject

NAMESPACE_LABEL = "projectcalico.org/namespace"
"""Calico gives this label to everything that lies in a namespace; nobody else may."""

_TIER_ACTIONS = ("Deny", "Pass")
_BUILT_IN = {each.name: each for each in BUILT_IN_TIERS}
_TIER_NAME = re.compile(LABEL_NAME)
_LONGEST_TIER_NAME = 63


def tier(reader: CalicoReader, policy: PolicyObject, spec: dict[str, Any]) -> Tier:
    """Return a tier; the order and the default action of a built-in one cannot be changed."""
    name = policy.metadata.name
    reader.unknown(spec, ("order", "defaultAction"), "spec")
    if name and not (_TIER_NAME.fullmatch(name) and len(name) <= _LONGEST_TIER_NAME):
        remedy = f"use at most {_LONGEST_TIER_NAME} lower-case letters, digits and '-'"
        reader.refuse("metadata.name", f"found {described(name)}, expected the name of a tier", remedy)
    order = reader.order(spec, "spec")
    action = reader.word(spec, "defaultAction", "spec", _TIER_ACTIONS) or "Deny"
    fixed = _BUILT_IN.get(name)
    if fixed is not None and order != fixed.order:
        found = "no order" if order is None else f"order {order:g}"
        reader.refuse("spec.order", f"found {found} of tier {name}, expected {fixed.order:.0f}")
    if fixed is not None and action != fixed.default_action:
        reason = f"found default action {action} of tier {name}, expected {fixed.default_action}"
        reader.refuse("spec.defaultAction", reason)
    return Tier(name, order, action, policy.place, reader.doubts > 0)


def network_set(reader: CalicoReader, policy: PolicyObject, spec: dict[str, Any]) -> NetworkSet:
    """Return a set of networks; lone addresses become networks of one address."""
    metadata = api_metadata(reader, policy.metadata)
    reader.unknown(spec, ("nets", "allowedEgressDomains"), "spec")
    nets = tuple(cidr for (_, cidr), _ in reader.networks(spec, "nets", "spec", is_tolerant=True))
    domains = tuple(domain for domain, _ in reader.texts(spec, "allowedEgressDomains", "spec"))
    if domains:
        reason = "the addresses behind domain names are not known"
        reader.doubt("spec.allowedEgressDomains", reason, "list the addresses in nets if they are fixed")
    if NAMESPACE_LABEL in metadata.labels:
        reason = f"found the label {NAMESPACE_LABEL}, which only Calico sets"
        reader.refuse(f"metadata.labels[{NAMESPACE_LABEL}]", reason, "remove the label")
    return NetworkSet(metadata, policy.place, nets, domains, reader.doubts > 0)


def host_endpoint(reader: CalicoReader, policy: PolicyObject, spec: dict[str, Any]) -> HostEndpoint:
    """Return a host endpoint; its profiles and named ports are not read."""
    metadata = api_metadata(reader, policy.metadata)
    reader.unknown(spec, ("node", "interfaceName", "expectedIPs", "profiles", "ports"), "spec")
    node, interface = reader.name(spec, "node", "spec"), reader.text(spec, "interfaceName", "spec") or ""
    addresses = reader.texts(spec, "expectedIPs", "spec")
    for text, path in addresses:
        if not _is_address(text):
            reader.refuse(path, f"found {described(text)}, expected an IP address")
    if not spec.get("node"):
        reader.refuse("spec.node", "found no node", "name the node that the interface belongs to")
    if not spec.get("interfaceName") and not spec.get("expectedIPs"):
        reason = "found neither interfaceName nor expectedIPs, expected at least one of them"
        reader.refuse("spec.interfaceName", reason, "name the interface, or '*' for all of the node's")
    expected = tuple(text for text, _ in addresses)
    return HostEndpoint(metadata, policy.place, node, interface, expected, reader.doubts > 0)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
