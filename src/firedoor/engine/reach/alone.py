"""One profile on its own: what rules mean by it, and who of the cluster-wide policies selects it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from msgspec import structs

from firedoor.engine.reach.layers import Layer, PolicyRank, PolicyTier
from firedoor.engine.reach.order import KUBERNETES, Order
from firedoor.engine.reach.profiles import Profiles

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from numpy.typing import NDArray

    from firedoor.engine.reach.layers import Policy
    from firedoor.engine.reach.peers import PeerIndex
    from firedoor.engine.reach.profiles import Profile
    from firedoor.engine.reach.scene import Scene
    from firedoor.model.networkpolicy import Direction
    from firedoor.model.typed_policies import TypedPolicies

ITSELF: NDArray[np.int32] = np.zeros(1, dtype=np.int32)
"""The only profile of an index of one."""


@dataclass(frozen=True, slots=True)
class Alone:
    """A profile, the columns with no other profile, and the layers of all policies but NetworkPolicies."""

    profiles: Profiles
    index: PeerIndex
    layers: Mapping[Direction, list[Layer]]
    meaning: Mapping[Direction, list[Layer]]
    """The layers with no more than the rules that mean the profile: most mean others."""

    @classmethod
    def of(
        cls,
        profile: Profile,
        scene: Scene,
        typed: TypedPolicies,
        namespaces: Mapping[str, dict[str, str]],
        directions: Iterable[Direction],
    ) -> Alone:
        """Compile what is asked of one profile; there are no policies of Calico or of Cilium, and no mesh."""
        profiles = Profiles.of([profile])
        spaces = {profile.namespace: namespaces[profile.namespace]} if profile.namespace else {}
        index = scene.index.of(profiles, spaces)
        order = Order(replace(scene, members=(), index=index), typed)
        layers = {direction: order.layers(direction, ()) for direction in directions}
        meaning = {direction: list(map(_meaning, found)) for direction, found in layers.items()}
        return cls(profiles, index, layers, meaning)

    def selecting(self, direction: Direction) -> frozenset[int]:
        """Return the identities of the written policies besides NetworkPolicies that apply to the profile."""
        found = (each for layer in self.layers[direction] for each in layer.policies)
        return frozenset(id(each.policy) for each in found if len(each.selected))


def _meaning(layer: Layer) -> Layer:
    """Return a layer with the rules that mean the only profile of an index, on whomever they are."""
    found: list[PolicyTier] = []
    for tier in layer.tiers:
        ranks = [PolicyRank(_meant(rank.policies), rank.is_union) for rank in tier.ranks]
        found.append(replace(tier, ranks=tuple([rank for rank in ranks if rank.policies])))
    return replace(layer, tiers=tuple(found))


def _meant(policies: Iterable[Policy]) -> tuple[Policy, ...]:
    """Return what is left of policies that isolate nobody: those without rules say nothing."""
    found: list[Policy] = []
    for policy in policies:
        rules = tuple([each for each in policy.rules if each.peers.may_hold(0)])
        if rules:
            found.append(structs.replace(policy, selected=ITSELF, rules=rules))
    return tuple(found)


def asked(layers: Iterable[Layer], compiled: tuple[Policy, ...], selecting: Container[int]) -> list[Layer]:
    """
    Return layers as one profile meets them: with these NetworkPolicies, and those of the others that select it.

    `selecting` has the identities of these others, as they are written.
    """
    return [replace(layer, tiers=tuple([_met(tier, compiled, selecting) for tier in layer.tiers])) for layer in layers]


def _met(tier: PolicyTier, compiled: tuple[Policy, ...], selecting: Container[int]) -> PolicyTier:
    if tier.name == KUBERNETES:
        return PolicyTier(KUBERNETES, (PolicyRank(compiled, is_union=True),), denies_rest=True)
    # Most ranks hold no policy that selects it.
    ranks = [rank for rank in (_selecting(each, selecting) for each in tier.ranks) if rank.policies]
    return replace(tier, ranks=tuple(ranks))


def _selecting(rank: PolicyRank, selecting: Container[int]) -> PolicyRank:
    found = [
        each if each.selected is ITSELF else structs.replace(each, selected=ITSELF)
        for each in rank.policies
        if id(each.policy) in selecting
    ]
    return PolicyRank(tuple(found), rank.is_union)
