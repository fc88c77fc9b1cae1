"""Rules that subjects hold and never needed, as far as the log tells."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from firedoor.engine.rbac.matching import ALL, in_full, rule_allows, user_name
from firedoor.engine.rbac_least.merging import Permission, as_rule, merged, parts
from firedoor.engine.rbac_least.permitting import is_expressible, resource_of
from firedoor.model.default_roles import BOOTSTRAPPING
from firedoor.model.least_access import UnusedGrant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.engine.rbac.authorizer import Authorizer
    from firedoor.engine.rbac_least.usage import Tally
    from firedoor.model.access import AccessRequest, Grant, User
    from firedoor.model.rbac import RoleBinding, Subject

"""The label of the bindings that the API server makes itself, and mends when they change."""


class Judged(Struct, frozen=True, gc=False):
    """The grants that are not used, or in part; how many were judged, and who made no request."""

    grants: tuple[UnusedGrant, ...]
    checked: int
    unseen: tuple[Subject, ...]


class Requests:
    """The allowed requests of a log, by who made them and where."""

    def __init__(self, allowed: Tally) -> None:
        """Sort them."""
        self._by_name: dict[str, list[User]] = defaultdict(list)
        self._by_group: dict[str, list[User]] = defaultdict(list)
        self._made: dict[User, dict[str, list[AccessRequest]]] = {}
        for user in allowed.users():
            self._by_name[user.name].append(user)
            for group in dict.fromkeys(user.groups):
                self._by_group[group].append(user)
            places: dict[str, list[AccessRequest]] = defaultdict(list)
            for request in allowed.of(user):
                places[request.namespace if request.is_for_resource else ""].append(request)
            self._made[user] = places

    def users(self, subject: Subject, namespace: str) -> list[User]:
        """Return the users that a subject of a binding means."""
        if subject.kind == "Group":
            return self._by_group.get(subject.name, [])
        return self._by_name.get(user_name(subject, namespace) or "", [])

    def within(self, users: Iterable[User], namespace: str) -> list[AccessRequest]:
        """Return the different requests of users in a namespace, or all of them where it is empty."""
        found: dict[AccessRequest, None] = {}
        for user in users:
            places = self._made[user]
            for each in (places.get(namespace, ()),) if namespace else places.values():
                found |= dict.fromkeys(each)
        return list(found)


def unused_grants(authorizer: Authorizer, bindings: Iterable[RoleBinding], allowed: Tally, subjects: str) -> Judged:
    """
    Return the rules of bindings, for each subject of theirs, that no allowed request needed, or not all of it.

    A request that several rules permit uses them all. With `subjects` only what holds in
    that namespace is judged, and what its service accounts hold.
    """
    requests = Requests(allowed)
    found: list[UnusedGrant] = []
    unseen: dict[Subject, None] = {}
    checked = 0
    for binding in bindings:
        scope = binding.metadata.namespace
        for written in dict.fromkeys(binding.subjects):
            subject = in_full(written, scope)
            if subjects and subjects not in {scope, subject.namespace}:
                continue
            users = requests.users(subject, scope)
            if not users:
                unseen[subject] = None
            made = requests.within(users, scope)
            for held in authorizer.rules_of(binding):
                if scope and not held[0].resources:
                    continue  # nonResourceURLs have no effect in a namespace
                checked += 1
                judged = _judged(replace(authorizer.grant(binding, written, held), subject=subject), made)
                if judged is not None:
                    found.append(judged)
    return Judged(tuple(found), checked, tuple(unseen))


def is_bootstrap(binding: RoleBinding) -> bool:
    """Return whether Kubernetes comes with a binding."""
    return BOOTSTRAPPING in binding.metadata.labels


def _judged(grant: Grant, made: list[AccessRequest]) -> UnusedGrant | None:
    served = [each for each in made if rule_allows(grant.rule, each)]
    unused: list[Permission] = []
    used: list[Permission] = []
    is_whole = True
    for part in parts(grant.rule):
        rule = as_rule(part)
        by = [each for each in served if rule_allows(rule, each)]
        if not by:
            unused.append(part)
        elif _has_star(part):
            is_whole = False
            used += _concrete(part, by)
        else:
            used.append(part)
    if not unused and is_whole:
        return None
    return UnusedGrant(grant, merged(unused), merged(used), len(served))


def _has_star(part: Permission) -> bool:
    return ALL in {part.verb, part.group, part.resource} or part.resource.startswith("*/") or part.url.endswith(ALL)


def _concrete(part: Permission, requests: list[AccessRequest]) -> Iterator[Permission]:
    """Yield what a part with a star was used for."""
    for each in requests:
        if not is_expressible(each):
            yield part
        elif each.is_for_resource:
            yield Permission(each.verb, each.group, resource_of(each), part.name)
        else:
            yield Permission(each.verb, url=each.path)
