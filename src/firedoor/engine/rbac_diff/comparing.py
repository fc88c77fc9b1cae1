"""What each subject may do in one of two states and not in the other, and through which grants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.rbac_diff.patterns import Kept, Patterns
from firedoor.engine.rbac_diff.state import MASTERS_GROUP
from firedoor.engine.rbac_risks.risk import ref_of
from firedoor.model.access_difference import RightChange, RightChangeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.rbac_diff.patterns import Pattern
    from firedoor.engine.rbac_diff.rule_sets import Lack, RuleSets
    from firedoor.engine.rbac_diff.state import Given, State
    from firedoor.model.places import ObjectRef
    from firedoor.model.rbac import Subject

_KINDS = {
    (True, True): RightChangeKind.GAINED,
    (True, False): RightChangeKind.ALLOWED,
    (False, True): RightChangeKind.LOST,
    (False, False): RightChangeKind.UNKNOWN,
}
"""Kinds by whether it is a gain, and whether the other state is known."""
_ORDER = {kind: place for place, kind in enumerate(RightChangeKind)}


class Comparison:
    """Compares two states, subject by subject."""

    def __init__(self, old: State, new: State, sets: RuleSets) -> None:
        """Take two states whose rules are numbered by the same `sets`."""
        self._old, self._new, self._sets = old, new, sets
        self._patterns = Patterns()
        self.effective: set[ObjectRef] = set()
        """The bindings and roles that give what the other state does not; complete after `changes`."""

    def changes(self) -> tuple[RightChange, ...]:
        """Return all rights that are not the same, in the order of kinds, subjects, places and rules."""
        found: list[RightChange] = []
        for subject in (self._old.subjects | self._new.subjects) - {MASTERS_GROUP}:
            for is_gain, state in ((True, self._new), (False, self._old)):
                for namespace in state.scopes(subject):
                    found += self._changes(subject, namespace, is_gain=is_gain)
        return tuple(sorted(found, key=_order))

    def _changes(self, subject: Subject, namespace: str, *, is_gain: bool) -> Iterator[RightChange]:
        """Yield what a subject has in one state by its bindings in one scope, and not in the other by any."""
        state, other = (self._new, self._old) if is_gain else (self._old, self._new)
        own = state.own(subject, namespace)
        # Most have from the same bindings what they had: then nobody needs to know what their groups have.
        if own <= other.own(subject, namespace):
            return
        held = other.held(subject, namespace)
        lack = self._sets.lack(held, own, inside=bool(namespace))
        if not lack.atoms:
            return
        given = [each for each in state.given(subject, namespace) if each.number not in held]
        pattern = self._patterns.of(state, given, lack)
        self._mark(pattern, given)
        told, kept = lack, {}
        if namespace:
            # What holds in the whole cluster is told of there.
            told = self._sets.lack(held | state.held(subject, ""), own, inside=True)
        else:
            kept = self._kept(other, subject, lack)
        unsure = other.unsure(subject, namespace)
        kind = _KINDS[is_gain, not unsure]
        for row in pattern.rows(told, held, self._sets, kept):
            grants = [(given[part.place], part.held) for part in row.sources]
            via = tuple(state.authorizer.grant(each.binding, each.written, rule) for each, rule in grants)
            yield RightChange(kind, subject, namespace, row.rule, via, row.unchanged, row.unchanged_in, unsure)

    def _kept(self, other: State, subject: Subject, lack: Lack) -> Kept:
        """Return what the other state permits in some namespaces, if not everywhere."""
        found: Kept = {}
        for namespace in other.spaces(subject):
            for atom in self._sets.kept(lack, other.local(subject, namespace)):
                found[atom] = (*found.get(atom, ()), namespace)
        return found

    def _mark(self, pattern: Pattern, given: list[Given]) -> None:
        for part in pattern.parts:
            each, source = given[part.place], part.held[2]
            self.effective |= {ref_of(each.binding), each.role}
            if source is not None:
                self.effective.add(source)


def _order(change: RightChange) -> tuple[object, ...]:
    subject, rule = change.subject, change.rule
    return (
        _ORDER[change.kind],
        *(subject.kind, subject.namespace, subject.name),
        change.namespace,
        *(rule.api_groups, rule.resources, rule.non_resource_urls, rule.resource_names, rule.verbs),
        change.unchanged_in,
        [str(each.binding) for each in change.via],
    )
