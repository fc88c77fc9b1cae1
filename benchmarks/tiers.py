"""ClusterNetworkPolicies judged one connection at a time, straight from their specifications."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

import msgspec

from firedoor.model.labels import LabelSelector
from firedoor.model.members import Member
from firedoor.model.networkpolicy import Direction
from firedoor.model.snapshot import Snapshot

ADMIN, BASELINE = "Admin", "Baseline"
_SIDES = {Direction.INGRESS: "from", Direction.EGRESS: "to"}
_DECISIONS = {"Accept": True, "Deny": False, "Pass": None}


@dataclass(frozen=True, slots=True)
class _Pods:
    """``namespaces`` or ``pods``, as subjects and peers have them; never a pod on the network of its node."""

    namespaces: LabelSelector
    pods: LabelSelector

    def match(self, member: Member, namespaces: Mapping[str, Mapping[str, str]]) -> bool:
        return (
            not member.host_network
            and self.namespaces.matches(namespaces[member.namespace])
            and self.pods.matches(member.labels)
        )


@dataclass(frozen=True, slots=True)
class _Networks:
    """``networks``: addresses, whoever has them."""

    blocks: tuple[IPv4Network | IPv6Network, ...]

    def match(self, member: Member, _namespaces: Mapping[str, Mapping[str, str]]) -> bool:
        return any(ip_address(address) in block for address in member.addresses for block in self.blocks)


@dataclass(frozen=True, slots=True)
class _Rule:
    decision: bool | None
    peers: tuple[_Pods | _Networks, ...]
    protocols: tuple[dict[str, Any], ...] | None


@dataclass(frozen=True, slots=True)
class _Policy:
    tier: str
    subject: _Pods
    rules: dict[Direction, tuple[_Rule, ...]]


class ClusterTiers:
    """The Admin and Baseline tiers of ``policy.networking.k8s.io/v1alpha2``, without its experimental fields."""

    def __init__(self, snapshot: Snapshot, namespaces: Mapping[str, Mapping[str, str]]) -> None:
        self._namespaces = namespaces
        specs = [each.spec for each in snapshot.policy_objects if each.kind == "ClusterNetworkPolicy"]
        self._policies = [_policy(spec) for spec in sorted(specs, key=lambda each: each["priority"])]

    def decide(
        self, tier: str, direction: Direction, subject: Member, peer: Member, protocol: str, port: int
    ) -> bool | None:
        """Return whether the tier accepts or denies; None where no rule matches or the first that does is a Pass."""
        for policy in self._policies:
            if policy.tier != tier or not policy.subject.match(subject, self._namespaces):
                continue
            for rule in policy.rules[direction]:
                if self._matches(rule, peer, protocol, port):
                    return rule.decision
        return None

    def _matches(self, rule: _Rule, peer: Member, protocol: str, port: int) -> bool:
        if rule.protocols is not None and not any(_port(each, protocol, port) for each in rule.protocols):
            return False
        return any(each.match(peer, self._namespaces) for each in rule.peers)


def _policy(spec: dict[str, Any]) -> _Policy:
    rules = {
        direction: tuple(
            _Rule(_DECISIONS[rule["action"]], tuple(map(_peer, rule[side])), rule.get("protocols"))
            for rule in spec.get(str(direction), ())
        )
        for direction, side in _SIDES.items()
    }
    return _Policy(spec["tier"], _pods(spec["subject"]), rules)


def _peer(value: dict[str, Any]) -> _Pods | _Networks:
    if "networks" in value:
        return _Networks(tuple(ip_network(cidr) for cidr in value["networks"]))
    return _pods(value)


def _pods(value: dict[str, Any]) -> _Pods:
    if "namespaces" in value:
        return _Pods(_selector(value["namespaces"]), LabelSelector())
    return _Pods(_selector(value["pods"]["namespaceSelector"]), _selector(value["pods"]["podSelector"]))


def _selector(value: dict[str, Any]) -> LabelSelector:
    return msgspec.convert(value, LabelSelector)


def _port(each: dict[str, Any], protocol: str, port: int) -> bool:
    if protocol.lower() not in each:
        return False
    wanted = each[protocol.lower()]["destinationPort"]
    if "number" in wanted:
        return bool(wanted["number"] == port)
    return bool(wanted["range"]["start"] <= port <= wanted["range"]["end"])
