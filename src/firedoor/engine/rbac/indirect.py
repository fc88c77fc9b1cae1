"""Who can get able to do something, in one step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from firedoor.engine.rbac.matching import allows_some
from firedoor.engine.rbac.role_steps import binding_steps, escalation_steps, role_requests
from firedoor.engine.rbac.steps import Need, Step, Steps, Technique
from firedoor.engine.rbac.who_can import holdings, is_implied, who_can
from firedoor.model.access import (
    AUTHENTICATED,
    SERVICE_ACCOUNTS,
    UNAUTHENTICATED,
    Grant,
    User,
    service_account_user,
    user_named,
)
from firedoor.model.places import ObjectRef
from firedoor.model.rbac import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.engine.rbac.authorizer import Authorizer
    from firedoor.model.access import AccessRequest

_Origin = tuple[ObjectRef, ObjectRef, str]
"""The binding, role and path of a grant."""


class Way(Struct, frozen=True, gc=False):
    """
    A step by which a subject gets able to do what it cannot do yet.

    `target` is the holder whose rights it takes on, or the role that it binds or changes;
    `via` are the grants that let it do so.
    """

    subject: Subject
    technique: Technique
    target: Subject | ObjectRef
    via: tuple[Grant, ...]


def ways_to(authorizer: Authorizer, request: AccessRequest) -> tuple[Way, ...]:
    """Return the steps that lead subjects of bindings to what a request asks for, sorted; not who can already."""
    return _Search(authorizer, request).ways()


def as_user(subject: Subject) -> User:
    """Return a user that a subject means and nothing else speaks of: for a group, a member without a name."""
    match subject.kind:
        case "ServiceAccount":
            return service_account_user(subject.namespace, subject.name)
        case "User":
            return user_named(subject.name)
        case _:
            groups = dict.fromkeys([subject.name])
            if subject.name.startswith(f"{SERVICE_ACCOUNTS}:"):
                groups[SERVICE_ACCOUNTS] = None
            if subject.name != UNAUTHENTICATED:
                groups[AUTHENTICATED] = None
            return User("", tuple(groups))


class _Search:
    """One search for ways; what was asked once is kept."""

    def __init__(self, authorizer: Authorizer, request: AccessRequest) -> None:
        self._authorizer = authorizer
        self._request = request
        self._found: dict[tuple[Subject, Technique, Subject | ObjectRef], dict[_Origin, Grant]] = {}
        self._holdings: dict[Need, dict[Subject, list[Grant]]] = {}
        self._granted: dict[tuple[Subject, Need], list[Grant]] = {}
        self._able: dict[Subject, bool] = {}

    def ways(self) -> tuple[Way, ...]:
        """Return all ways, sorted."""
        steps = Steps(self._authorizer, self._request)
        for holder in dict.fromkeys(each.subject for each in who_can(self._authorizer, self._request)):
            for step in steps.to(holder):
                self._take(step, self._candidates(step))
        for step in binding_steps(self._authorizer, self._request):
            self._take(step, self._candidates(step))
        for subject in self._writers():
            for step in escalation_steps(self._authorizer, self._request, as_user(subject)):
                self._take(step, (subject,))
        ways = (Way(*key, tuple(via.values())) for key, via in self._found.items())
        return tuple(sorted(ways, key=_order))

    def _candidates(self, step: Step) -> Iterable[Subject]:
        """Return the subjects that may be permitted all that a step needs: those that something of it is given to."""
        found: dict[Subject, None] = {}
        for need in step.needs:
            held = self._held(need)
            if not held:
                return ()
            found |= dict.fromkeys(held)
        return found

    def _take(self, step: Step, candidates: Iterable[Subject]) -> None:
        """Note those of some subjects that are permitted all that a step needs, and are not able already."""
        for subject in candidates:
            if subject == step.target or self._is_able(subject):
                continue
            grants = [self._grants(subject, need) for need in step.needs]
            if all(grants):
                key = (subject, step.technique, step.target)
                via = self._found.setdefault(key, {})
                for each in (each for some in grants for each in some):
                    via.setdefault((each.binding, each.source or each.role, each.path), each)

    def _writers(self) -> Iterable[Subject]:
        """Return the subjects that may be able to change a role that they have."""
        needs = [Need(each, None) for each in role_requests(self._request)]
        found = dict.fromkeys(subject for need in needs for subject in self._held(need))
        if any(each.kind == "Group" and is_implied(each.name) for each in found):
            # Members of such a group have it beside what is given to them by name.
            for scope in self._authorizer.scopes(self._request):
                for number in range(len(scope.all)):
                    found |= dict.fromkeys(scope.subjects(number))
        return found

    def _held(self, need: Need) -> dict[Subject, list[Grant]]:
        found = self._holdings.get(need)
        if found is None:
            found = self._holdings[need] = holdings(self._authorizer, need.request, need.names)
        return found

    def _grants(self, subject: Subject, need: Need) -> list[Grant]:
        """Return the grants by which a subject, or a group that it is in for being one, is permitted a need."""
        key = (subject, need)
        found = self._granted.get(key)
        if found is None:
            user = as_user(subject)
            found = self._granted[key] = [
                self._authorizer.grant(binding, written, held)
                for scope in self._authorizer.scopes(need.request)
                for binding, written in scope.of(user)
                for held in self._authorizer.rules_of(binding)
                if allows_some(held[0], need.request, need.names)
            ]
        return found

    def _is_able(self, subject: Subject) -> bool:
        found = self._able.get(subject)
        if found is None:
            found = self._able[subject] = self._authorizer.decide(as_user(subject), self._request).allowed
        return found


def _order(way: Way) -> tuple[str, ...]:
    subject, target = way.subject, way.target
    return (subject.kind, subject.namespace, subject.name, way.technique, target.kind, target.namespace, target.name)
