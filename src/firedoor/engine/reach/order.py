"""
The order in which the policies of all APIs are asked, put together in one place.

Within one layer: the Admin tier of ClusterNetworkPolicies, then Calico's tiers (of
which one holds the NetworkPolicies of Kubernetes) or the one tier of Cilium's policies
and those of Kubernetes, then the Baseline tier. To Calico the Admin and the Baseline
tier are tiers of its own, before, between and behind which others stand and which may
hold policies of Calico as well. Layers must all agree; another one is
the mesh of Istio, which is asked at the destination only. In a cluster with policies of
Calico and of Cilium each plugin asks its own, and those of Kubernetes, in its own layer.
"""

from __future__ import annotations

from itertools import groupby
from math import inf
from operator import itemgetter
from typing import TYPE_CHECKING

from firedoor.engine.reach.dialects import clusterpolicy, networkpolicy
from firedoor.engine.reach.dialects.calico import vocabulary as calico_vocabulary
from firedoor.engine.reach.dialects.calico.tiers import CalicoTiers
from firedoor.engine.reach.dialects.cilium import vocabulary as cilium_vocabulary
from firedoor.engine.reach.dialects.cilium.guises import PLAIN, Guise
from firedoor.engine.reach.dialects.cilium.tiers import CiliumTier
from firedoor.engine.reach.dialects.istio import vocabulary as istio_vocabulary
from firedoor.engine.reach.dialects.istio.layer import MeshLayer
from firedoor.engine.reach.layers import Layer, PolicyRank, PolicyTier
from firedoor.model.calico import KUBE_ADMIN, KUBE_BASELINE
from firedoor.model.clusterpolicy import BASELINE_ADMIN_PRIORITY, ClusterPolicy, Tier
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.engine.reach.dialects.networkpolicy import CompiledNetworkPolicy
    from firedoor.engine.reach.dialects.written import WrittenPolicies
    from firedoor.engine.reach.layers import Policy
    from firedoor.engine.reach.scene import Scene
    from firedoor.engine.reach.vocabulary import Vocabulary
    from firedoor.model.calico import CalicoPolicy
    from firedoor.model.members import Member
    from firedoor.model.snapshot import Snapshot
    from firedoor.model.typed_policies import TypedPolicies

KUBERNETES = "NetworkPolicy"
"""The tier of the NetworkPolicies of Kubernetes, where no plugin has them in one of its own."""


def collect(
    snapshot: Snapshot,
    written: WrittenPolicies,
    typed: TypedPolicies,
    members: Sequence[Member],
    cni: CniProfile,
    vocabulary: Vocabulary,
) -> None:
    """Add what the policies of every API name to the vocabulary."""
    networkpolicy.collect(written, cni, vocabulary)
    clusterpolicy.collect(typed.cluster, snapshot.nodes, vocabulary)
    calico_vocabulary.collect(typed, snapshot, members, vocabulary)
    cilium_vocabulary.collect(typed, snapshot, vocabulary)
    istio_vocabulary.collect(typed, snapshot, vocabulary)
    if vocabulary.blocks and cni.enforced and not cni.ipblock_matches_nodes:
        vocabulary.node_addresses.update(each for node in snapshot.nodes for each in node.addresses)


class Order:
    """Compiles policies into the layers of each direction."""

    def __init__(self, scene: Scene, typed: TypedPolicies) -> None:
        """Prepare what both directions need."""
        self._scene = scene
        self._typed = typed
        self._calico = CalicoTiers(scene, typed) if typed.calico else None
        self.cilium = CiliumTier(scene, typed) if typed.cilium else None
        self._mesh = MeshLayer(scene, typed).layer if istio_vocabulary.is_needed(typed) else None

    def layers(
        self, direction: Direction, compiled: Sequence[CompiledNetworkPolicy], guise: Guise = PLAIN
    ) -> list[Layer]:
        """
        Return what must agree in one direction; `compiled` are the NetworkPolicies of Kubernetes.

        `guise` is that of the peers where there are policies of Cilium. About a pod's
        own node, only these are asked at ingress.
        """
        own = None if self.cilium is None else self.cilium.tier(direction, compiled, guise)
        if own is not None and guise.own_node and direction is Direction.INGRESS:
            return [Layer("network", (own,))]
        found = [Layer("network", tuple(self._tiers(direction, compiled, own)))]
        if own is not None and self._calico is not None:
            found.append(Layer("cilium", (own,)))
        if self._mesh is not None and direction is Direction.INGRESS:
            found.append(self._mesh)
        return found

    def _tiers(
        self, direction: Direction, compiled: Sequence[CompiledNetworkPolicy], cilium: PolicyTier | None
    ) -> list[PolicyTier]:
        scene = self._scene
        admin, baseline = (
            clusterpolicy.tier(which, self._typed.cluster, direction, scene.index, scene.axis, scene.snapshot.nodes)
            for which in (Tier.ADMIN, Tier.BASELINE)
        )
        if self._calico is None:
            rank = PolicyRank(compiled, is_union=True)
            return [admin, cilium or PolicyTier(KUBERNETES, (rank,), denies_rest=True), baseline]
        tiers = {(order, tier.name): tier for order, tier in self._calico.tiers(direction, compiled)}
        for place, tier in ((KUBE_ADMIN.rank, admin), (KUBE_BASELINE.rank, baseline)):
            tiers[place] = _joined(tier, tiers[place]) if place in tiers else tier
        return [tiers[place] for place in sorted(tiers)]


def _joined(cluster: PolicyTier, calico: PolicyTier) -> PolicyTier:
    """
    Return a tier that holds the policies of both APIs, in one order of ``priority`` and ``order``.

    Which of a cluster-wide policy and others of equal order wins is left open.
    """
    ordered = sorted(((_order(policy.policy), policy) for policy in _policies(cluster, calico)), key=itemgetter(0))
    ranks = [
        rank for _, equal in groupby(ordered, key=itemgetter(0)) for rank in _ranks([policy for _, policy in equal])
    ]
    return PolicyTier(calico.name, tuple(ranks), denies_rest=calico.denies_rest)


def _policies(*tiers: PolicyTier) -> Iterator[Policy]:
    return (policy for tier in tiers for rank in tier.ranks for policy in rank.policies)


def _order(policy: ClusterPolicy | CalicoPolicy) -> float:
    """Return the order of a policy; that of a BaselineAdminNetworkPolicy is that of one without order."""
    if isinstance(policy, ClusterPolicy):
        return inf if policy.priority == BASELINE_ADMIN_PRIORITY else policy.priority
    return policy.rank[0]


def _ranks(equal: Sequence[Policy]) -> list[PolicyRank]:
    """Return policies of one order: those of Calico in their order, each of the others as an alternative to all."""
    of_cluster = [each for each in equal if isinstance(each.policy, ClusterPolicy)]
    if not of_cluster:
        return [PolicyRank((each,), is_union=False) for each in equal]
    own = [each for each in equal if not isinstance(each.policy, ClusterPolicy)]
    cases = (*range(len(of_cluster)), *(len(of_cluster) for _ in own))
    return [PolicyRank((*of_cluster, *own), is_union=False, cases=cases if own else ())]
