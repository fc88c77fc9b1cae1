"""Whom roles are made for: each user, or a group for all its members; and whom roles do not limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from firedoor.engine.rbac_least.objects import subject_of
from firedoor.model.access import MASTERS, NODES
from firedoor.model.rbac import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.model.access import User


class Wanted(Struct, frozen=True, gc=False):
    """
    The subjects that are asked about.

    Members of `groups` share the roles of their group. `subjects` and `namespace` (that
    of service accounts) choose from all others; where nothing is said all are wanted.
    """

    subjects: tuple[Subject, ...] = ()
    groups: tuple[str, ...] = ()
    namespace: str = ""


class Chosen(Struct, frozen=True, gc=False):
    """The wanted subjects with the users that they stand for, the users that are not wanted, and the exempt ones."""

    wanted: dict[Subject, list[User]]
    others: list[User]
    exempt: dict[Subject, str]


def choose(users: Iterable[User], wanted: Wanted) -> Chosen:
    """Return who is who; a user of ``system:masters`` is exempt, and a node unless it is asked about by name."""
    chosen = Chosen({}, [], {})
    for user in users:
        subject = _shared(user, wanted) or subject_of(user)
        reason = _exempt(user, subject, wanted)
        if not _is_wanted(subject, wanted):
            chosen.others.append(user)
        elif reason:
            chosen.exempt[subject_of(user)] = reason
        else:
            chosen.wanted.setdefault(subject, []).append(user)
    return chosen


def _shared(user: User, wanted: Wanted) -> Subject | None:
    return next((Subject("Group", group) for group in wanted.groups if group in user.groups), None)


def _exempt(user: User, subject: Subject, wanted: Wanted) -> str:
    if MASTERS in user.groups:
        return "a member of system:masters, whom roles do not limit"
    if NODES in user.groups and subject.kind == "User" and subject not in wanted.subjects:
        return "a node, for which its own authorizer decides"
    return ""


def _is_wanted(subject: Subject, wanted: Wanted) -> bool:
    if subject.kind == "Group" or subject in wanted.subjects:
        return True
    if wanted.namespace:
        return subject.kind == "ServiceAccount" and subject.namespace == wanted.namespace
    return not wanted.subjects and not wanted.groups
