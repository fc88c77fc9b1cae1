"""The policies of all layers in one direction, numbered in the order that they are asked, and whom they apply to."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np

from firedoor.engine.reach.batches import PolicyBatch
from firedoor.engine.reach.layers import Layer, Policy, PolicyTier
from firedoor.engine.reach.programs import Term
from firedoor.engine.reach.rules import CompiledRule
from firedoor.engine.reach.selecting import Selecting
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from firedoor.algebra.ports import PortAxis
    from firedoor.engine.reach.profiles import Profiles
    from firedoor.engine.reach.rules import PortTest

_NO_NUMBERS: NDArray[np.int64] = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Asked:
    """Policies that are asked at once: where, and the number of the first of them."""

    layer: int
    tier: int
    rank: int
    is_plain_union: bool
    """Whether it does not matter which of them says what."""
    alternatives: tuple[int, ...]
    policies: Sequence[Policy]
    first: int


class Asking:
    """All policies in one direction, and which of them apply to each profile."""

    def __init__(self, direction: Direction, layers: Sequence[Layer], profiles: Profiles, axis: PortAxis) -> None:
        """Find the policies that apply to each profile."""
        self.direction = direction
        self.layers = tuple(layers)
        self._profiles = profiles
        self._axis = axis
        self._vacant: list[int] = []
        self._asked: list[Asked] = []
        """Everything that is asked at once, in the order that it is asked."""
        self._asked_of: list[int] = []
        """For each policy the position in `_asked` of what it is asked with; policies are numbered in that order."""
        self._exchanged: dict[int, Policy] = {}
        """Policies that stand in the place of others, or came later."""
        self._isolates: list[bool] = []
        self._narrowing: dict[int, NDArray[np.uint8]] = {}
        """For each policy whose rules narrow its subjects, which profiles the rules mean, one row per profile."""
        self._said: dict[object, tuple[Term, ...]] = {}
        """
        What policies say, by doubled content, and one more where they surely apply.

        To profiles whose named ports they ask about, by these too.
        """
        self._named: dict[int, list[PortTest]] = {}
        """Of contents that name ports of their subjects, the tests that do."""
        self._contents: list[int] = []
        """Numbers of policies, equal where they surely say the same and may be asked in any order."""
        selections = [
            self._take_in(Asked(layer_number, tier_number, rank_number, plain, cases, policies, len(self._contents)))
            for layer_number, layer in enumerate(layers)
            for tier_number, tier in enumerate(layer.tiers)
            for rank_number, rank in enumerate(tier.ranks)
            for plain in (rank.is_union and not rank.cases,)
            for cases in (rank.alternatives,)
            # The caller may exchange policies of a list.
            for policies in (rank.policies if isinstance(rank.policies, PolicyBatch) else tuple(rank.policies),)
        ]
        codes, holders = (np.concatenate(each) for each in zip((_NO_NUMBERS, _NO_NUMBERS), *selections, strict=True))
        self._selecting = Selecting(codes, holders, len(profiles))
        self._newest = len(self._contents)
        """A number behind all contents so far."""

    def fork(self) -> Self:
        """Return one that asks the same, and in which policies can be exchanged that this one keeps."""
        # Found here once, not in each of those that come of this one.
        _ = self._positions
        other = copy(self)
        other.detach()
        return other

    def detach(self) -> None:
        """Keep to oneself what changes from now on."""
        self._vacant, self._asked_of = self._vacant.copy(), self._asked_of.copy()
        self._isolates, self._contents = self._isolates.copy(), self._contents.copy()
        self._exchanged, self._said, self._named = self._exchanged.copy(), self._said.copy(), self._named.copy()
        self._selecting = self._selecting.fork()
        self._positions = self._positions.copy()

    def _take_in(self, asked: Asked) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Give numbers to policies that are asked at once; return the codes and profiles of all whom they select."""
        policies, first = asked.policies, asked.first
        self._asked_of += [len(self._asked)] * len(policies)
        self._asked.append(asked)
        if isinstance(policies, PolicyBatch):
            self._isolates += [True] * len(policies)
            _, firsts, contents = np.unique(policies.contents, return_index=True, return_inverse=True)
            self._contents += (firsts[contents] + first).tolist()
            for each, terms in zip(firsts.tolist(), policies.plain, strict=True):
                if terms is None:
                    self._name(first + each, policies.rules_of(each))
                else:
                    self._said[2 * (first + each) + 1] = terms
            which, found = policies.selections
            return (which + first) * 2 + 1, found.astype(np.int64)
        self._isolates += [each.isolates for each in policies]
        self._contents += self._numbered(asked)
        numbers = np.arange(first, first + len(policies)) * 2
        holders = [*(each.perhaps for each in policies), *(each.selected for each in policies)]
        codes = np.repeat(np.concatenate([numbers, numbers + 1]), [len(each) for each in holders])
        return codes, np.concatenate([_NO_NUMBERS, *holders])

    def _numbered(self, asked: Asked) -> list[int]:
        """Return the contents of policies that are asked at once."""
        found: list[int] = []
        by_rules: dict[int, int] = {}
        for number, policy in enumerate(asked.policies, asked.first):
            # Policies of one specification share their rules; their namespaces do not matter.
            known = id(policy.rules) if policy.isolates else ~id(policy.rules)
            content = by_rules.get(known)
            if content is None:
                content = number
                narrowed = [rule.subjects for rule in policy.rules if rule.subjects is not None]
                if narrowed:
                    masks = [mask[: len(self._profiles)] for match in narrowed for mask in (match.lower, match.upper)]
                    self._narrowing[number] = np.packbits(np.stack(masks, axis=1), axis=1)
                elif asked.is_plain_union:
                    by_rules[known] = number
                self._name(number, policy.rules)
            found.append(content)
        return found

    def _name(self, content: int, rules: Sequence[CompiledRule]) -> None:
        if self.direction is Direction.INGRESS:
            tests = [test for rule in rules for test in (rule.ports,) if test.names or test.without_names]
            if tests:
                self._named[content] = tests

    def groups(self) -> tuple[NDArray[np.int64], list[int]]:
        """Return a number for each profile, equal ones only for equal programs, and for each number a profile."""
        if self._narrowing:
            known: dict[object, int] = {}
            keys = map(self.key, range(len(self._profiles)))
            numbers = np.asarray([known.setdefault(key, len(known)) for key in keys], dtype=np.int64)
        else:
            numbers, asks = self._selecting.groups(self._contents, self._named)
            numbers = numbers * len(self._profiles.ports) + np.where(asks, self._profiles.declaring, 0)
        _, some, of_profile = np.unique(numbers, return_index=True, return_inverse=True)
        return of_profile, some.tolist()

    def replace(self, tier: str, old: Policy | None, new: Policy | None) -> list[int]:
        """
        Ask `new` instead of `old` in a tier that is one union, and return the profiles that either applies to.

        Neither has rules that narrow its subjects. The caller holds the policies of the tier, and exchanges them.
        """
        touched: set[int] = set()
        selecting = self._selecting
        if old is not None:
            number = self._positions.pop(id(old))
            self._vacant.append(number)
            touched.update(old.selected.tolist(), old.perhaps.tolist())
            for profile in touched:
                selecting.change(profile, [code for code in selecting.of(profile) if code >> 1 != number])
        if new is not None:
            # It says what no other has said.
            self._newest += 1
            content = self._newest
            if self._vacant:
                number = self._vacant.pop()
                self._contents[number], self._isolates[number] = content, new.isolates
            else:
                number = len(self._contents)
                self._contents.append(content)
                self._asked_of.append(self._union(tier))
                self._isolates.append(new.isolates)
            self._exchanged[number] = new
            self._name(content, new.rules)
            self._positions[id(new)] = number
            for found, sure in ((new.selected, 1), (new.perhaps, 0)):
                touched.update(found.tolist())
                for profile in found.tolist():
                    codes = [*selecting.of(profile), 2 * number + sure]
                    selecting.change(profile, sorted(codes, key=lambda code: (self._asked_of[code >> 1], code)))
        return sorted(touched)

    def _union(self, name: str) -> int:
        """Return the position of what is asked in a tier that is one union."""
        found = (at for at, each in enumerate(self._asked) if self.layers[each.layer].tiers[each.tier].name == name)
        return next(found)

    def prepare(self) -> None:
        """Find now what else the first `replace` has to find."""
        _ = self._positions

    @cached_property
    def _positions(self) -> dict[int, int]:
        """The number of each policy, by identity."""
        return {id(each): n for asked in self._asked for n, each in enumerate(asked.policies, asked.first)}

    def _policy(self, number: int) -> Policy:
        exchanged = self._exchanged.get(number)
        if exchanged is not None:
            return exchanged
        asked = self._asked[self._asked_of[number]]
        return asked.policies[number - asked.first]

    def _rules(self, number: int) -> Sequence[CompiledRule]:
        if number not in self._exchanged:
            asked = self._asked[self._asked_of[number]]
            if isinstance(asked.policies, PolicyBatch):
                return asked.policies.rules_of(number - asked.first)
        return self._policy(number).rules

    def policies(self, profile: int) -> Iterator[Policy]:
        """Yield the policies that apply, or may apply, to a profile, in the order they are asked."""
        return (self._policy(code >> 1) for code in self._selecting.of(profile))

    def placed(self, profile: int) -> Iterator[tuple[PolicyTier, Policy]]:
        """Yield the policies that apply, or may apply, to a profile, each with its tier."""
        for code in self._selecting.of(profile):
            asked = self._asked[self._asked_of[code >> 1]]
            yield self.layers[asked.layer].tiers[asked.tier], self._policy(code >> 1)

    def key(self, profile: int) -> object:
        """Return what the program of a profile depends on, so that equal keys have equal programs."""
        codes = self._selecting.of(profile)
        ports = self._profiles.ports_of(profile) if self.direction is Direction.INGRESS else ()
        narrowing = self._narrowing
        if not narrowing:
            return tuple(codes), ports
        narrowed = [narrowing[code >> 1][profile].tobytes() for code in codes if code >> 1 in narrowing]
        return tuple(codes), ports, tuple(narrowed)
