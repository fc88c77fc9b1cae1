"""Sets of rules as numbers, so that what is alike in two states is compared once or not at all."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from firedoor.engine.rbac.escalation import uncovered
from firedoor.engine.rbac_diff.atoms import Rules, plain, widest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from firedoor.model.rbac import PolicyRule

Numbers = frozenset[int]
"""Numbers of sets of rules; what they mean together is the union of these."""


class Lack:
    """What some rules permit and others do not, in rules of one verb and one resource or URL."""

    def __init__(self, atoms: Rules) -> None:
        """Take the atoms, none of which is there twice."""
        self.atoms = atoms
        self._within: dict[PolicyRule, Rules] = {}

    @cached_property
    def widest(self) -> Rules:
        """The atoms that no other of them covers."""
        return widest(self.atoms)

    def within(self, rule: PolicyRule) -> Rules:
        """Return those of the atoms that one rule covers."""
        found = self._within.get(rule)
        if found is None:
            left = set(uncovered(plain(rule), self.atoms))
            found = self._within[rule] = tuple(each for each in self.atoms if each not in left)
        return found


class RuleSets:
    """The sets of rules that roles of both states have, each with a number, and what one lacks of another."""

    def __init__(self, is_asked: Callable[[PolicyRule], bool]) -> None:
        """Start without sets; `is_asked` says of one verb on one resource whether it is ever asked in a namespace."""
        self._is_asked = is_asked
        self._numbers: dict[frozenset[PolicyRule], int] = {}
        self._sets: list[Rules] = []
        self._unions: dict[Numbers, dict[PolicyRule, None]] = {}
        self._lacks: dict[tuple[Numbers, Numbers, bool], Lack] = {}
        self._kept: dict[tuple[Lack, Numbers], frozenset[PolicyRule]] = {}

    def number(self, rules: Iterable[PolicyRule]) -> int:
        """Return the number of a set of rules, whatever their order."""
        ordered = tuple(dict.fromkeys(rules))
        number = self._numbers.setdefault(frozenset(ordered), len(self._sets))
        if number == len(self._sets):
            self._sets.append(ordered)
        return number

    def union(self, numbers: Numbers) -> dict[PolicyRule, None]:
        """Return all rules of some sets."""
        found = self._unions.get(numbers)
        if found is None:
            found = self._unions[numbers] = {rule: None for each in sorted(numbers) for rule in self._sets[each]}
        return found

    def lack(self, held: Numbers, wanted: Numbers, *, inside: bool) -> Lack:
        """Return what `wanted` permits and `held` does not, `inside` a namespace or in the whole cluster."""
        rest = wanted - held
        key = (held, rest, inside)
        found = self._lacks.get(key)
        if found is None:
            holding = self.union(held)
            atoms = uncovered(holding, [rule for rule in self.union(rest) if rule not in holding])
            found = self._lacks[key] = Lack(tuple(filter(self._is_asked, atoms)) if inside else atoms)
        return found

    def kept(self, lack: Lack, held: Numbers) -> frozenset[PolicyRule]:
        """Return those of the widest atoms that `held` covers all the same, in a namespace where it is held."""
        key = (lack, held)
        found = self._kept.get(key)
        if found is None:
            left = set(uncovered(self.union(held), lack.widest))
            found = frozenset(each for each in lack.widest if each not in left and self._is_asked(each))
            self._kept[key] = found
        return found
