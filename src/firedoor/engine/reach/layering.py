"""What all layers in one direction come to for each profile: its program, and where each term comes from."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.reach.columns import ColumnSets
from firedoor.engine.reach.layers import Layer, Origin, Policy, PolicyRank, PolicyTier
from firedoor.engine.reach.programs import ACCEPT, DENY, FREE, Program, Term
from firedoor.engine.reach.rules import CompiledRule, terms
from firedoor.engine.reach.selecting import Selecting
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from firedoor.algebra.ports import PortAxis
    from firedoor.engine.reach.profiles import Profile
    from firedoor.engine.reach.rules import PortTest

_NONE = ColumnSets.NONE


class Layering:
    """All layers in one direction, and what they come to for each profile."""

    def __init__(
        self, direction: Direction, layers: Sequence[Layer], profiles: Sequence[Profile], axis: PortAxis
    ) -> None:
        """Find the policies that apply to each profile."""
        self.direction = direction
        self.layers = tuple(layers)
        self._profiles = profiles
        self._axis = axis
        self._vacant: list[int] = []
        self._policies = [
            (where, policy)
            for layer_number, layer in enumerate(layers)
            for tier_number, tier in enumerate(layer.tiers)
            for rank_number, rank in enumerate(tier.ranks)
            for policy, case in zip(rank.policies, rank.alternatives, strict=True)
            for where in ((layer_number, tier_number, rank_number, case),)
        ]
        found = [policy for _, policy in self._policies]
        self._selecting = Selecting(found, len(profiles))
        self._narrowing: dict[int, NDArray[np.uint8]] = {}
        """For each policy whose rules narrow its subjects, which profiles the rules mean, one row per profile."""
        self._said: dict[int, tuple[Term, ...]] = {}
        """What policies say to all profiles alike, by doubled content, and one more where they surely apply."""
        self._named: dict[int, list[PortTest]] = {}
        """Of contents that name ports of their subjects, the tests that do."""
        self._contents = self._numbered()
        self._newest = len(self._policies)
        """A number behind all contents so far."""

    def _numbered(self) -> list[int]:
        """Return numbers of policies, equal where they surely say the same and may be asked in any order."""
        found: list[int] = []
        by_rules: dict[int, int] = {}
        rank = None
        for number, (where, policy) in enumerate(self._policies):
            if where[:3] != rank:
                rank, by_rules = where[:3], {}
                of_rank = self.layers[where[0]].tiers[where[1]].ranks[where[2]]
                is_union = of_rank.is_union and not of_rank.cases
            # Policies of one specification share their rules; their namespaces do not matter.
            known = id(policy.rules) if policy.isolates else ~id(policy.rules)
            content = by_rules.get(known)
            if content is None:
                content = number
                narrowed = [rule.subjects for rule in policy.rules if rule.subjects is not None]
                if narrowed:
                    masks = [mask[: len(self._profiles)] for match in narrowed for mask in (match.lower, match.upper)]
                    self._narrowing[number] = np.packbits(np.stack(masks, axis=1), axis=1)
                elif is_union:
                    by_rules[known] = number
                self._name(number, policy)
            found.append(content)
        return found

    def _name(self, content: int, policy: Policy) -> None:
        if self.direction is Direction.INGRESS:
            tests = [test for rule in policy.rules for test in (rule.ports,) if test.names or test.without_names]
            if tests:
                self._named[content] = tests

    def groups(self) -> tuple[list[int], list[int]]:
        """Return a number for each profile, equal ones only for equal programs, and for each number a profile."""
        numbers, said = self._selecting.groups(self._contents)
        named = [[test for code in codes for test in self._named.get(code >> 1, ())] for codes in said.values()]
        found: dict[object, int] = {}
        of_profile: list[int] = []
        some: list[int] = []
        for profile, number in enumerate(numbers):
            tests = named[number]
            key: object = number
            if self._narrowing:
                key = self.key(profile)
            elif tests:
                ports = self._profiles[profile].ports
                key = number, tuple([test.resolve(ports, self._axis) for test in tests]) if ports else ()
            own = found.get(key)
            if own is None:
                own = found[key] = len(found)
                some.append(profile)
            of_profile.append(own)
        return of_profile, some

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
            where = self._union(tier)
            if self._vacant:
                number = self._vacant.pop()
                self._policies[number], self._contents[number] = (where, new), content
            else:
                number = len(self._policies)
                self._policies.append((where, new))
                self._contents.append(content)
            self._name(content, new)
            self._positions[id(new)] = number
            for found, sure in ((new.selected, 1), (new.perhaps, 0)):
                touched.update(found.tolist())
                for profile in found.tolist():
                    codes = [*selecting.of(profile), 2 * number + sure]
                    selecting.change(profile, sorted(codes, key=lambda code: (self._policies[code >> 1][0], code)))
        return sorted(touched)

    def _union(self, name: str) -> tuple[int, int, int, int]:
        """Return where the policies of a tier are asked that is one union."""
        found = ((each, number) for each, layer in enumerate(self.layers) for number, _ in enumerate(layer.tiers))
        layer, tier = next(each for each in found if self.layers[each[0]].tiers[each[1]].name == name)
        return layer, tier, 0, 0

    @cached_property
    def _positions(self) -> dict[int, int]:
        """The number of each policy, by identity."""
        return {id(policy): number for number, (_, policy) in enumerate(self._policies)}

    def policies(self, profile: int) -> Iterator[Policy]:
        """Yield the policies that apply, or may apply, to a profile, in the order they are asked."""
        return (self._policies[code >> 1][1] for code in self._selecting.of(profile))

    def placed(self, profile: int) -> Iterator[tuple[PolicyTier, Policy]]:
        """Yield the policies that apply, or may apply, to a profile, each with its tier."""
        for code in self._selecting.of(profile):
            (layer, tier, _, _), policy = self._policies[code >> 1]
            yield self.layers[layer].tiers[tier], policy

    def key(self, profile: int) -> object:
        """Return what the program of a profile depends on, so that equal keys have equal programs."""
        codes = self._selecting.of(profile)
        ports = self._profiles[profile].ports if self.direction is Direction.INGRESS else ()
        narrowing = self._narrowing
        if not narrowing:
            return tuple(codes), ports
        narrowed = [narrowing[code >> 1][profile].tobytes() for code in codes if code >> 1 in narrowing]
        return tuple(codes), ports, tuple(narrowed)

    def program(self, profile: int) -> Program:
        """Return the program of a profile, in canonical form as far as order does not matter."""
        return self._assembled(profile, None)

    def traced(self, profile: int) -> tuple[Program, list[Origin]]:
        """Return the program of a profile with every rule apart, and the origin of each term."""
        origins: list[Origin] = []
        return self._assembled(profile, origins), origins

    def _assembled(self, profile: int, origins: list[Origin] | None) -> Program:
        codes = self._selecting.of(profile)
        if not codes:
            return FREE
        # They are in the order in which they are asked; nearly always all are of one rank.
        where = self._policies[codes[0] >> 1][0][:3]
        if where == self._policies[codes[-1] >> 1][0][:3]:
            return ((self._tier(profile, where[0], where[1], {where[2]: codes}, origins),),)
        placed: dict[tuple[int, int], dict[int, list[int]]] = {}
        for code in codes:
            layer, tier, rank, _ = self._policies[code >> 1][0]
            placed.setdefault((layer, tier), {}).setdefault(rank, []).append(code)
        planes: dict[int, list[tuple[tuple[tuple[Term, ...], ...], ...]]] = {}
        for (layer, tier), ranks in sorted(placed.items()):
            planes.setdefault(layer, []).append(self._tier(profile, layer, tier, ranks, origins))
        return tuple(tuple(tiers) for tiers in planes.values())

    def _tier(
        self, profile: int, layer: int, tier: int, ranks: dict[int, list[int]], origins: list[Origin] | None
    ) -> tuple[tuple[tuple[Term, ...], ...], ...]:
        of_layer = self.layers[layer]
        of_tier = of_layer.tiers[tier]
        found: list[tuple[tuple[Term, ...], ...]] = []
        isolating = False
        is_certain = False
        for rank, codes in sorted(ranks.items()):
            of_rank = of_tier.ranks[rank]
            for code in codes:
                if self._policies[code >> 1][1].isolates:
                    isolating, is_certain = True, is_certain or bool(code & 1)
            if origins is None:
                made = [self._briefly(profile, of_case, of_rank.rest) for of_case in self._by_case(of_rank, codes)]
                found.append(_canonical(made, is_union=of_rank.is_union))
                continue
            traced: list[tuple[Term, ...]] = []
            for of_case in self._by_case(of_rank, codes):
                found_terms = list(self._alternative(profile, of_case, of_rank.rest))
                traced.append(tuple(term for term, _, _ in found_terms))
                is_union, is_case = of_rank.is_union, bool(of_rank.cases)
                origins += (Origin(of_layer, of_tier, p, rule, is_union, is_case) for _, p, rule in found_terms)
            found.append(tuple(filter(None, traced)))
        if of_tier.denies_rest and isolating:
            found.append(((Term(ColumnSets.ALL, self._axis.everything, DENY, is_certain),),))
            if origins is not None:
                origins.append(Origin(of_layer, of_tier, None, None, is_union=False))
        return tuple(filter(None, found))

    def _briefly(self, profile: int, codes: list[int], rest: int) -> list[Term]:
        """Return the terms of an alternative, not what they come from."""
        found: list[Term] = []
        for code in codes:
            key = 2 * self._contents[code >> 1] + (code & 1)
            said = self._said.get(key)
            if said is None:
                said = tuple(self._saying(profile, code))
                if key >> 1 not in self._named and code >> 1 not in self._narrowing:
                    self._said[key] = said
            found += said
        if rest:
            found.append(Term(ColumnSets.ALL, rest, ACCEPT, sure=True))
        return found

    def _saying(self, profile: int, code: int) -> Iterator[Term]:
        """Yield the terms of a policy; most rules mean one."""
        is_egress, declared = self.direction is Direction.EGRESS, self._profiles[profile].ports
        surely = bool(code & 1)
        for rule in self._policies[code >> 1][1].rules:
            peers, test = rule.peers, rule.ports
            if rule.subjects is not None or peers.maybe_number != _NONE or (is_egress and test.has_names):
                yield from self._terms(rule, profile, surely=surely)
                continue
            ports = test.resolve(declared, self._axis)
            if ports and peers.sure_number != _NONE:
                yield Term(peers.sure_number, ports, rule.action, surely)

    def _by_case(self, rank: PolicyRank, codes: list[int]) -> Iterable[list[int]]:
        """Return the policies of each alternative; an alternative that ends by accepting may have none."""
        if rank.is_union and not rank.cases:
            return (codes,)
        found: dict[int, list[int]] = {case: [] for case in range(1 + max(rank.cases))} if rank.rest else {}
        for code in codes:
            found.setdefault(self._policies[code >> 1][0][3], []).append(code)
        return found.values()

    def _alternative(
        self, profile: int, codes: list[int], rest: int
    ) -> Iterator[tuple[Term, Policy | None, CompiledRule | None]]:
        """Yield the terms of an alternative, each with what it comes from; the end comes from nothing."""
        for code in codes:
            policy, surely = self._policies[code >> 1][1], bool(code & 1)
            for rule in policy.rules:
                yield from ((term, policy, rule) for term in self._terms(rule, profile, surely=surely))
        if rest:
            yield Term(ColumnSets.ALL, rest, ACCEPT, sure=True), None, None

    def _terms(self, rule: CompiledRule, profile: int, *, surely: bool) -> Iterator[Term]:
        subjects = rule.subjects
        if subjects is not None:
            if not subjects.upper[profile]:
                return
            surely = surely and bool(subjects.lower[profile])
        for term in terms(rule, self.direction, self._profiles[profile], self._axis):
            for number, certain in ((term.peers.sure_number, surely), (term.peers.maybe_number, False)):
                if number != ColumnSets.NONE:
                    yield Term(number, term.ports, rule.action, certain)


def _canonical(alternatives: Sequence[list[Term]], *, is_union: bool) -> tuple[tuple[Term, ...], ...]:
    """Return the alternatives that say anything, in one form for all that come to the same."""
    ordered = [tuple(sorted(set(each)) if is_union else each) for each in alternatives if each]
    return tuple(dict.fromkeys(ordered) if len(ordered) > 1 else ordered)
