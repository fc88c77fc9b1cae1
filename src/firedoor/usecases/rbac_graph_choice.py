"""Which bindings a graph of RBAC shows, and for which of their subjects."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from firedoor.engine.rbac.who_can import accounts_of
from firedoor.engine.rbac_risks.subjects import identity, is_bootstrap, is_usual
from firedoor.errors import UsageError
from firedoor.model.access import (
    ANONYMOUS,
    AUTHENTICATED,
    SERVICE_ACCOUNT,
    SERVICE_ACCOUNTS,
    account_name,
    user_named,
)
from firedoor.model.rbac import Subject
from firedoor.usecases.rbac import near_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.engine.rbac.authorizer import Authorizer
    from firedoor.model.rbac import RoleBinding

Starts = dict[Subject, tuple[str, ...]]
"""The subjects that are asked about, each with the groups that it is in; empty where it is about all."""


class GraphQuestion(msgspec.Struct, frozen=True):
    """
    What of the graph is asked for.

    `subjects` are names of users, service accounts and groups, `groups` those that the
    users are in; with `namespace` it is about the bindings there and those that concern
    its service accounts, with `usual` also about what comes with Kubernetes. `version`
    is that of the API server where the snapshot does not know it.
    """

    subjects: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    namespace: str = ""
    usual: bool = False
    version: str = ""


class Bound(NamedTuple):
    """A binding, and those of its subjects that are shown."""

    binding: RoleBinding
    subjects: tuple[Subject, ...]


class Chosen(NamedTuple):
    """The bindings to show, and how many more there are that come with Kubernetes."""

    bound: tuple[Bound, ...]
    usual: int


def starts(authorizer: Authorizer, asked: GraphQuestion) -> Starts:
    """Return the subjects of a question; raises ``UsageError`` for a name that no binding or account has."""
    if asked.groups and not asked.subjects:
        raise UsageError("--as-group is given without --as", remedy="to start from a group, write --as GROUP")
    if not asked.subjects:
        return {}
    named = {subject for bound in _all(authorizer) for subject in bound.subjects}
    known = {*named, *accounts_of(authorizer.snapshot)}
    found: Starts = {}
    for text in asked.subjects:
        for subject in _meant(text, known, asked):
            is_group = subject.kind == "Group"
            found[subject] = () if is_group else user_named(text, asked.groups).groups
    return found


def chosen(authorizer: Authorizer, asked: GraphQuestion, begun: Starts) -> Chosen:
    """Return the bindings that a question is about, those for the whole cluster first."""
    reached = {*begun, *(Subject("Group", each) for groups in begun.values() for each in groups)}
    found: list[Bound] = []
    usual = 0
    for bound in _all(authorizer):
        if begun:
            is_there = bound.binding.metadata.namespace in {"", asked.namespace} or not asked.namespace
            subjects = tuple(each for each in bound.subjects if is_there and each in reached)
        else:
            subjects = tuple(each for each in bound.subjects if _concerns(bound.binding, each, asked.namespace))
        for_nobody = not begun and not bound.subjects and _is_in(bound.binding, asked.namespace)
        if not subjects and not for_nobody:
            continue
        if not asked.usual and _comes_with_kubernetes(bound):
            usual += 1
        else:
            found.append(Bound(bound.binding, subjects))
    return Chosen(tuple(found), usual)


def _all(authorizer: Authorizer) -> Iterator[Bound]:
    for scope in (authorizer.cluster, *authorizer.local.values()):
        for number, binding in enumerate(scope.all):
            yield Bound(binding, tuple(dict.fromkeys(map(identity, scope.subjects(number)))))


def _meant(text: str, known: Iterable[Subject], asked: GraphQuestion) -> tuple[Subject, ...]:
    """Return the user or service account and the group of a name, as far as they are known."""
    user = identity(Subject("User", text))
    found = tuple(each for each in (user, Subject("Group", text)) if each in known)
    if found:
        return found
    if text and (asked.groups or text == ANONYMOUS):
        # Only the authenticator knows its users: who is in a group that is given need not be named.
        return (user,)
    names = {account_name(each.namespace, each.name) if each.namespace else each.name for each in known}
    raise UsageError(
        f"no binding or service account is named {text!r}{near_name(text, names)}",
        remedy=f"write a user name, {SERVICE_ACCOUNT}NAMESPACE:NAME, or the name of a group",
    )


def _concerns(binding: RoleBinding, subject: Subject, namespace: str) -> bool:
    """Return whether a binding gives a subject something in a namespace, or gives something to its accounts."""
    if _is_in(binding, namespace) or subject.namespace == namespace:
        return True
    implied = {f"{SERVICE_ACCOUNTS}:{namespace}"}
    if not binding.metadata.namespace:
        implied |= {SERVICE_ACCOUNTS, AUTHENTICATED}
    return subject.kind == "Group" and subject.name in implied


def _is_in(binding: RoleBinding, namespace: str) -> bool:
    return not namespace or binding.metadata.namespace == namespace


def _comes_with_kubernetes(bound: Bound) -> bool:
    """Return whether a binding is one that Kubernetes, its installer or its vendor makes, for nobody else."""
    if not bound.subjects:
        return is_bootstrap(bound.binding.metadata.labels)
    return all(is_usual(bound.binding, each) for each in bound.subjects)
