"""Which rights that were gained are among the dangerous ones of the catalogue, and were not before."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.engine.rbac.bindings import CLUSTER_BINDING
from firedoor.engine.rbac.matching import in_full
from firedoor.engine.rbac_diff.state import groups_of
from firedoor.engine.rbac_risks import find_risks
from firedoor.engine.rbac_risks.risk import ref_of
from firedoor.engine.rbac_risks.subjects import identity, reference
from firedoor.model.access_difference import NewRisk, Side
from firedoor.model.rbac_risks import CLUSTER
from firedoor.model.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.model.access import Grant
    from firedoor.model.access_difference import RightChange, RoleDoubt
    from firedoor.model.places import ObjectRef
    from firedoor.model.rbac import Subject
    from firedoor.model.rbac_risks import RiskFinding

_Key = tuple[str, "ObjectRef", str]
"""The id of a risk, what it is about, and the namespace where, empty for the whole cluster."""
_GrantKey = tuple["ObjectRef", str, "ObjectRef", "ObjectRef | None"]


MOST_GAINING = 500
"""Subjects whose risks are looked for: where more of them gain something, two unlike clusters are compared."""


class Marked(NamedTuple):
    """Changes and doubts with their risks, and remarks on where risks were not looked for."""

    changes: tuple[RightChange, ...]
    doubts: tuple[RoleDoubt, ...]
    notes: tuple[str, ...] = ()


def with_risks(
    changes: tuple[RightChange, ...], doubts: tuple[RoleDoubt, ...], old: Authorizer, new: Authorizer
) -> Marked:
    """Return all, each gain and each new doubt with the risks that its subject has by it and did not have before."""
    gaining = {each.subject for each in changes if each.kind.is_gain}
    gaining |= {each.subject for each in doubts if each.side is Side.NEW}
    if not gaining:
        return Marked(changes, doubts)
    if len(gaining) > MOST_GAINING:
        note = f"{len(gaining)} subjects gain rights, too many to mark the dangerous ones: see rbac risks"
        return Marked(changes, doubts, (note,))
    marks = _new_risks(gaining.union(*(groups_of(each) for each in gaining)), old, new)
    return Marked(
        tuple(replace(each, risks=marks.of_change(each)) if each.kind.is_gain else each for each in changes),
        tuple(replace(each, risks=marks.of_doubt(each)) if each.side is Side.NEW else each for each in doubts),
    )


def _new_risks(concerned: set[Subject], old: Authorizer, new: Authorizer) -> _Marks:
    before: dict[_Key, int] = {}
    for finding in find_risks(_only(old, concerned)):
        for key in _keys(finding):
            before[key] = max(before.get(key, -1), finding.finding.severity.rank)
    marks = _Marks({ref_of(each): str(each.place) for each in new.snapshot.role_bindings})
    for finding in find_risks(_only(new, concerned)):
        rank = finding.finding.severity.rank
        for check, about, namespace in () if finding.is_usual else _keys(finding):
            if rank > max(before.get((check, about, each), -1) for each in ("", namespace)):
                marks.add(namespace, finding)
    return marks


def _only(authorizer: Authorizer, concerned: set[Subject]) -> Authorizer:
    """Return an authorizer that knows the bindings of some subjects alone, and no pods."""
    snapshot = authorizer.snapshot
    bindings = []
    for each in snapshot.role_bindings:
        home = "" if each.kind == CLUSTER_BINDING else each.metadata.namespace
        kept = tuple(subject for subject in each.subjects if identity(in_full(subject, home)) in concerned)
        if kept:
            bindings.append(replace(each, subjects=kept))
    return Authorizer(Snapshot(origin=snapshot.origin, roles=snapshot.roles, role_bindings=tuple(bindings)))


class _Marks:
    """New risks by where they hold, what they are about, and the grants or the place of the binding they come from."""

    def __init__(self, places: dict[ObjectRef, str]) -> None:
        self._by_grant: dict[tuple[str, ObjectRef, _GrantKey], set[NewRisk]] = defaultdict(set)
        self._by_binding: dict[tuple[str, ObjectRef, str], set[NewRisk]] = defaultdict(set)
        self._places = places

    def add(self, namespace: str, found: RiskFinding) -> None:
        risk, about = NewRisk(found.finding.check, found.finding.severity), found.finding.object
        for grant in found.grants:
            self._by_grant[namespace, about, _grant_key(grant)].add(risk)
        if not found.grants:
            self._by_binding[namespace, about, found.finding.source].add(risk)

    def of_change(self, change: RightChange) -> tuple[NewRisk, ...]:
        about = reference(change.subject)
        found = self._named(change.namespace, about, (grant.binding for grant in change.via))
        for grant in change.via:
            found |= self._by_grant.get((change.namespace, about, _grant_key(grant)), set())
        return _worst_first(found)

    def of_doubt(self, doubt: RoleDoubt) -> tuple[NewRisk, ...]:
        bindings = (gap.object for gap in doubt.gaps if gap.object in self._places)
        return _worst_first(self._named(doubt.namespace, reference(doubt.subject), bindings))

    def _named(self, namespace: str, about: ObjectRef, bindings: Iterable[ObjectRef]) -> set[NewRisk]:
        keys = ((namespace, each, self._places[binding]) for binding in bindings for each in (about, binding))
        return {risk for key in keys for risk in self._by_binding.get(key, ())}


def _worst_first(found: set[NewRisk]) -> tuple[NewRisk, ...]:
    return tuple(sorted(found, key=lambda each: (-each.severity.rank, each.id)))


def _keys(found: RiskFinding) -> Iterable[_Key]:
    """Yield a key for each place where a permission holds; none for findings about no permission."""
    places = ("",) if found.scope == CLUSTER else found.namespaces
    return ((found.finding.check, found.finding.object, each) for each in places)


def _grant_key(grant: Grant) -> _GrantKey:
    return grant.binding, grant.path, grant.role, grant.source
