"""
What each rule of the policies on a group of pods does for each of their peers.

A rule *applies* to a connection if its peers and its ports hold it. It is *alone* where the
verdict of its direction would be the opposite without it. A connection is *just outside*
of a rule that does not apply to it if its peer or its port would do.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.reach.programs import ACCEPT, DENY, judge, terms_of
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from firedoor.engine.reach.network import Network
    from firedoor.engine.reach.programs import Term
    from firedoor.model.places import ObjectRef

RuleKey = tuple[Direction, "ObjectRef", str]
"""A direction, a policy, and the path of a rule in it."""


def all_rules(network: Network) -> dict[RuleKey, int]:
    """Return the rules of all policies that are, or may be, for some pod, numbered in the order they are asked."""
    found: dict[RuleKey, int] = {}
    for direction in Direction:
        for layer in network.matrix[direction].layering.layers:
            for policy in layer.policies:
                if len(policy.selected) or len(policy.perhaps):
                    for rule in policy.rules:
                        found.setdefault((direction, policy.policy.ref, rule.path), len(found))
    return found


class Need(Enum):
    """What the other end must say of a port."""

    ACCEPTS = "surely accepts"
    MAY_ACCEPT = "accepts or may accept"
    ANYTHING = "anything"


Effect = tuple[tuple[int, Need], ...]
"""
Ports of a connection that show something, as masks, those first that show it best.

Each counts only if the other end says of the port what is needed.
"""


def rules_for(
    network: Network, rules: Mapping[RuleKey, int], profiles: Mapping[Direction, NDArray[np.bool_]]
) -> frozenset[int]:
    """Return the numbers of the rules that are, or may be, for pods of some profiles, which are given as masks."""
    return frozenset(
        rules[direction, policy.policy.ref, rule.path]
        for direction in Direction
        for layer in network.matrix[direction].layering.layers
        for policy in layer.policies
        if profiles[direction][policy.selected].any() or profiles[direction][policy.perhaps].any()
        for rule in policy.rules
    )


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules say where certain terms match the peer."""

    isolated: Effect
    applying: Mapping[int, Effect]
    """By the number of a rule."""
    outside: Mapping[int, Effect]
    fired: Mapping[int, int]
    """The ports of each rule that apply to the peer."""


class Rulebook:
    """The rules on the pods of one profile in one direction."""

    def __init__(self, network: Network, direction: Direction, profile: int, rules: Mapping[RuleKey, int]) -> None:
        """Trace the program of the profile to its rules; `rules` has their numbers."""
        program, origins = network.matrix[direction].layering.traced(profile)
        self._program = program
        self._everything = network.axis.everything
        self._sets = network.matrix[direction].sets
        self._terms: list[Term] = list(terms_of(program))
        self._bits: dict[int, int] = {}
        self._ports: dict[int, int] = {}
        self._actions: dict[int, int] = {}
        for position, (term, origin) in enumerate(zip(self._terms, origins, strict=True)):
            if origin.policy is not None and origin.rule is not None:
                number = rules[direction, origin.policy.policy.ref, origin.rule.path]
                self._bits[number] = self._bits.get(number, 0) | 1 << position
                self._ports[number] = self._ports.get(number, 0) | term.ports
                self._actions[number] = term.action
        self._facts: dict[int, Facts] = {}

    @property
    def is_free(self) -> bool:
        """Whether nothing restricts the pods."""
        return not self._terms

    def matched(self, column: int) -> int:
        """Return which terms match one column, as a mask of their positions."""
        return sum(1 << position for position, term in enumerate(self._terms) if self._sets.holds(term.columns, column))

    def patterns(self, columns: NDArray[np.int64]) -> tuple[list[int], NDArray[np.int64]]:
        """Return the distinct masks of terms that match columns, and for each column which of them it has."""
        found = np.stack([self._sets.arrays.mask(term.columns)[columns] for term in self._terms])
        packed = np.ascontiguousarray(np.packbits(found, axis=0, bitorder="little").T)
        distinct, numbers = np.unique(packed.view(f"V{packed.shape[1]}").reshape(-1), return_inverse=True)
        return [int.from_bytes(each.tobytes(), "little") for each in distinct], numbers

    def facts(self, matched: int) -> Facts:
        """Return what the rules say of peers that these terms match."""
        found = self._facts.get(matched)
        if found is None:
            found = self._facts[matched] = self._found(matched)
        return found

    def _found(self, matched: int) -> Facts:
        sure, possible = judge(self._program, matched, self._everything)
        denied = self._everything & ~possible
        applying: dict[int, Effect] = {}
        outside: dict[int, Effect] = {}
        fired: dict[int, int] = {}
        for number, bits in self._bits.items():
            applies = self._applying_ports(bits & matched)
            fired[number] = applies
            without = judge(self._program, matched & ~bits, self._everything)
            alone = applies & ((sure & ~without[1]) | (denied & without[0]))
            action = self._actions[number]
            says = ((applies & sure) if action != DENY else 0, (applies & denied) if action != ACCEPT else 0)
            open_ = applies & possible & ~sure
            applying[number] = (
                (alone, Need.ACCEPTS),
                (says[0], Need.ACCEPTS),
                (says[1], Need.ANYTHING),
                (open_, Need.MAY_ACCEPT),
            )
            near = (self._everything if bits & matched else self._ports[number]) & ~applies
            if action == ACCEPT:
                outside[number] = _isolated(near & denied)
            elif action == DENY:
                outside[number] = ((near & sure, Need.ACCEPTS),)
        return Facts(_isolated(denied), applying, outside, fired)

    def _applying_ports(self, bits: int) -> int:
        found = 0
        while bits:
            low = bits & -bits
            found |= self._terms[low.bit_length() - 1].ports
            bits ^= low
        return found


def _isolated(denied: int) -> Effect:
    """Return how well ports that are denied show it: best if nothing else denies them."""
    return (denied, Need.ACCEPTS), (denied, Need.ANYTHING)
