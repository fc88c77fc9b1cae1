"""Rules that subjects hold and did not need, according to audit logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.engine.rbac_least.unused import is_bootstrap, unused_grants
from firedoor.engine.rbac_least.usage import Usage
from firedoor.errors import NothingInScopeError
from firedoor.model.least_access import UnusedAccess
from firedoor.usecases.rbac_minimize import names_in_roles

if TYPE_CHECKING:
    from firedoor.interfaces import AuditSource, Progress
    from firedoor.model.snapshot import Snapshot


def unused(
    snapshot: Snapshot, log: AuditSource, progress: Progress, namespace: str = "", *, with_bootstrap: bool = False
) -> UnusedAccess:
    """Return the grants that no request in the logs needed, or not all of them, in one namespace or everywhere."""
    if not snapshot.role_bindings:
        raise NothingInScopeError("no binding was found", remedy="check the path, or the context of the cluster")
    usage = Usage(kept_names=names_in_roles(snapshot))
    usage.read(log.events(progress))
    summary = usage.summary()
    if not summary.requests:
        raise NothingInScopeError(
            "the audit logs hold no request, and everything would count as unused", remedy="check the log"
        )
    authorizer = Authorizer(snapshot)
    bindings = [each for each in snapshot.role_bindings if with_bootstrap or not is_bootstrap(each)]
    judged = unused_grants(authorizer, bindings, usage.allowed, namespace)
    notes = [
        f"{each.kind} {each.metadata.name} refers to a {each.role.kind} {each.role.name} that was not read"
        for each in authorizer.dangling
        if each in bindings
    ]
    return UnusedAccess(
        summary,
        judged.grants,
        judged.checked,
        len(snapshot.role_bindings) - len(bindings),
        judged.unseen,
        tuple(notes),
        snapshot.gaps,
    )
