"""The policies of a network one by one, each with its rules, whatever API they are of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from firedoor.model.istio import AuthorizationPolicy, PeerAuthentication
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from firedoor.engine.reach.layering import Layering
    from firedoor.engine.reach.layers import Policy, PolicyTier
    from firedoor.engine.reach.network import Network
    from firedoor.engine.reach.rules import AnyPolicy, CompiledRule


@dataclass(frozen=True, slots=True)
class Part:
    """What may be taken away: a policy (by number) as a whole, or with `direction` one of its rules."""

    policy: int
    direction: Direction | None = None
    rule: str = ""


@dataclass(slots=True)
class Written:
    """A policy as somebody wrote it, and what it was compiled to in each direction."""

    policy: AnyPolicy
    tier: PolicyTier
    compiled: dict[Direction, list[Policy]] = field(default_factory=lambda: {each: [] for each in Direction})

    @property
    def profiles(self) -> list[int]:
        """The profiles that the policy applies to, or may apply to, sorted."""
        return sorted({each for found in self.compiled.values() for one in found for each in profiles_of(one).tolist()})

    @property
    def is_precaution(self) -> bool:
        """Whether the policy isolates in a direction in which it has no rule: it is there for pods to come as well."""
        return any(one.isolates and not one.rules for found in self.compiled.values() for one in found)

    @property
    def stands_alone(self) -> bool:
        """Whether the others stay as they are without the policy; in a mesh, others may come into force then."""
        return not isinstance(self.policy, AuthorizationPolicy | PeerAuthentication)

    def rules(self, direction: Direction) -> dict[str, list[CompiledRule]]:
        """Return the rules of a direction by their path in the policy, each with what it was compiled to."""
        found: dict[str, list[CompiledRule]] = {}
        for compiled in self.compiled[direction]:
            for rule in compiled.rules:
                found.setdefault(rule.path, []).append(rule)
        return found


def profiles_of(compiled: Policy) -> NDArray[np.int32]:
    """Return the profiles that a compiled policy applies to, or may apply to."""
    return np.concatenate([compiled.selected, compiled.perhaps])


class PolicyBook:
    """All policies of a network in the order they are asked, those of one rank by name, numbered from 0."""

    def __init__(self, network: Network, more: Iterable[Layering] = ()) -> None:
        """
        Collect the policies of both directions; equal names are told apart by where they stand.

        `more` are layerings in which the same policies are compiled once more.
        """
        found: dict[tuple[object, str], tuple[tuple[int, ...], Written]] = {}
        for direction, rank, tier, compiled in _compiled(network):
            _, written = found.setdefault(_key(compiled.policy), (rank, Written(compiled.policy, tier)))
            written.compiled[direction].append(compiled)
        ordered = sorted(found.values(), key=lambda item: (item[0], _by_name(item[1].policy)))
        self.policies: list[Written] = [written for _, written in ordered]
        self.number_of: dict[int, int] = {
            id(compiled): number
            for number, written in enumerate(self.policies)
            for each in written.compiled.values()
            for compiled in each
        }
        """The number of the policy that a compiled policy (by identity) comes from."""
        numbers = {_key(written.policy): number for number, written in enumerate(self.policies)}
        for layering in more:
            for _, _, compiled in _in_layering(layering):
                self.number_of[id(compiled)] = numbers[_key(compiled.policy)]

    def parts(self, number: int) -> Iterator[Part]:
        """Yield the rules of a policy, ingress first, in their order."""
        for direction in Direction:
            for path in self.policies[number].rules(direction):
                yield Part(number, direction, path)


def _compiled(network: Network) -> Iterator[tuple[Direction, tuple[int, ...], PolicyTier, Policy]]:
    """Yield the compiled policies with their direction, the numbers of layer, tier and rank, and their tier."""
    for direction in Direction:
        for rank, tier, compiled in _in_layering(network.matrix[direction].layering):
            yield direction, rank, tier, compiled


def _in_layering(layering: Layering) -> Iterator[tuple[tuple[int, ...], PolicyTier, Policy]]:
    for layer_number, layer in enumerate(layering.layers):
        for tier_number, tier in enumerate(layer.tiers):
            for rank_number, rank in enumerate(tier.ranks):
                for compiled in rank.policies:
                    yield (layer_number, tier_number, rank_number), tier, compiled


def _key(policy: AnyPolicy) -> tuple[object, str]:
    return policy.ref, str(policy.place)


def _by_name(policy: AnyPolicy) -> tuple[str, str, str, str]:
    return policy.ref.namespace, policy.ref.name, policy.ref.kind, str(policy.place)
