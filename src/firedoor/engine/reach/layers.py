"""
The order in which the policies of a cluster are asked.

A layer is what must agree: the network policies of one plugin, or a service mesh. It
asks its tiers one after the other; a tier asks its ranks; policies of one rank either
form a union or are equal in precedence, and then the API leaves the winner open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from firedoor.engine.reach.batches import PolicyBatch
from firedoor.engine.reach.rules import CompiledPolicy, CompiledRule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firedoor.engine.reach.rules import AnyPolicy

Policy = CompiledPolicy[Any]


@dataclass(frozen=True, slots=True)
class PolicyRank:
    """
    Policies that are asked at once: as a union, or as alternatives of equal precedence.

    Where an alternative is made of several policies, `cases` says for each of them which
    one it is part of, numbered from 0; each alternative then ends by accepting `rest`.
    The last alternative has a policy.
    """

    policies: Sequence[Policy]
    is_union: bool
    cases: tuple[int, ...] = ()
    rest: int = 0

    @property
    def alternatives(self) -> tuple[int, ...]:
        """For each policy the alternative that it is part of."""
        return self.cases or ((0,) * len(self.policies) if self.is_union else tuple(range(len(self.policies))))


@dataclass(frozen=True, slots=True)
class PolicyTier:
    """A tier; one that `denies_rest` denies what its policies leave open for the pods that they isolate."""

    name: str
    ranks: tuple[PolicyRank, ...]
    denies_rest: bool


@dataclass(frozen=True, slots=True)
class Layer:
    """Tiers that are asked in turn."""

    name: str
    tiers: tuple[PolicyTier, ...]

    @property
    def policies(self) -> Iterator[Policy]:
        """All policies, in the order they are asked."""
        return (policy for tier in self.tiers for rank in tier.ranks for policy in rank.policies)

    @property
    def written(self) -> Iterator[AnyPolicy]:
        """The policies as they are written, in the order they are asked."""
        for rank in (rank for tier in self.tiers for rank in tier.ranks):
            found = rank.policies
            yield from found.written if isinstance(found, PolicyBatch) else (each.policy for each in found)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a term comes from: a rule of a policy, or (without rule) the end of a tier or of an alternative."""

    layer: Layer
    tier: PolicyTier
    policy: Policy | None
    rule: CompiledRule | None
    is_union: bool
    is_one_case: bool = False
    """Whether it is part of one of several alternatives that are made of many policies."""
