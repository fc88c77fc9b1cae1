"""
The reference semantics of the policies of several APIs in one cluster, for one connection.

The references of the single APIs say what their tiers come to; this one says in which
order the tiers are asked, and what must agree. Written to be read against the
documentation of those who enforce several APIs, not to be fast.
"""

from __future__ import annotations

from dataclasses import replace

from tests.reference import calico, cilium, clusternetworkpolicy, istio
from tests.reference.cilium_peers import Possibility, possibilities
from tests.reference.manifests import Manifest, objects
from tests.reference.networkpolicy import Connection, Direction, Options, Verdict, by_both_ends, subject_and_peer
from tests.reference.tiers import (
    Outcome,
    Outcomes,
    all_agree,
    by_order,
    outcomes_of,
    tier_by_tier,
    unless_from_own_node,
    verdict_of,
)

__all__ = ["decide", "decide_direction", "has_calico", "has_cilium"]

CLUSTER_TIERS = {"kube-admin": "Admin", "kube-baseline": "Baseline"}
"""Which tier of ``policy.networking.k8s.io`` is in a tier of Calico's."""


def decide_direction(
    cluster: list[Manifest], connection: Connection, direction: Direction, options: Options
) -> Verdict:
    """
    Return what the policies of one end say, on which network and mesh must agree.

    They say nothing against the connection when that end is no pod, is on the host
    network, talks to itself, or is contacted from its own node. Only Cilium has rules
    that keep that node out. What the peer is to Cilium may be open: then all that it
    may be is followed, and where nothing of Cilium is enforced it does not matter.
    Policies of Calico or Cilium tell who enforces those of Kubernetes: ICMP as their
    rules say.
    """
    if has_calico(cluster) or has_cilium(cluster):
        options = replace(options, icmp_as_written=True)
    ends = subject_and_peer(connection, direction)
    if ends is None:
        return Verdict.ACCEPTED
    if options.enforced and has_cilium(cluster):
        outcomes: Outcomes = frozenset()
        for peer in possibilities(cluster, *ends):
            outcomes |= _with_cilium(cluster, connection, direction, peer, options)
        return verdict_of(outcomes)
    outcomes = all_agree([_network(cluster, connection, direction, options), _mesh(cluster, connection, direction)])
    if direction is Direction.INGRESS:
        outcomes = unless_from_own_node(cluster, *ends, outcomes)
    return verdict_of(outcomes)


decide = by_both_ends(decide_direction)


def has_calico(cluster: list[Manifest]) -> bool:
    """Return whether there are policies of Calico, which tells that it enforces those of other APIs as well."""
    return bool(calico.own_policies(cluster))


def has_cilium(cluster: list[Manifest]) -> bool:
    """Return whether there are policies of Cilium, which tells that it enforces those of other APIs as well."""
    kinds = ("CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy")
    return any(True for kind in kinds for _ in objects(cluster, "cilium.io", kind))


def _with_cilium(
    cluster: list[Manifest], connection: Connection, direction: Direction, peer: Possibility, options: Options
) -> Outcomes:
    """Return what comes out for one thing that the peer may be; beside Calico, Cilium has to agree with it."""
    own = cilium.stage(cluster, connection, direction, peer, options)
    if cilium.is_own_node(peer, direction):
        return tier_by_tier([own])
    layers = [_mesh(cluster, connection, direction)]
    if has_calico(cluster):
        settled = cilium.settled_by(connection, direction, peer)
        layers += [_calico_tiers(cluster, connection, settled, direction, options), tier_by_tier([own])]
    else:
        layers.append(_between_cluster_tiers(cluster, connection, direction, own))
    return all_agree(layers)


def _mesh(cluster: list[Manifest], connection: Connection, direction: Direction) -> Outcomes:
    """The mesh speaks at the destination, whatever the network enforces."""
    at_destination = direction is Direction.INGRESS
    return outcomes_of(istio.judge_at_proxy(cluster, connection) if at_destination else Verdict.ACCEPTED)


def _network(cluster: list[Manifest], connection: Connection, direction: Direction, options: Options) -> Outcomes:
    """Return what the policies of the network say, but for those of Cilium."""
    if not options.enforced:
        return frozenset({Outcome.ACCEPT})
    if has_calico(cluster):
        return _calico_tiers(cluster, connection, connection, direction, options)
    middle = clusternetworkpolicy.network_policy_stage(cluster, connection, direction, options)
    return _between_cluster_tiers(cluster, connection, direction, middle)


def _between_cluster_tiers(
    cluster: list[Manifest], connection: Connection, direction: Direction, middle: Outcomes
) -> Outcomes:
    admin = clusternetworkpolicy.admin_stage(cluster, connection, direction)
    return tier_by_tier([admin, middle, clusternetworkpolicy.baseline_stage(cluster, connection, direction)])


def _calico_tiers(
    cluster: list[Manifest], connection: Connection, settled: Connection, direction: Direction, options: Options
) -> Outcomes:
    """
    Return what Calico's tiers come to, among which are those of the cluster-wide policies.

    There the policies of both APIs stand in one order, that of ``spec.priority`` and
    ``spec.order``. Where these are equal the cluster-wide API leaves the winner open.
    The tier's default action is for those whom policies of Calico select. ``settled`` is
    the connection between ends of which it is known whether they share a node.
    """
    reached = []
    for tier, own in calico.asked_tiers(cluster, settled, direction, options):
        of_cluster = (
            clusternetworkpolicy.stages(cluster, CLUSTER_TIERS[tier.name], connection, direction)
            if tier.name in CLUSTER_TIERS
            else []
        )
        outcomes = by_order([*own, *of_cluster])
        reached.append(calico.tier_outcomes(tier, outcomes) if own else outcomes)
    return tier_by_tier(reached)
