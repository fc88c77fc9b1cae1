"""
The tiers of Calico, in the order they are asked.

The NetworkPolicies of Kubernetes are in the tier ``default``, in the order 1000. A
tier that selects a pod by some policy ends with its default action; behind the last
one the profile of the namespace accepts.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.reach.columns import NOBODY
from firedoor.engine.reach.dialects.calico.ends import Ends
from firedoor.engine.reach.dialects.calico.families import Families
from firedoor.engine.reach.dialects.calico.rules import RuleCompiler
from firedoor.engine.reach.dialects.calico.selections import Selections, is_selected
from firedoor.engine.reach.layers import PolicyRank, PolicyTier
from firedoor.engine.reach.rules import CompiledPolicy
from firedoor.model.calico import BUILT_IN_TIERS, DEFAULT_TIER, CalicoPolicy

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from firedoor.engine.reach.dialects.networkpolicy import CompiledNetworkPolicy
    from firedoor.engine.reach.scene import Scene
    from firedoor.model.networkpolicy import Direction
    from firedoor.model.typed_policies import TypedPolicies

KUBERNETES_ORDER = 1000.0

Ranked = tuple[tuple[float, str], CompiledPolicy["Any"]]


class CalicoTiers:
    """Compiles the policies of Calico, with those of Kubernetes among them."""

    def __init__(self, scene: Scene, typed: TypedPolicies) -> None:
        """Prepare what both directions need."""
        self._scene = scene
        self._typed = typed
        self._selections = Selections(scene, typed)
        self._families = Families(scene)

    def tiers(
        self, direction: Direction, kubernetes: Sequence[CompiledNetworkPolicy]
    ) -> list[tuple[float, PolicyTier]]:
        """Return the tiers with policies in `direction`, each with its order."""
        known = {each.name: each for each in (*BUILT_IN_TIERS, *self._typed.tiers)}
        members: dict[str, list[Ranked]] = {name: [] for name in known}
        members[DEFAULT_TIER] += ((_kubernetes_rank(each), each) for each in kubernetes)
        for policy in self._typed.calico:
            if policy.tier in known and policy.decides(direction) and not policy.hosts_only:
                members[policy.tier].append((policy.rank, self._policy(policy, direction)))
        found = []
        for tier in sorted(known.values(), key=lambda each: each.rank):
            ranks = _ranks(sorted(members[tier.name], key=lambda each: each[0]))
            if ranks:
                denies = tier.default_action == "Deny"
                found.append((tier.rank[0], PolicyTier(tier.name, ranks, denies_rest=denies)))
        return found

    def _policy(self, policy: CalicoPolicy, direction: Direction) -> CompiledPolicy[CalicoPolicy]:
        namespace = policy.metadata.namespace
        selected = self._selections.labelled(policy.selector)
        if namespace:
            selected = selected & self._scene.index.in_namespace(namespace)
        if policy.namespace_selector is not None:
            selected = selected & self._selections.in_namespaces(policy.namespace_selector, is_selected)
        if policy.service_account_selector is not None:
            selected = selected & self._selections.with_account(policy.service_account_selector)
        compiler = RuleCompiler(self._scene, Ends(self._scene, self._selections, namespace), self._families, direction)
        rules = tuple(each for rule in policy.rules(direction) for each in compiler.compile(rule))
        chosen = self._scene.index.columns(selected)
        if policy.unsure:
            everyone = self._scene.index.columns(self._scope(namespace))
            return CompiledPolicy(policy, NOBODY, rules, everyone)
        return CompiledPolicy(policy, chosen, rules)

    def _scope(self, namespace: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Return whom a policy that is not understood may select."""
        return self._scene.index.in_namespace(namespace) if namespace else self._selections.everyone()


def _kubernetes_rank(compiled: CompiledNetworkPolicy) -> tuple[float, str]:
    metadata = compiled.policy.metadata
    return KUBERNETES_ORDER, f"{metadata.name}/{metadata.namespace}/KubernetesNetworkPolicy"


def _ranks(ordered: Sequence[Ranked]) -> tuple[PolicyRank, ...]:
    """Return the policies one by one, those of Kubernetes that follow each other as a union: they only accept."""
    ranks: list[PolicyRank] = []
    for is_own, group in groupby(ordered, key=lambda each: isinstance(each[1].policy, CalicoPolicy)):
        policies = [each for _, each in group]
        if is_own:
            ranks += (PolicyRank((each,), is_union=False) for each in policies)
        else:
            ranks.append(PolicyRank(tuple(policies), is_union=True))
    return tuple(ranks)
