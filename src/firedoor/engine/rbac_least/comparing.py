"""What a subject holds now, compared with its least roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.rbac.escalation import uncovered
from firedoor.engine.rbac.matching import in_full
from firedoor.engine.rbac_least.least import CLUSTER
from firedoor.engine.rbac_least.merging import merged, parts
from firedoor.model.access import User
from firedoor.model.least_access import CountedRequest, HeldNow, ScopedRules

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from firedoor.engine.rbac.authorizer import Authorizer
    from firedoor.model.access import AccessRequest
    from firedoor.model.rbac import PolicyRule, Subject

_Scoped = dict[str, list["PolicyRule"]]


def held_now(
    authorizer: Authorizer,
    subject: Subject,
    users: Iterable[User],
    least: Mapping[str, tuple[PolicyRule, ...]],
    requests: Mapping[tuple[User, AccessRequest], int],
) -> HeldNow:
    """
    Return what the bindings of a subject give it that its least roles do not.

    What its groups give stays, so that nothing of it is taken away. A star that only a
    list replaces is taken away as a star.
    """
    own, others = _held(authorizer, subject, users)
    taken: list[ScopedRules] = []
    for namespace in sorted(own):
        kept = [rule for scoped in (least, others) for scope in (CLUSTER, namespace) for rule in scoped.get(scope, ())]
        wider = own.get(CLUSTER, []) if namespace != CLUSTER else []
        # What is told for the whole cluster is not told again for each namespace.
        lost = uncovered((*kept, *wider), own[namespace])
        if lost:
            taken.append(ScopedRules(namespace, merged(part for rule in lost for part in parts(rule))))
    beyond = tuple(
        CountedRequest(request, count)
        for (user, request), count in requests.items()
        if not authorizer.decide(user, request).allowed
    )
    return HeldNow(sum(map(len, own.values())), tuple(taken), beyond)


def _held(authorizer: Authorizer, subject: Subject, users: Iterable[User]) -> tuple[_Scoped, _Scoped]:
    """Return the rules that bindings give to the subject itself, and those that they give to its groups."""
    own: _Scoped = {}
    others: _Scoped = {}
    for user in users:
        for grant in authorizer.grants_of(user):
            scoped = own if _means(grant.subject, grant.namespace, subject, user) else others
            rules = scoped.setdefault(grant.namespace, [])
            if grant.rule not in rules and (not grant.namespace or grant.rule.resources):
                rules.append(grant.rule)
    return {key: rules for key, rules in own.items() if rules}, others


def _means(named: Subject, namespace: str, subject: Subject, user: User) -> bool:
    """Return whether a subject of a binding is the one that is asked about; users may be named as accounts are."""
    if in_full(named, namespace) == subject:
        return True
    return subject.kind == "ServiceAccount" and named.kind == "User" and named.name == user.name
