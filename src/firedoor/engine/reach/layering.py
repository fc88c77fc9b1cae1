"""What all layers in one direction come to for each profile: its program, and where each term comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.reach.asking import Asked, Asking
from firedoor.engine.reach.columns import ColumnSets
from firedoor.engine.reach.layers import Layer, Origin, Policy, PolicyRank, PolicyTier
from firedoor.engine.reach.programs import ACCEPT, DENY, FREE, Program, Term
from firedoor.engine.reach.rules import CompiledRule, terms
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firedoor.algebra.ports import PortAxis
    from firedoor.engine.reach.profiles import Profiles

_NONE = ColumnSets.NONE


class Layering(Asking):
    """All layers in one direction, and what they come to for each profile."""

    def __init__(self, direction: Direction, layers: Sequence[Layer], profiles: Profiles, axis: PortAxis) -> None:
        """Find the policies that apply to each profile."""
        super().__init__(direction, layers, profiles, axis)
        self._denials = [((Term(ColumnSets.ALL, axis.everything, DENY, sure),),) for sure in (False, True)]
        """What tiers end with that deny the rest, if that may be so, and if it surely is."""

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
        # They are in the order in which they are asked; nearly always all are asked at once.
        first, last = self._asked_of[codes[0] >> 1], self._asked_of[codes[-1] >> 1]
        if first == last:
            asked = self._asked[first]
            if origins is None and asked.is_plain_union:
                return self._of_union(profile, asked, codes)
            return ((self._tier(profile, asked.layer, asked.tier, {asked.rank: codes}, origins),),)
        placed: dict[tuple[int, int], dict[int, list[int]]] = {}
        for code in codes:
            asked = self._asked[self._asked_of[code >> 1]]
            placed.setdefault((asked.layer, asked.tier), {}).setdefault(asked.rank, []).append(code)
        planes: dict[int, list[tuple[tuple[tuple[Term, ...], ...], ...]]] = {}
        for (layer, tier), ranks in sorted(placed.items()):
            planes.setdefault(layer, []).append(self._tier(profile, layer, tier, ranks, origins))
        return tuple(tuple(tiers) for tiers in planes.values())

    def _of_union(self, profile: int, asked: Asked, codes: list[int]) -> Program:
        """Return the program of a profile to which only policies of one union apply, as nearly all are."""
        alternative = tuple(sorted(set(self._briefly(profile, codes, 0))))
        ranks: list[tuple[tuple[Term, ...], ...]] = [(alternative,)] if alternative else []
        ranks += self._rest(self.layers[asked.layer].tiers[asked.tier], codes)
        return ((tuple(ranks),),)

    def _rest(self, tier: PolicyTier, codes: list[int]) -> list[tuple[tuple[Term, ...], ...]]:
        """Return what a tier says of all that its policies leave open, if it does: one rank."""
        isolating = [code & 1 for code in codes if self._isolates[code >> 1]] if tier.denies_rest else []
        return [self._denials[max(isolating)]] if isolating else []

    def _tier(
        self, profile: int, layer: int, tier: int, ranks: dict[int, list[int]], origins: list[Origin] | None
    ) -> tuple[tuple[tuple[Term, ...], ...], ...]:
        of_layer = self.layers[layer]
        of_tier = of_layer.tiers[tier]
        found: list[tuple[tuple[Term, ...], ...]] = []
        for rank, codes in sorted(ranks.items()):
            of_rank = of_tier.ranks[rank]
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
        rest = self._rest(of_tier, [code for codes in ranks.values() for code in codes])
        if rest and origins is not None:
            origins.append(Origin(of_layer, of_tier, None, None, is_union=False))
        found += rest
        return tuple(filter(None, found))

    def _briefly(self, profile: int, codes: list[int], rest: int) -> list[Term]:
        """Return the terms of an alternative, not what they come from."""
        found: list[Term] = []
        for code in codes:
            content = self._contents[code >> 1]
            key: object = 2 * content + (code & 1)
            if content in self._named:
                key = key, self._profiles.ports_of(profile)
            said = self._said.get(key)
            if said is None:
                said = tuple(self._saying(profile, code))
                if code >> 1 not in self._narrowing:
                    self._said[key] = said
            found += said
        if rest:
            found.append(Term(ColumnSets.ALL, rest, ACCEPT, sure=True))
        return found

    def _saying(self, profile: int, code: int) -> Iterator[Term]:
        """Yield the terms of a policy; most rules mean one."""
        is_egress, declared = self.direction is Direction.EGRESS, self._profiles.ports_of(profile)
        surely = bool(code & 1)
        for rule in self._rules(code >> 1):
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
            asked = self._asked[self._asked_of[code >> 1]]
            found.setdefault(asked.alternatives[(code >> 1) - asked.first], []).append(code)
        return found.values()

    def _alternative(
        self, profile: int, codes: list[int], rest: int
    ) -> Iterator[tuple[Term, Policy | None, CompiledRule | None]]:
        """Yield the terms of an alternative, each with what it comes from; the end comes from nothing."""
        for code in codes:
            policy, surely = self._policy(code >> 1), bool(code & 1)
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
        for term in terms(rule, self.direction, self._profiles.ports_of(profile), self._axis):
            for number, certain in ((term.peers.sure_number, surely), (term.peers.maybe_number, False)):
                if number != ColumnSets.NONE:
                    yield Term(number, term.ports, rule.action, certain)


def _canonical(alternatives: Sequence[list[Term]], *, is_union: bool) -> tuple[tuple[Term, ...], ...]:
    """Return the alternatives that say anything, in one form for all that come to the same."""
    ordered = [tuple(sorted(set(each)) if is_union else each) for each in alternatives if each]
    return tuple(dict.fromkeys(ordered) if len(ordered) > 1 else ordered)
