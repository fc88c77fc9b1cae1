"""Permissions that nobody needed, as items of a regular review."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from firedoor.engine.review.telling import fingerprint
from firedoor.model.places import ObjectRef
from firedoor.model.review import Item, ItemKind, RbacReview
from firedoor.usecases.rbac_unused import unused

if TYPE_CHECKING:
    from firedoor.interfaces import AuditSource, Progress
    from firedoor.model.least_access import UnusedGrant
    from firedoor.model.rbac import PolicyRule, Subject
    from firedoor.model.snapshot import Snapshot

_DAY = timedelta(days=1)


def review_rbac(
    snapshot: Snapshot, log: AuditSource, progress: Progress, now: datetime, days: int, namespace: str = ""
) -> RbacReview:
    """
    Return the grants that audit logs show no full use of.

    They are undecided where the logs cover less than the days before `now`, up to a day at either end.
    """
    found = unused(snapshot, log, progress, namespace)
    first, last = _time(found.log.first), _time(found.log.last)
    is_enough = first is not None and last is not None and first <= now - days * _DAY + _DAY and last >= now - _DAY
    items = tuple(map(_item, found.grants))
    decided, undecided = (items, ()) if is_enough else ((), items)
    return RbacReview(found.log, found.checked, is_enough, decided, undecided)


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _item(found: UnusedGrant) -> Item:
    grant = found.grant
    binding, subject = grant.binding, subject_name(grant.subject)
    where = grant.namespace or "the whole cluster"
    evidence = [f"{subject} in {where}, by {grant.role} {grant.path}"]
    evidence += [f"not used: {rule_name(each)}" for each in found.unused]
    evidence += [f"used: {rule_name(each)}" for each in found.used]
    # What was left unused is part of it only where all of the rule was: what was used in part may vary.
    mark = fingerprint(
        ItemKind.PERMISSION_UNUSED, binding, subject, grant.namespace, str(grant.role), rule_name(grant.rule)
    )
    message = f"a rule that {subject} holds was not used" + (" in full" if found.requests else "")
    proposal = "leave what was not used out of the role" if found.requests else "take the rule away"
    return Item(
        ItemKind.PERMISSION_UNUSED,
        ObjectRef(binding.kind, binding.namespace, binding.name),
        grant.path,
        str(grant.binding_place),
        message,
        mark,
        tuple(evidence),
        proposal,
    )


def subject_name(subject: Subject) -> str:
    """Return the kind and the name of a subject, with its namespace where it has one."""
    return str(ObjectRef(subject.kind, subject.namespace, subject.name))


def rule_name(rule: PolicyRule) -> str:
    """Return what a rule permits, on one line."""
    what = rule.non_resource_urls or tuple(
        f"{resource}.{group}" if group else resource for group in rule.api_groups for resource in rule.resources
    )
    names = f" named {', '.join(rule.resource_names)}" if rule.resource_names else ""
    return f"{', '.join(rule.verbs)} {', '.join(what)}{names}"
