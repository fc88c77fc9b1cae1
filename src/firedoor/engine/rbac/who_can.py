"""Who may do something: every subject that a binding gives it to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from firedoor.engine.rbac.matching import allows_some
from firedoor.model.access import AUTHENTICATED, MASTERS, SERVICE_ACCOUNTS, Grant
from firedoor.model.rbac import Subject

if TYPE_CHECKING:
    from firedoor.engine.rbac.authorizer import Authorizer
    from firedoor.engine.rbac.roles import HeldRule
    from firedoor.model.access import AccessRequest
    from firedoor.model.snapshot import Snapshot

_MASTERS = Subject("Group", MASTERS)


class Holder(Struct, frozen=True, gc=False):
    """
    A subject that may do what was asked for, and the grants that it has it from.

    `by_group` is the group that a service account is in without anybody saying so, and
    has it from. Members of ``system:masters`` need no grant.
    """

    subject: Subject
    via: tuple[Grant, ...] = ()
    by_group: Subject | None = None


def who_can(authorizer: Authorizer, request: AccessRequest) -> tuple[Holder, ...]:
    """
    Return everybody who may do what a request asks for, ``system:masters`` first and the others sorted.

    A group that stands for service accounts is there itself, and once more for each
    service account of the snapshot that is in it.
    """
    found = holdings(authorizer, request, frozenset({request.name}))
    found.pop(_MASTERS, None)
    holders = [Holder(subject, tuple(grants)) for subject, grants in found.items()]
    accounts = accounts_of(authorizer.snapshot)
    for group in [each for each in holders if each.subject.kind == "Group"]:
        holders += (Holder(each, group.via, group.subject) for each in accounts if is_in(each, group.subject.name))
    return (Holder(_MASTERS), *sorted(holders, key=_order))


def holdings(
    authorizer: Authorizer, request: AccessRequest, names: frozenset[str] | None
) -> dict[Subject, list[Grant]]:
    """
    Return the subjects that bindings permit a request to, each with its grants.

    The request may name any one of `names`; None stands for whatever name some rule lists.
    """
    matching = authorizer.index.matching(request)
    found: dict[Subject, list[Grant]] = {}
    for scope in authorizer.scopes(request):
        hits: dict[int, list[HeldRule]] = {}
        for home in dict.fromkeys(("", scope.namespace)):
            rules = matching.get(home, {})
            for role in rules.keys() & scope.by_role.keys():
                held = [each for each in rules[role] if allows_some(each[0], request, names)]
                hits.update((number, held) for number in scope.by_role[role] if held)
        for number in sorted(hits):
            for subject, written in scope.subjects(number).items():
                grants = found.setdefault(subject, [])
                grants += (authorizer.grant(scope.all[number], written, held) for held in hits[number])
    return found


def accounts_of(snapshot: Snapshot) -> tuple[Subject, ...]:
    """Return the service accounts of a snapshot, those that only pods and workloads tell of included, sorted."""
    names = {(each.metadata.namespace, each.metadata.name) for each in snapshot.service_accounts}
    names |= {(each.metadata.namespace, each.spec.account) for each in snapshot.pods}
    names |= {(each.metadata.namespace, each.template.spec.account) for each in snapshot.workloads}
    return tuple(Subject("ServiceAccount", name, namespace) for namespace, name in sorted(names))


def is_in(account: Subject, group: str) -> bool:
    """Return whether a service account is in a group for being one."""
    return group in {SERVICE_ACCOUNTS, f"{SERVICE_ACCOUNTS}:{account.namespace}", AUTHENTICATED}


def is_implied(group: str) -> bool:
    """Return whether members of a group are in it for what they are, so that nobody lists them."""
    return group in {AUTHENTICATED, SERVICE_ACCOUNTS} or group.startswith(f"{SERVICE_ACCOUNTS}:")


def _order(holder: Holder) -> tuple[str, str, str, str]:
    subject = holder.subject
    return (subject.kind, subject.namespace, subject.name, holder.by_group.name if holder.by_group else "")
