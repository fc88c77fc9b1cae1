"""Who may do what in a cluster, by its roles and bindings."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import msgspec

from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.engine.rbac.indirect import ways_to
from firedoor.engine.rbac.matching import in_full, rule_allows, subject_matches
from firedoor.engine.rbac.who_can import who_can as holders_of
from firedoor.errors import NothingInScopeError, UsageError
from firedoor.model.access import (
    MASTERS,
    SERVICE_ACCOUNT,
    AccessRequest,
    Grant,
    User,
    account_name,
    service_account_user,
    user_named,
)
from firedoor.model.access_answers import (
    AccessAnswer,
    AccessDoubt,
    AccessHolder,
    AccessHolders,
    AccessMatrix,
    AccessWay,
)
from firedoor.model.rbac import Subject
from firedoor.usecases.permission_matrix import permission_rows
from firedoor.usecases.resource_names import asked_request, is_about_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.model.places import Gap, ObjectRef
    from firedoor.model.rbac import PolicyRule, RoleBinding
    from firedoor.model.snapshot import Snapshot

_ALWAYS_THERE = ("default", "kube-node-lease", "kube-public", "kube-system")
_NOBODY = User("")
_ANYTHING = AccessRequest("*", "*", group="*")
_NAMELESS = ("create", "deletecollection")
_MOST_NAMES = 10


class AskedPermission(msgspec.Struct, frozen=True):
    """A verb, a resource or URL as kubectl writes them, the name of one object (or none), a namespace (or all)."""

    verb: str
    resource: str
    name: str = ""
    namespace: str = ""


def can(snapshot: Snapshot, asked: AskedPermission, name: str, groups: tuple[str, ...] = ()) -> AccessAnswer:
    """Return whether the user of that name, a member of `groups` besides the implied ones, may do it, and why."""
    authorizer = _authorizer(snapshot)
    user = _user(name, groups)
    request, notes = asked_request(asked.verb, asked.resource, asked.name, asked.namespace)
    decision = authorizer.decide(user, request)
    all_over = is_about_all(request)
    held = () if decision.allowed else tuple(authorizer.grants_of(user, None if all_over else request.namespace))
    inside = {each.namespace for each in held if all_over and each.namespace and rule_allows(each.rule, request)}
    return AccessAnswer(
        user,
        request,
        all_over,
        decision.verdict,
        decision.because,
        decision.is_master,
        decision.unsure,
        tuple(sorted(inside)),
        (
            *notes,
            *_name_notes((each.rule for each in held), request),
            *decision.remarks,
            *_namespace_notes(snapshot, request.namespace),
            *_user_notes(snapshot, user),
        ),
    )


def who_can(snapshot: Snapshot, asked: AskedPermission, *, indirect: bool = False) -> AccessHolders:
    """
    Return who may do it: in the namespace that is asked about, or in any if none is.

    With `indirect` also who can make itself able.
    """
    authorizer = _authorizer(snapshot)
    request, notes = asked_request(asked.verb, asked.resource, asked.name, asked.namespace)
    requests = [request]
    all_over = is_about_all(request)
    if all_over:
        permitting = (each for each, local in authorizer.local.items() if _permits(authorizer, local.all, request))
        requests += [msgspec.structs.replace(request, namespace=each) for each in permitting]
    holders = _merged_holders(
        AccessHolder(each.subject, each.via, each.by_group) for one in requests for each in holders_of(authorizer, one)
    )
    ways = None
    if indirect:
        inside = _namespaces(snapshot) if all_over else ()
        ways = _ways(authorizer, [request, *(msgspec.structs.replace(request, namespace=each) for each in inside)])
    scopes = (authorizer.cluster, *authorizer.local.values()) if all_over else authorizer.scopes(request)
    rules = (rule for scope in scopes for each in scope.all for rule, _, _ in authorizer.rules_of(each))
    notes += (*_name_notes(rules, request), *_namespace_notes(snapshot, request.namespace))
    gaps = tuple(_gaps_of(authorizer, _NOBODY, "")) if all_over else authorizer.unsure(request, _NOBODY)
    doubts = _doubts(authorizer, request, {each.subject for each in holders}, gaps)
    return AccessHolders(request, all_over, holders, doubts, ways, notes, gaps)


def show(snapshot: Snapshot, name: str, groups: tuple[str, ...], namespace: str) -> AccessMatrix:
    """Return all that a user may do, in one namespace and cluster-wide, or (`namespace` empty) everywhere."""
    authorizer = _authorizer(snapshot)
    user = _user(name, groups)
    found = permission_rows(tuple(authorizer.grants_of(user, namespace or None)))
    notes = (*found.notes, *_namespace_notes(snapshot, namespace), *_user_notes(snapshot, user))
    return AccessMatrix(
        user,
        namespace,
        found.resources,
        found.urls,
        MASTERS in user.groups,
        notes,
        tuple(_gaps_of(authorizer, user, namespace)),
    )


def _authorizer(snapshot: Snapshot) -> Authorizer:
    authorizer = Authorizer(snapshot)
    has_rules = snapshot.roles or snapshot.role_bindings
    # What could not be read may hold roles: the answer is then that it is not known.
    if not has_rules and not authorizer.unsure(msgspec.structs.replace(_ANYTHING, namespace="default"), _NOBODY):
        raise NothingInScopeError(
            "no role or binding was found", remedy="check the path, or the context of the cluster"
        )
    return authorizer


def _user(name: str, groups: tuple[str, ...]) -> User:
    if not name or not all(groups):
        raise UsageError(
            "the name of a user or group is empty",
            remedy=f"write a user name, or {SERVICE_ACCOUNT}NAMESPACE:NAME for a service account",
        )
    return user_named(name, groups)


def _name_notes(rules: Iterable[PolicyRule], request: AccessRequest) -> Iterator[str]:
    """Yield the names of the objects that rules permit it for, where the request is for none of them by name."""
    if request.name or not request.is_for_resource or (request.verb in _NAMELESS and not request.subresource):
        return
    names = sorted(
        {
            name
            for rule in rules
            for name in rule.resource_names
            if rule_allows(rule, msgspec.structs.replace(request, name=name))
        }
    )
    if names:
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        yield f"there are rules for single objects: {', '.join(names[:_MOST_NAMES])}{more}; give NAME to ask about one"


def _permits(authorizer: Authorizer, bindings: Iterable[RoleBinding], request: AccessRequest) -> bool:
    return any(rule_allows(rule, request) for each in bindings for rule, _, _ in authorizer.rules_of(each))


def _doubts(
    authorizer: Authorizer, request: AccessRequest, able: set[Subject], known: tuple[Gap, ...]
) -> tuple[AccessDoubt, ...]:
    """Return the subjects of bindings that may be able too, each with the gaps that leave it open for it alone."""
    scopes = authorizer.local.values() if is_about_all(request) else ()
    found: dict[Subject, dict[Gap, None]] = {}
    for scope in dict.fromkeys((*authorizer.scopes(request), *scopes)):
        within = msgspec.structs.replace(request, namespace=request.namespace or scope.namespace)
        subjects = {in_full(each, scope.namespace) for binding in scope.all for each in binding.subjects}
        for subject in sorted(subjects - able, key=_order):
            for gap in authorizer.unsure(within, _as_user(subject)):
                if gap not in known:
                    found.setdefault(subject, {})[gap] = None
    return tuple(AccessDoubt(subject, tuple(found[subject])) for subject in sorted(found, key=_order))


def _as_user(subject: Subject) -> User:
    """Return somebody whom bindings mean by this subject, and by nothing else."""
    if subject.kind == "Group":
        return User("", (subject.name,))
    if subject.kind == "ServiceAccount":
        return User(service_account_user(subject.namespace, subject.name).name)
    return User(subject.name)


def _order(named: Subject | ObjectRef) -> tuple[str, str, str]:
    return (named.kind, named.namespace, named.name)


def _gaps_of(authorizer: Authorizer, user: User, namespace: str) -> Iterator[Gap]:
    """Return what may hide more permissions: in one namespace and cluster-wide, or everywhere."""
    spaces = {namespace or "default"}
    if not namespace:
        spaces |= {*authorizer.local, *(each.object.namespace for each in authorizer.snapshot.gaps if each.object)}
    found: dict[Gap, None] = {}
    for each in sorted(spaces):
        request = msgspec.structs.replace(_ANYTHING, namespace=each)
        found |= dict.fromkeys(authorizer.unsure(request, user))
    yield from found


def _merged_holders(holders: Iterable[AccessHolder]) -> tuple[AccessHolder, ...]:
    """Return each subject once for itself and once for each of its groups, ``system:masters`` first."""
    merged: dict[tuple[Subject, Subject | None], list[Grant]] = {}
    for each in holders:
        merged.setdefault((each.subject, each.by_group), []).extend(each.via)
    found = (AccessHolder(subject, _once(via), group) for (subject, group), via in merged.items())
    return tuple(sorted(found, key=lambda each: (bool(each.via), _order(each.subject), _group_name(each))))


def _ways(authorizer: Authorizer, requests: Iterable[AccessRequest]) -> tuple[AccessWay, ...]:
    """Return who can make itself able to any of some requests, each way once."""
    merged: dict[tuple[Subject, str, Subject | ObjectRef], list[Grant]] = {}
    for request in requests:
        for each in ways_to(authorizer, request):
            merged.setdefault((each.subject, str(each.technique), each.target), []).extend(each.via)
    found = (AccessWay(*key, _once(via)) for key, via in merged.items())
    return tuple(sorted(found, key=lambda each: (_order(each.subject), each.technique, _order(each.target))))


def _once(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    """Return each rule of each binding once; what holds in the whole cluster is found for every namespace."""
    return tuple({(each.binding, each.role, each.source, each.path, each.subject): each for each in grants}.values())


def _group_name(holder: AccessHolder) -> str:
    return holder.by_group.name if holder.by_group is not None else ""


def _namespaces(snapshot: Snapshot) -> list[str]:
    """Return the namespaces that every cluster has, and those that an object tells of."""
    found = {*_ALWAYS_THERE, *snapshot.namespace_labels()}
    for objects in (snapshot.roles, snapshot.role_bindings, snapshot.service_accounts):
        found |= {each.metadata.namespace for each in objects}
    return sorted(found - {""})


def _namespace_notes(snapshot: Snapshot, namespace: str) -> Iterator[str]:
    known = _namespaces(snapshot)
    if namespace and namespace not in known:
        near = difflib.get_close_matches(namespace, known, 1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        yield f"nothing that was read is in a namespace {namespace}{hint}"


def _user_notes(snapshot: Snapshot, user: User) -> Iterator[str]:
    account = user.service_account
    implied = {Subject("Group", name=each) for each in user_named(user.name).groups}
    if not any(
        subject not in implied and subject_matches(subject, user, each.metadata.namespace)
        for each in snapshot.role_bindings
        for subject in each.subjects
    ):
        yield f"no binding names {user.name}{_near_user(snapshot, user)}"
    if account is not None and account[1] != "default" and account not in _accounts(snapshot):
        yield f"no ServiceAccount {'/'.join(account)} was read"
    if account is None and user.name.startswith(SERVICE_ACCOUNT):
        yield f"{user.name} is no service account: that would be {SERVICE_ACCOUNT}NAMESPACE:NAME"


def _near_user(snapshot: Snapshot, user: User) -> str:
    names = {account_name(where, name) for where, name in _accounts(snapshot)}
    names |= {each.name for binding in snapshot.role_bindings for each in binding.subjects if each.kind == "User"}
    return near_name(user.name, names)


def near_name(name: str, known: set[str]) -> str:
    """Return a question for the name that was meant, or nothing; ``shop/web`` means the service account."""
    short = f"{SERVICE_ACCOUNT}{name.replace('/', ':')}"
    near = [short] if short in known else difflib.get_close_matches(name, sorted(known - {name}), 1)
    return f" (did you mean {near[0]}?)" if near else ""


def _accounts(snapshot: Snapshot) -> set[tuple[str, str]]:
    return {(each.metadata.namespace, each.metadata.name) for each in snapshot.service_accounts}
