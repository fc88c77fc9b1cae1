"""Roles that are bound and not known: what could not be read of them leaves open what a subject may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.rbac_diff.state import MASTERS_GROUP
from firedoor.model.access_difference import RoleDoubt, Side

if TYPE_CHECKING:
    from firedoor.engine.rbac_diff.state import State
    from firedoor.model.places import Gap, ObjectRef
    from firedoor.model.rbac import Subject

_Doubts = dict[tuple["Subject", str, "ObjectRef"], dict["Gap", None]]
_ORDER = {side: place for place, side in enumerate((Side.NEW, Side.OLD, Side.BOTH))}


def role_doubts(old: State, new: State) -> tuple[RoleDoubt, ...]:
    """Return the roles of each subject and scope that are not known in one state or in both, sorted."""
    before, after = _doubts(old), _doubts(new)
    found = []
    for key in before.keys() | after.keys():
        side = Side.BOTH if key in before and key in after else Side.OLD if key in before else Side.NEW
        found.append(RoleDoubt(side, *key, tuple(before.get(key, {}) | after.get(key, {}))))
    return tuple(sorted(found, key=_order))


def _doubts(state: State) -> _Doubts:
    unread = state.authorizer.unread
    # What may hide rights of anybody is no doubt about one role.
    general = set(unread.leaves_open("", ()))
    is_known: dict[ObjectRef, bool] = {}
    found: _Doubts = {}
    for subject in state.subjects - {MASTERS_GROUP}:
        for namespace in state.scopes(subject):
            for given in state.given(subject, namespace):
                if is_known.get(given.role):
                    continue
                gaps = [each for each in unread.leaves_open("", (given.binding,)) if each not in general]
                is_known[given.role] = not gaps
                if gaps:
                    found.setdefault((subject, namespace, given.role), {}).update(dict.fromkeys(gaps))
    return found


def _order(doubt: RoleDoubt) -> tuple[object, ...]:
    subject = doubt.subject
    return (_ORDER[doubt.side], subject.kind, subject.namespace, subject.name, doubt.namespace, doubt.role)
