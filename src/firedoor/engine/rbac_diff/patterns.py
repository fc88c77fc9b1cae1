"""How a difference comes from bindings: worked out once for all subjects whose bindings give them the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from firedoor.engine.rbac_diff.atoms import Rules, common, compressed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.engine.rbac.roles import HeldRule
    from firedoor.engine.rbac_diff.rule_sets import Lack, Numbers, RuleSets
    from firedoor.engine.rbac_diff.state import Given, State
    from firedoor.model.places import ObjectRef
    from firedoor.model.rbac import PolicyRule

Kept = dict["PolicyRule", tuple[str, ...]]
"""The namespaces in which a rule of one verb and one resource holds in both states."""


class Part(NamedTuple):
    """A rule of one of some bindings, by the place of the binding, and what it covers of that which is lacking."""

    place: int
    held: HeldRule
    covered: Rules


class Row(NamedTuple):
    """A rule that changed, the parts that it comes from, what of it is unchanged, and where all of it is."""

    rule: PolicyRule
    sources: tuple[Part, ...]
    unchanged: Rules
    unchanged_in: tuple[str, ...]


class Pattern:
    """The parts of some bindings, of one state, that give what the other state lacks."""

    def __init__(self, state: State, given: Sequence[Given], lack: Lack) -> None:
        """Look through the rules of all bindings."""
        self.parts = [
            Part(place, held, covered)
            for place, each in enumerate(given)
            for held in state.authorizer.rules_of(each.binding)
            if (covered := lack.within(held[0]))
        ]
        self._sources: dict[PolicyRule, list[int]] = {}
        for number, part in enumerate(self.parts):
            for atom in part.covered:
                self._sources.setdefault(atom, []).append(number)
        self._rows: dict[tuple[Lack, Numbers], tuple[Row, ...]] = {}

    def rows(self, told: Lack, held: Numbers, sets: RuleSets, kept: Kept) -> tuple[Row, ...]:
        """Return few rules for what is to be told; `held` is what the other state has of it, `kept` where."""
        if kept:
            return tuple(self._made(told, held, sets, kept))
        found = self._rows.get((told, held))
        if found is None:
            found = self._rows[told, held] = tuple(self._made(told, held, sets, kept))
        return found

    def _made(self, told: Lack, held: Numbers, sets: RuleSets, kept: Kept) -> list[Row]:
        alike: dict[tuple[tuple[int, ...], tuple[str, ...]], list[PolicyRule]] = {}
        for atom in told.widest:
            alike.setdefault((tuple(self._sources[atom]), kept.get(atom, ())), []).append(atom)
        return [
            Row(rule, tuple(self.parts[number] for number in numbers), common(rule, sets.union(held)), namespaces)
            for (numbers, namespaces), atoms in alike.items()
            for rule in compressed(atoms)
        ]


class Patterns:
    """All patterns that were met."""

    def __init__(self) -> None:
        """Start without any."""
        self._known: dict[tuple[State, Lack, tuple[ObjectRef, ...]], Pattern] = {}

    def of(self, state: State, given: Sequence[Given], lack: Lack) -> Pattern:
        """Return the pattern of some bindings: the same for bindings of the same roles."""
        key = (state, lack, tuple(each.role for each in given))
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = Pattern(state, given, lack)
        return found
