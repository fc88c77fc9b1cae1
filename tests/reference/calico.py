"""
The reference semantics of Calico policy (``projectcalico.org/v3``), for one connection.

Covers NetworkPolicy, GlobalNetworkPolicy, Tier, NetworkSet, GlobalNetworkSet and,
beside them, the NetworkPolicies of Kubernetes. Written to be read against the API
documentation, not to be fast. Expects objects that the API server accepts.
Staged policies are of other kinds, and nothing here asks about those. Policies
for hosts, that is for HostEndpoints, are left out. The options say how blocks
of Kubernetes policies match; the nets of Calico match pods and nodes in any case.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from math import inf

from tests.reference import networkpolicy
from tests.reference.calico_candidates import calico_objects, pod_candidate
from tests.reference.calico_rules import Case, rule_matches
from tests.reference.calico_selectors import selects
from tests.reference.endpoints import RefPod
from tests.reference.manifests import (
    Manifest,
    group_of,
    items,
    name_of,
    namespace_of,
    objects,
    section,
    strings,
)
from tests.reference.networkpolicy import (
    Connection,
    Direction,
    Match,
    Options,
    Verdict,
    by_both_ends,
    policy_types,
    selector_matches,
    subject_and_peer,
)
from tests.reference.tiers import (
    Outcome,
    Outcomes,
    by_order,
    if_matched,
    in_order,
    tier_by_tier,
    unless_from_own_node,
    verdict_of,
)

__all__ = [
    "Connection",
    "Direction",
    "Options",
    "Stages",
    "Verdict",
    "asked_tiers",
    "decide",
    "decide_direction",
    "own_policies",
    "policy_order",
    "tier_outcomes",
    "tiers",
]

KUBERNETES = "networking.k8s.io"
KUBERNETES_ORDER = 1000.0
DEFAULT_TIER = "default"
ACTIONS = {"Allow": Outcome.ACCEPT, "Deny": Outcome.DENY, "Pass": Outcome.PASS}

Stages = list[tuple[float, Outcomes]]
"""What policies of one tier may come to, each with its order; those of one order are one stage."""


@dataclass(frozen=True, slots=True)
class Tier:
    """A step of the evaluation, and what becomes of those whom its policies select but do not judge."""

    name: str
    order: float
    default: Outcome


BUILT_IN = (
    Tier("kube-admin", 1_000.0, Outcome.PASS),
    Tier(DEFAULT_TIER, 1_000_000.0, Outcome.DENY),
    Tier("kube-baseline", 10_000_000.0, Outcome.PASS),
)


def decide_direction(
    cluster: list[Manifest], connection: Connection, direction: Direction, options: Options
) -> Verdict:
    """
    Return what the policies of one end say.

    The tiers are asked one after the other. Whom the last one lets pass, and
    whom no policy selects, the profile of the namespace accepts. Outcomes that
    the manifests leave open are all followed.
    """
    ends = subject_and_peer(connection, direction)
    if not options.enforced or ends is None:
        return Verdict.ACCEPTED
    asked = asked_tiers(cluster, connection, direction, options)
    outcomes = tier_by_tier(tier_outcomes(tier, by_order(stages)) for tier, stages in asked if stages)
    if direction is Direction.INGRESS:
        outcomes = unless_from_own_node(cluster, *ends, outcomes)
    return verdict_of(outcomes)


decide = by_both_ends(decide_direction)


def asked_tiers(
    cluster: list[Manifest], connection: Connection, direction: Direction, options: Options
) -> list[tuple[Tier, Stages]]:
    """Return all tiers in the order they are asked, each with the policies that select the subject."""
    ends = subject_and_peer(connection, direction)
    selecting = [policy for policy in _policies(cluster) if ends and _applies(cluster, policy, ends[0], direction)]
    known = tiers(cluster)
    undeclared = {_tier_of(policy) for policy in selecting} - {tier.name for tier in known}
    if undeclared:
        raise ValueError(f"no API server accepts a policy in a tier that does not exist: {sorted(undeclared)}")
    found = []
    for tier in known:
        of_tier = sorted((policy for policy in selecting if _tier_of(policy) == tier.name), key=policy_order)
        stages = [
            (order, in_order(_policy_outcomes(cluster, policy, connection, direction, options) for policy in equal))
            for order, equal in groupby(of_tier, key=lambda policy: policy_order(policy)[0])
        ]
        found.append((tier, stages))
    return found


def tier_outcomes(tier: Tier, outcomes: Outcomes) -> Outcomes:
    """Return what a tier comes to whose policies select the subject: its default action if these are undecided."""
    return in_order([outcomes, frozenset({tier.default})])


def own_policies(cluster: list[Manifest]) -> list[Manifest]:
    """Return the policies of Calico itself that are enforced."""
    return [*calico_objects(cluster, "NetworkPolicy"), *calico_objects(cluster, "GlobalNetworkPolicy")]


def tiers(cluster: list[Manifest]) -> list[Tier]:
    """Return the tiers in the order they are asked: by ``spec.order``, an unset one last, then by name."""
    found = {tier.name: tier for tier in BUILT_IN}
    for manifest in calico_objects(cluster, "Tier"):
        spec = section(manifest, "spec")
        name, default = name_of(manifest), ACTIONS[spec.get("defaultAction") or "Deny"]
        found[name] = Tier(name, _order(spec), default)
    return sorted(found.values(), key=lambda tier: (tier.order, tier.name))


def policy_order(policy: Manifest) -> tuple[float, str]:
    """
    Return what policies of one tier are sorted by: ``spec.order``, an unset one last, and a text.

    The text is name, namespace and kind with slashes between them, compared as
    a whole. The NetworkPolicies of Kubernetes all have the order 1000.
    """
    if group_of(policy) == KUBERNETES:
        return KUBERNETES_ORDER, f"{name_of(policy)}/{namespace_of(policy)}/KubernetesNetworkPolicy"
    kind = policy["kind"]
    namespace = namespace_of(policy) if kind == "NetworkPolicy" else ""
    return _order(section(policy, "spec")), f"{name_of(policy)}/{namespace}/{kind}"


def calico_types(policy: Manifest) -> list[str]:
    """Return the directions a policy applies to (``spec.types``); those it has rules for, or else Ingress."""
    spec = section(policy, "spec")
    ingress, egress = bool(spec.get("ingress")), bool(spec.get("egress"))
    return strings(spec, "types") or ["Ingress"] * (ingress or not egress) + ["Egress"] * egress


def _order(spec: Manifest) -> float:
    order = spec.get("order")
    return inf if order is None else float(order)


def _policies(cluster: list[Manifest]) -> list[Manifest]:
    """Policies before DNAT or without connection tracking are for hosts only; those for forwarded traffic are not."""
    own = [(policy, section(policy, "spec")) for policy in own_policies(cluster)]
    for_pods = [policy for policy, spec in own if not (spec.get("preDNAT") or spec.get("doNotTrack"))]
    return [*objects(cluster, KUBERNETES, "NetworkPolicy"), *for_pods]


def _tier_of(policy: Manifest) -> str:
    """A policy that names no tier (``spec.tier``) is in the default one, as are those of Kubernetes."""
    if group_of(policy) == KUBERNETES:
        return DEFAULT_TIER
    return str(section(policy, "spec").get("tier") or DEFAULT_TIER)


def _applies(cluster: list[Manifest], policy: Manifest, subject: RefPod, direction: Direction) -> bool:
    """Whether a policy selects a pod for a direction: a namespaced one in its namespace only."""
    spec = section(policy, "spec")
    if policy["kind"] == "NetworkPolicy" and namespace_of(policy) != subject.namespace:
        return False
    if group_of(policy) == KUBERNETES:
        selected = selector_matches(section(spec, "podSelector"), subject.labels)
        return selected and direction.value in policy_types(policy)
    pod = pod_candidate(cluster, subject)
    place = spec.get("namespaceSelector") if policy["kind"] == "GlobalNetworkPolicy" else None
    return (
        direction.value in calico_types(policy)
        and selects(spec.get("selector") or "", pod.labels)
        and selects(spec.get("serviceAccountSelector") or "", pod.account_labels)
        and selects(place or "", pod.namespace_labels or {})
    )


def _policy_outcomes(
    cluster: list[Manifest], policy: Manifest, connection: Connection, direction: Direction, options: Options
) -> Outcomes:
    """
    Return what a policy may come to: the first of its rules that matches decides, one that logs decides nothing.

    A NetworkPolicy of Kubernetes accepts what its rules match, and leaves the rest to others.
    """
    if group_of(policy) == KUBERNETES:
        return if_matched(_kubernetes_rules_match(cluster, policy, connection, direction, options), Outcome.ACCEPT)
    namespace = namespace_of(policy) if policy["kind"] == "NetworkPolicy" else None
    case = Case(cluster, connection, namespace)
    return in_order(
        if_matched(rule_matches(case, rule), ACTIONS[rule["action"]])
        for rule in items(section(policy, "spec"), direction.value.lower())
        if rule["action"] != "Log"
    )


def _kubernetes_rules_match(
    cluster: list[Manifest], policy: Manifest, connection: Connection, direction: Direction, options: Options
) -> Match:
    """Ask what the policy accepts where it is the only one."""
    alone = [*objects(cluster, "", "Namespace"), policy]
    verdict = networkpolicy.decide_direction(alone, connection, direction, options)
    return {Verdict.ACCEPTED: Match.YES, Verdict.UNKNOWN: Match.MAYBE, Verdict.DENIED: Match.NO}[verdict]
