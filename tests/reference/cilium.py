"""
The reference semantics of Cilium's policies, for one connection.

CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy (``cilium.io/v2``) hold one
rule in ``spec`` and more in ``specs``. A rule that has an ``endpointSelector`` and,
for a direction, at least one element that allows or denies, cuts off the pods it
selects from all but what is allowed, unless its ``enableDefaultDeny`` says
otherwise. All that any rule allows is allowed, and so is all that NetworkPolicies
accept; one that denies beats them all. That includes what Cilium allows by itself,
connections from the pod's own node. Rules with a ``nodeSelector`` are for nodes
and not read.

Written to be read against the API documentation and Cilium's sources, not to be
fast. Expects policies that Cilium accepts. What a peer may be is enumerated, and
where the answer is not the same for all it may be, the answer is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.reference import networkpolicy
from tests.reference.cilium_labels import pod_labels, subject_matches
from tests.reference.cilium_peers import Possibility, possibilities
from tests.reference.cilium_rules import rule_matches
from tests.reference.domains import DomainName
from tests.reference.endpoints import RefPod, pods
from tests.reference.manifests import Manifest, items, namespace_of, objects, section
from tests.reference.matches import Match, any_of
from tests.reference.networkpolicy import Connection, Direction, Options, Verdict, by_both_ends, subject_and_peer
from tests.reference.tiers import (
    UNDECIDED,
    Outcome,
    Outcomes,
    if_matched,
    in_order,
    tier_by_tier,
    verdict_of,
)

__all__ = [
    "Connection",
    "Direction",
    "DomainName",
    "Options",
    "RefPod",
    "Verdict",
    "decide",
    "decide_direction",
    "is_own_node",
    "pods",
    "settled_by",
    "stage",
]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a policy, in the namespace of that policy, if it is of one."""

    namespace: str | None
    spec: Manifest

    def selects(self, cluster: list[Manifest], pod: RefPod) -> bool:
        """Return whether the rule is for a pod (``endpointSelector``)."""
        selector = self.spec.get("endpointSelector")
        return selector is not None and subject_matches(selector, self.namespace, pod_labels(cluster, pod))

    def allowing(self, direction: Direction) -> list[Manifest]:
        """Return what the rule allows (``ingress``, ``egress``)."""
        return items(self.spec, direction.value.lower())

    def denying(self, direction: Direction) -> list[Manifest]:
        """Return what the rule denies (``ingressDeny``, ``egressDeny``)."""
        return items(self.spec, direction.value.lower() + "Deny")

    def isolates(self, direction: Direction) -> bool:
        """Return whether the pods it selects are cut off from all that nothing allows (``enableDefaultDeny``)."""
        wanted = section(self.spec, "enableDefaultDeny").get(direction.value.lower()) is not False
        return wanted and bool(self.allowing(direction) or self.denying(direction))


def decide_direction(
    cluster: list[Manifest], connection: Connection, direction: Direction, options: Options
) -> Verdict:
    """
    Return what the policies of one end say: those of Cilium and NetworkPolicies together.

    They say nothing against the connection when that end is no pod, is on the
    host network, or talks to itself.
    """
    ends = subject_and_peer(connection, direction)
    if not options.enforced or ends is None:
        return Verdict.ACCEPTED
    outcomes: Outcomes = frozenset()
    for each in possibilities(cluster, *ends):
        outcomes |= tier_by_tier([stage(cluster, connection, direction, each, options)])
    return verdict_of(outcomes)


decide = by_both_ends(decide_direction)


def stage(
    cluster: list[Manifest], connection: Connection, direction: Direction, peer: Possibility, options: Options
) -> Outcomes:
    """
    Return what the policies may come to for one thing that the peer may be: those of Cilium and NetworkPolicies.

    They are undecided only where none isolates the subject in the direction.
    """
    settled = settled_by(connection, direction, peer)
    rules = [rule for rule in _rules(cluster) if rule.selects(cluster, peer.subject)]

    def matches(rule: Rule, element: Manifest) -> Match:
        return rule_matches(cluster, rule.namespace, element, direction, settled, peer, options)

    denied = any_of(matches(rule, element) for rule in rules for element in rule.denying(direction))
    if is_own_node(peer, direction):
        return in_order([if_matched(denied, Outcome.DENY), frozenset({Outcome.ACCEPT})])
    allowed = any_of(matches(rule, element) for rule in rules for element in rule.allowing(direction))
    isolated = any(rule.isolates(direction) for rule in rules)
    if networkpolicy.isolating(cluster, peer.subject, direction):
        accepted = networkpolicy.decide_direction(cluster, settled, direction, options)
        allowed, isolated = any_of([allowed, _match(accepted)]), True
    rest = frozenset({Outcome.DENY}) if isolated else UNDECIDED
    return in_order([if_matched(denied, Outcome.DENY), if_matched(allowed, Outcome.ACCEPT), rest])


def is_own_node(peer: Possibility, direction: Direction) -> bool:
    """Return whether the peer is the subject's own node, which only rules that deny keep out."""
    return direction is Direction.INGRESS and peer.is_local_host


def _rules(cluster: list[Manifest]) -> Iterator[Rule]:
    for policy in objects(cluster, "cilium.io", "CiliumNetworkPolicy"):
        yield from (Rule(namespace_of(policy), spec) for spec in _specs(policy))
    for policy in objects(cluster, "cilium.io", "CiliumClusterwideNetworkPolicy"):
        yield from (Rule(None, spec) for spec in _specs(policy))


def _specs(policy: Manifest) -> list[Manifest]:
    return [section(policy, "spec"), *items(policy, "specs")]


def settled_by(connection: Connection, direction: Direction, peer: Possibility) -> Connection:
    """Return the connection between ends that are where this possibility puts them."""
    if direction is Direction.INGRESS:
        return replace(connection, src=peer.peer, dst=peer.subject)
    return replace(connection, src=peer.subject, dst=peer.peer)


def _match(verdict: Verdict) -> Match:
    return {Verdict.ACCEPTED: Match.YES, Verdict.UNKNOWN: Match.MAYBE, Verdict.DENIED: Match.NO}[verdict]
