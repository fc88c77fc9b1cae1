"""
The reference semantics of ``policy.networking.k8s.io``, for one connection.

``ClusterNetworkPolicy`` (v1alpha2) and its ancestors ``AdminNetworkPolicy`` and
``BaselineAdminNetworkPolicy`` (v1alpha1), together with the NetworkPolicies
between their two tiers. Written to be read against the API documentation, not
to be fast. Expects policies that the API server accepts.
"""

from __future__ import annotations

from math import inf

from tests.reference.cnp_peers import elsewhere_matches, pods_match, subject_matches
from tests.reference.cnp_ports import ports_match
from tests.reference.manifests import Manifest, items, name_of, objects, section
from tests.reference.matches import Match, all_of, any_of
from tests.reference.networkpolicy import (
    Connection,
    Direction,
    Options,
    Verdict,
    by_both_ends,
    isolating,
    subject_and_peer,
)
from tests.reference.networkpolicy import decide_direction as decide_network_policies
from tests.reference.tiers import (
    UNDECIDED,
    Outcome,
    Outcomes,
    by_order,
    if_matched,
    in_order,
    outcomes_of,
    tier_by_tier,
    unless_from_own_node,
    verdict_of,
)

__all__ = [
    "Connection",
    "Direction",
    "Options",
    "Verdict",
    "admin_stage",
    "baseline_stage",
    "decide",
    "decide_direction",
    "network_policy_stage",
    "stages",
]

GROUP = "policy.networking.k8s.io"
ACTIONS = {"Accept": Outcome.ACCEPT, "Allow": Outcome.ACCEPT, "Deny": Outcome.DENY, "Pass": Outcome.PASS}
POD_PEERS = ("namespaces", "pods")
EGRESS_PEERS = {
    "ClusterNetworkPolicy": (*POD_PEERS, "nodes", "networks", "domainNames"),
    "AdminNetworkPolicy": (*POD_PEERS, "nodes", "networks", "domainNames"),
    "BaselineAdminNetworkPolicy": (*POD_PEERS, "nodes", "networks"),
}


def decide_direction(
    cluster: list[Manifest], connection: Connection, direction: Direction, options: Options
) -> Verdict:
    """
    Return what the policies of one end say: Admin tier, NetworkPolicies, Baseline tier, and else accepted.

    They say nothing against the connection when that end is no pod, is on the
    host network, or talks to itself. Neither do they when a pod is contacted
    from its own node. This API leaves that case open; here the exemption that
    NetworkPolicy makes for health checks holds for every tier.
    """
    ends = subject_and_peer(connection, direction)
    if not options.enforced or ends is None:
        return Verdict.ACCEPTED
    outcomes = tier_by_tier(
        [
            admin_stage(cluster, connection, direction),
            network_policy_stage(cluster, connection, direction, options),
            baseline_stage(cluster, connection, direction),
        ]
    )
    if direction is Direction.INGRESS:
        outcomes = unless_from_own_node(cluster, *ends, outcomes)
    return verdict_of(outcomes)


decide = by_both_ends(decide_direction)


def admin_stage(cluster: list[Manifest], connection: Connection, direction: Direction) -> Outcomes:
    """Return what the Admin tier of one end may come to; undecided where no policy of it matches."""
    return by_order(stages(cluster, "Admin", connection, direction))


def baseline_stage(cluster: list[Manifest], connection: Connection, direction: Direction) -> Outcomes:
    """Return what the Baseline tier of one end may come to; undecided where no policy of it matches."""
    return by_order(stages(cluster, "Baseline", connection, direction))


def stages(
    cluster: list[Manifest], tier: str, connection: Connection, direction: Direction
) -> list[tuple[float, Outcomes]]:
    """
    Return what the policies of one tier may come to, each with its priority, of which the lowest number goes first.

    A ``ClusterNetworkPolicy`` whose ``spec.tier`` is Admin and an
    ``AdminNetworkPolicy`` stand in one order of ``spec.priority``. Of policies with
    one priority that match a connection any may be applied. The
    ``BaselineAdminNetworkPolicy``, of which only the one named ``default``
    exists, has no priority and comes after every ``ClusterNetworkPolicy``.
    """
    policies = [
        policy
        for policy in objects(cluster, GROUP, "ClusterNetworkPolicy")
        if section(policy, "spec").get("tier") == tier
    ]
    if tier == "Admin":
        policies += objects(cluster, GROUP, "AdminNetworkPolicy")
    found = [(float(policy["spec"]["priority"]), policy) for policy in policies]
    if tier == "Baseline":
        last = objects(cluster, GROUP, "BaselineAdminNetworkPolicy")
        found += [(inf, policy) for policy in last if name_of(policy) == "default"]
    return [(priority, policy_outcomes(cluster, policy, connection, direction)) for priority, policy in found]


def network_policy_stage(
    cluster: list[Manifest], connection: Connection, direction: Direction, options: Options
) -> Outcomes:
    """Return what NetworkPolicies may come to: undecided only where none isolates the subject in the direction."""
    ends = subject_and_peer(connection, direction)
    if ends is None or not isolating(cluster, ends[0], direction):
        return UNDECIDED
    return outcomes_of(decide_network_policies(cluster, connection, direction, options))


def policy_outcomes(
    cluster: list[Manifest], policy: Manifest, connection: Connection, direction: Direction
) -> Outcomes:
    """
    Return what one policy may come to: the first of its rules that matches decides.

    Nothing follows from being selected alone: without a matching rule of the
    direction a policy stays undecided.
    """
    ends = subject_and_peer(connection, direction)
    if ends is None:
        return UNDECIDED
    field = "ingress" if direction is Direction.INGRESS else "egress"
    rules = items(section(policy, "spec"), field)
    decided = in_order(_rule_outcomes(cluster, policy["kind"], rule, connection, direction) for rule in rules)
    return {
        Match.YES: decided,
        Match.MAYBE: decided | UNDECIDED,
        Match.NO: UNDECIDED,
    }[subject_matches(cluster, policy, ends[0])]


def _rule_outcomes(
    cluster: list[Manifest], kind: str, rule: Manifest, connection: Connection, direction: Direction
) -> Outcomes:
    """
    Return what one rule may come to; it takes both a peer and a port to match.

    With a peer that sets no field of this version of the API a rule fails
    closed: one that accepts matches no traffic, any other denies all traffic.
    """
    action, peers = ACTIONS[rule["action"]], items(rule, "from" if direction is Direction.INGRESS else "to")
    known = POD_PEERS if direction is Direction.INGRESS else EGRESS_PEERS[kind]
    if not all(any(peer.get(field) is not None for field in known) for peer in peers):
        return UNDECIDED if action is Outcome.ACCEPT else frozenset({Outcome.DENY})
    other = connection.src if direction is Direction.INGRESS else connection.dst
    by_pods = all_of([pods_match(cluster, peers, other), ports_match(rule, connection, named=True)])
    by_place = all_of(
        [
            elsewhere_matches(cluster, peers, other, accepting=action is Outcome.ACCEPT),
            ports_match(rule, connection, named=False),
        ]
    )
    return if_matched(any_of([by_pods, by_place]), action)
