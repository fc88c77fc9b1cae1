"""NetworkPolicies as they are written, with what they share told apart once: the rest of their compiling is numbers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar

import msgspec
import numpy as np

from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from numpy.typing import NDArray

    from firedoor.model.labels import LabelSelector
    from firedoor.model.networkpolicy import (
        EgressRule,
        IngressRule,
        NetworkPolicy,
        NetworkPolicyPeer,
        NetworkPolicyPort,
        NetworkPolicySpec,
    )

    Rule = IngressRule | EgressRule

T = TypeVar("T")

_FEW = 256
"""So few values are not worth the look whether they are equal."""


@dataclass(frozen=True, slots=True)
class WrittenRules:
    """The rules of all specifications in one direction, those of one behind those of another, as numbers."""

    isolates: NDArray[np.bool_]
    """For each specification whether it isolates in the direction."""
    counts: NDArray[np.int64]
    """For each specification how many rules count in the direction."""
    peers: NDArray[np.int64]
    """For each rule its peers in `WrittenPolicies.peers`."""
    ports: NDArray[np.int64]
    """For each rule its ports in `WrittenPolicies.ports`."""


class WrittenPolicies:
    """
    Policies, and the distinct specifications, selectors, peers and ports in them.

    All but ports are told apart by identity, so that none is hashed; the policies keep them
    alive. Where few are the same object, as those of a live cluster, they are told apart by
    what they say. Each field is asked of all objects in turn, which is several times faster
    than to ask each object for all of its fields.
    """

    def __init__(self, policies: Iterable[NetworkPolicy]) -> None:
        """Look at every specification once."""
        self.policies = tuple(policies)
        self.namespaces: list[str] = list(map(attrgetter("metadata.namespace"), self.policies))
        """The namespace of each policy."""
        identities = _told_apart(list(map(attrgetter("spec"), self.policies)))
        kinds = map(type, self.policies)
        distinct, self.spec_of = _distinct(self.policies, list(zip(identities, kinds, strict=True)))
        """The specification of each policy, by number."""
        specs: list[NetworkPolicySpec] = list(map(attrgetter("spec"), distinct))
        selectors: list[LabelSelector] = list(map(attrgetter("pod_selector"), specs))
        self.selectors, self.selector_of = _distinct(selectors, _told_apart(selectors))
        """The selectors of subjects, and which of them each specification has."""
        isolates = _isolating(distinct, specs)
        by_direction: list[list[tuple[Rule, ...]]] = [
            list(map(attrgetter(str(direction)), specs)) for direction in Direction
        ]
        counted = [
            [found if isolated else () for found, isolated in zip(own, of_specs.tolist(), strict=True)]
            for own, of_specs in zip(by_direction, isolates, strict=True)
        ]
        counts = [np.fromiter(map(len, own), dtype=np.int64, count=len(own)) for own in counted]
        rules = list(chain.from_iterable(chain.from_iterable(counted)))
        peers: list[tuple[NetworkPolicyPeer, ...]] = list(map(attrgetter("peers"), rules))
        self.peers, peers_of = _distinct(peers, _told_apart(peers, [tuple(map(id, each)) for each in peers]))
        """The peers of rules."""
        self.ports: dict[tuple[NetworkPolicyPort, ...], int] = {}
        """The ports of rules, with their numbers."""
        number, numbers = self.ports.setdefault, self.ports
        ports_of = np.asarray([number(each, len(numbers)) for each in map(attrgetter("ports"), rules)], dtype=np.int64)
        middle = int(counts[0].sum())
        self.rules = {
            direction: WrittenRules(isolates[at], counts[at], peers_of[own], ports_of[own])
            for at, (direction, own) in enumerate(zip(Direction, (slice(middle), slice(middle, None)), strict=True))
        }


def _isolating(
    policies: Sequence[NetworkPolicy], specs: Sequence[NetworkPolicySpec]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which policies isolate, in each direction; what they isolate in hangs on two fields alone."""
    known: dict[tuple[tuple[str, ...], bool], tuple[bool, ...]] = {}
    found: list[tuple[bool, ...]] = []
    for policy, types, egress in zip(
        policies, map(attrgetter("policy_types"), specs), map(attrgetter("egress"), specs), strict=True
    ):
        key = types, bool(egress)
        isolates = known.get(key)
        if isolates is None:
            isolates = known[key] = tuple(policy.isolates(direction) for direction in Direction)
        found.append(isolates)
    ingress, egress = np.asarray(found, dtype=bool).reshape(-1, 2).T
    return ingress, egress


def _told_apart(values: Sequence[object], identities: Sequence[Hashable] | None = None) -> Sequence[Hashable]:
    """Return a key for each value, the same for the same value, or for many that are equal if few are the same."""
    keys = list(map(id, values)) if identities is None else identities
    if len(keys) < _FEW or 2 * len(set(keys)) <= len(keys):
        return keys
    encode = msgspec.msgpack.Encoder().encode
    return list(map(encode, values))


def _distinct(values: Sequence[T], keys: Sequence[Hashable]) -> tuple[list[T], NDArray[np.int64]]:
    """Return one value for each key, in the order they are met, and for each key the position of its value there."""
    found = dict(zip(keys, values, strict=True))
    numbers = {key: number for number, key in enumerate(found)}
    return list(found.values()), np.fromiter(map(numbers.__getitem__, keys), dtype=np.int64, count=len(keys))
