"""
Objects of ``policy.networking.k8s.io`` into cluster-wide policies.

What the schemas and the CEL rules of the custom resources refuse is refused here;
what they let through without a meaning makes the rules around it unsure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firedoor.model.clusterpolicy import (
    BASELINE_ADMIN_PRIORITY,
    HIGHEST_PRIORITY_VALUE,
    Action,
    ClusterPolicy,
    ClusterRule,
    DomainsPeer,
    NetworksPeer,
    NodesPeer,
    Tier,
)
from firedoor.model.clusterpolicy_dialects import DIALECTS, INGRESS_PEERS, Dialect
from firedoor.model.clusterpolicy_peers import doubt_domains, read_peer, read_subject
from firedoor.model.clusterpolicy_ports import read_ports
from firedoor.model.networkpolicy import Direction
from firedoor.model.untyped import Reader, described, either

if TYPE_CHECKING:
    from firedoor.model.faults import Fault
    from firedoor.model.policies import PolicyObject

LONGEST_RULE_NAME = 100


def parse_cluster_policy(policy: PolicyObject) -> tuple[ClusterPolicy | None, tuple[Fault, ...]]:
    """Return the policy, or None where an API server refuses the object, and what is wrong with it."""
    reader = Reader()
    parsed = _policy(reader, policy)
    return (None if reader.is_refused else parsed), tuple(reader.faults)


def _policy(reader: Reader, policy: PolicyObject) -> ClusterPolicy | None:
    dialect = _dialect(reader, policy)
    if dialect is None or not reader.is_mapping(policy.spec, "spec"):
        return None
    spec: dict[str, Any] = policy.spec
    if dialect.only_name and policy.metadata.name != dialect.only_name:
        reason = f"found {described(policy.metadata.name)}, expected {dialect.only_name!r}: a cluster has one at most"
        reader.refuse("metadata.name", reason, f"rename it to {dialect.only_name}")
    reader.unknown(spec, dialect.fields, "spec")
    tier = _tier(reader, spec) if dialect.has_tier else (Tier.ADMIN if dialect.has_priority else Tier.BASELINE)
    priority = _priority(reader, spec) if dialect.has_priority else BASELINE_ADMIN_PRIORITY
    subject = read_subject(reader, spec, dialect)
    is_unsure = reader.doubts > 0
    ingress, egress = (_rules(reader, spec, direction, dialect, is_unsure=is_unsure) for direction in Direction)
    if tier is None or priority is None or subject is None:
        return None
    return ClusterPolicy(policy.kind, policy.metadata, tier, priority, subject, ingress, egress, policy.place)


def _dialect(reader: Reader, policy: PolicyObject) -> Dialect | None:
    """Return how the kind and version is written; that of the newest version for one that is not known."""
    versions = DIALECTS.get(policy.kind)
    if versions is None:
        reader.refuse("kind", f"found {described(policy.kind)}, expected {either(tuple(DIALECTS))}")
        return None
    version = policy.api_version.rpartition("/")[2]
    if version not in versions:
        reason = f"found {described(policy.api_version)}, and {policy.kind} is known as {either(tuple(versions))}"
        reader.doubt("apiVersion", reason, f"write policy.networking.k8s.io/{next(iter(versions))}")
    return versions.get(version, tuple(versions.values())[-1])


def _tier(reader: Reader, spec: dict[str, Any]) -> Tier | None:
    expected = either(tuple(Tier))
    reader.required(spec, "tier", "spec", f"write {expected}")
    tier = reader.text(spec, "tier", "spec")
    if tier is not None and tier not in tuple(Tier):
        reader.refuse("spec.tier", f"found {described(tier)}, expected {expected}")
        return None
    return None if tier is None else Tier(tier)


def _priority(reader: Reader, spec: dict[str, Any]) -> int | None:
    remedy = f"write a number from 0, which is checked first, to {HIGHEST_PRIORITY_VALUE}"
    reader.required(spec, "priority", "spec", remedy)
    return reader.number(spec, "priority", "spec", 0, HIGHEST_PRIORITY_VALUE)


def _rules(
    reader: Reader, spec: dict[str, Any], direction: Direction, dialect: Dialect, *, is_unsure: bool
) -> tuple[ClusterRule, ...]:
    rules = []
    for rule, path in reader.mappings(spec, direction, "spec", (0, dialect.most)):
        parsed = _rule(reader, rule, path, direction, dialect, is_unsure=is_unsure)
        if parsed is not None:
            rules.append(parsed)
    return tuple(rules)


def _rule(
    reader: Reader, rule: dict[str, Any], path: str, direction: Direction, dialect: Dialect, *, is_unsure: bool
) -> ClusterRule | None:
    doubts = reader.doubts
    side, fields = ("from", INGRESS_PEERS) if direction is Direction.INGRESS else ("to", dialect.egress_peers)
    reader.unknown(rule, ("name", "action", side, dialect.ports), path)
    name, action = _name(reader, rule, path), _action(reader, rule, path, dialect)
    reader.required(rule, side, path, f"list the peers; write namespaces: {{}} under {side} for every pod")
    peers = []
    for entry, where in reader.mappings(rule, side, path, (1, dialect.most)):
        peer = read_peer(reader, entry, where, fields, dialect)
        if peer is not None and action is not None:
            doubt_domains(reader, peer, action, where)
            peers.append(peer)
    ports = read_ports(reader, rule, path, dialect)
    unnamed = [each for each in peers if isinstance(each, NodesPeer | NetworksPeer | DomainsPeer)]
    if unnamed and any(port.name for port in ports or ()):
        reason = "found a named port beside nodes, networks or domainNames, which have no named ports"
        reader.refuse(path, reason, "write the number of the port, or a rule of its own for these peers")
    if action is None:
        return None
    return ClusterRule(action, tuple(peers), ports, name, path, is_unsure or reader.doubts > doubts)


def _name(reader: Reader, rule: dict[str, Any], path: str) -> str:
    name = reader.text(rule, "name", path) or ""
    if len(name) > LONGEST_RULE_NAME:
        reader.refuse(f"{path}.name", f"found {len(name)} characters, expected {LONGEST_RULE_NAME} at most")
    return name


def _action(reader: Reader, rule: dict[str, Any], path: str, dialect: Dialect) -> Action | None:
    expected = either(tuple(dialect.actions))
    reader.required(rule, "action", path, f"write {expected}")
    action = reader.text(rule, "action", path)
    if action is not None and action not in dialect.actions:
        reader.refuse(f"{path}.action", f"found {described(action)}, expected {expected}")
    return dialect.actions.get(action) if action is not None else None
