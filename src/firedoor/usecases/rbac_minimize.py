"""The least roles for what subjects did, according to audit logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.engine.rbac_least.checks_beyond import checks_beyond
from firedoor.engine.rbac_least.comparing import held_now
from firedoor.engine.rbac_least.least import least_rules
from firedoor.engine.rbac_least.objects import generated, subject_of
from firedoor.engine.rbac_least.permitting import is_common, is_expressible
from firedoor.engine.rbac_least.proof import prove
from firedoor.engine.rbac_least.subjects import Wanted, choose
from firedoor.engine.rbac_least.usage import Usage
from firedoor.errors import NothingInScopeError, UsageError
from firedoor.model.access import AccessRequest, User
from firedoor.model.least_access import CountedRequest, HeldNow, LeastAccess, LeastRoles
from firedoor.model.rbac import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.interfaces import AuditSource, Progress
    from firedoor.model.snapshot import Snapshot

_Counts = dict[AccessRequest, int]


class LeastQuestion(Struct, frozen=True):
    """
    Whose least roles are asked for.

    `subjects` are written as user names or as ``NAMESPACE/NAME`` of service accounts,
    `namespace` stands for its service accounts, and members of `groups` share roles.
    """

    subjects: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    namespace: str = ""
    most_names: int = 0


def minimize(
    log: AuditSource, progress: Progress, asked: LeastQuestion, snapshot: Snapshot | None = None
) -> LeastAccess:
    """Return the least roles, compared with those of a snapshot where there is one."""
    wanted = Wanted(tuple(map(parse_subject, asked.subjects)), asked.groups, asked.namespace)
    usage = Usage(asked.most_names, names_in_roles(snapshot))
    usage.read(log.events(progress))
    chosen = choose(usage.users(), wanted)
    authorizer = None if snapshot is None else Authorizer(snapshot)
    found = [
        _least(subject, users, usage, asked.most_names, authorizer)
        for subject, users in sorted(chosen.wanted.items(), key=lambda each: _order(each[0]))
    ]
    if not found and not chosen.exempt:
        raise NothingInScopeError(_nothing(usage, asked), remedy="check the log, and the names that were asked for")
    others: dict[Subject, int] = {}
    for user in chosen.others:
        count = sum(usage.allowed.of(user).values()) + sum(usage.denied.of(user).values())
        others[subject_of(user)] = others.get(subject_of(user), 0) + count
    return LeastAccess(
        usage.summary(),
        tuple(found),
        tuple(sorted(others.items(), key=lambda each: _order(each[0]))),
        tuple(sorted(chosen.exempt.items(), key=lambda each: _order(each[0]))),
        tuple(_missing(wanted, chosen.wanted.keys() | chosen.exempt.keys())),
        () if snapshot is None else snapshot.gaps,
    )


def parse_subject(text: str) -> Subject:
    """Return the subject that a person means: ``NAMESPACE/NAME`` is a service account, all else a user name."""
    if not text:
        raise UsageError("the name of a subject is empty", remedy="write a user name, or NAMESPACE/NAME")
    namespace, slash, name = text.partition("/")
    if slash and "/" not in name and "@" not in text and ":" not in text:
        if not namespace or not name:
            raise UsageError(f"{text} is no service account", remedy="write NAMESPACE/NAME")
        return Subject("ServiceAccount", name, namespace)
    return subject_of(User(text))


def names_in_roles(snapshot: Snapshot | None) -> frozenset[str]:
    """Return all ``resourceNames``: a request for one of them is not the same as one for another object."""
    if snapshot is None:
        return frozenset()
    return frozenset(name for role in snapshot.roles for rule in role.rules for name in rule.resource_names)


def _least(
    subject: Subject, users: list[User], usage: Usage, most_names: int, authorizer: Authorizer | None
) -> LeastRoles:
    granted: dict[tuple[User, AccessRequest], int] = {}
    allowed = common = 0
    inexpressible: _Counts = {}
    for user in users:
        for request, count in usage.allowed.of(user).items():
            allowed += count
            if is_common(user, request):
                common += count
            elif is_expressible(request):
                granted[user, request] = count
            else:
                inexpressible[request] = inexpressible.get(request, 0) + count
    refused: _Counts = {}
    for user in users:
        for request, count in usage.denied.of(user).items():
            refused[request] = refused.get(request, 0) + count
    rules = least_rules(dict.fromkeys(request for _, request in granted), most_names)
    roles, bindings = generated(subject, rules)
    held: HeldNow | None = None
    if authorizer is not None:
        held = held_now(authorizer, subject, users, rules, granted)
    return LeastRoles(
        subject,
        allowed,
        sum(refused.values()),
        common,
        tuple(roles),
        tuple(bindings),
        prove(roles, bindings, tuple(granted)),
        _counted(refused),
        _counted(inexpressible),
        tuple(checks_beyond(request for _, request in granted)),
        held,
    )


def _counted(requests: _Counts) -> tuple[CountedRequest, ...]:
    return tuple(CountedRequest(request, count) for request, count in requests.items())


def _missing(wanted: Wanted, found: Iterable[Subject]) -> list[str]:
    seen = set(found)
    named = (*wanted.subjects, *(Subject("Group", each) for each in wanted.groups))
    return [f"the log holds no request of {_words(each)}" for each in named if each not in seen]


def _words(subject: Subject) -> str:
    name = f"{subject.namespace}/{subject.name}" if subject.namespace else subject.name
    return f"{subject.kind} {name}"


def _nothing(usage: Usage, asked: LeastQuestion) -> str:
    if not usage.summary().requests:
        return f"the audit logs hold no request{_left_out(usage)}"
    whom = ", ".join((*asked.subjects, *asked.groups, *filter(None, (asked.namespace,))))
    return f"the audit logs hold no request of {whom}"


def _left_out(usage: Usage) -> str:
    summary = usage.summary()
    counts = ", ".join(f"{count} {kind}" for kind, count in summary.skipped.items())
    first = f"; the first: {summary.faults[0].place}: {summary.faults[0].reason}" if summary.faults else ""
    return f" (left out: {counts}{first})" if counts else ""


def _order(subject: Subject) -> tuple[str, str, str]:
    return (subject.kind, subject.namespace, subject.name)
