"""The service accounts that pods run as: how many hold nothing dangerous, and how much of what is held was used."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from firedoor.engine.rbac_least.unused import is_bootstrap, unused_grants
from firedoor.engine.rbac_risks import find_risks
from firedoor.engine.rbac_risks.objects.accounts import granted, uses
from firedoor.engine.rbac_risks.risk import RiskContext
from firedoor.engine.rbac_risks.subjects import implied_groups
from firedoor.engine.score.unread import unread
from firedoor.model.places import ObjectRef
from firedoor.model.rbac import Subject
from firedoor.model.score import Measure, MeasureId, Unit

if TYPE_CHECKING:
    from firedoor.engine.rbac.authorizer import Authorizer
    from firedoor.engine.rbac_least.usage import Tally
    from firedoor.engine.rbac_risks.objects.accounts import Account
    from firedoor.model.findings import Finding

_MOST_MESSAGES = 3


def least_privilege(authorizer: Authorizer) -> Measure:
    """
    Return how many service accounts that pods run as have no dangerous permission, their own or of their groups.

    What Kubernetes itself sets up counts for nothing, as in `firedoor rbac risks`. An account
    that may have permissions which were not read is unknown.
    """
    snapshot = authorizer.snapshot
    context = RiskContext(snapshot, authorizer)
    if not (context.is_whole or snapshot.role_bindings):
        return Measure(MeasureId.LEAST_PRIVILEGE, reason="no binding of roles was read")
    found: dict[ObjectRef, list[Finding]] = defaultdict(list)
    for each in find_risks(authorizer):
        if not each.is_usual:
            found[each.finding.object].append(each.finding)
    bound = granted(context)
    hiding = [each.what for each in unread(snapshot.gaps, frozenset({"RoleBinding"}))]
    units = []
    for account in uses(context):
        applying = [*bound[account], *bound[account[0], ""]]
        gaps = authorizer.unread.leaves_open("", applying)
        units.append(_account(account, found, [*hiding, *(each.reason for each in gaps)]))
    return Measure(MeasureId.LEAST_PRIVILEGE, tuple(units))


def used_permissions(authorizer: Authorizer, allowed: Tally | None) -> Measure:
    """Return how many rules that subjects hold were needed as they are, by the requests of audit logs."""
    if allowed is None:
        return Measure(MeasureId.USED_PERMISSIONS, reason="no audit log was given")
    bindings = [each for each in authorizer.snapshot.role_bindings if not is_bootstrap(each)]
    judged = unused_grants(authorizer, bindings, allowed, "")
    needed = judged.checked - len(judged.grants)
    units = [Unit("", ObjectRef("Rules", "", "needed"), needed, needed)]
    for each in judged.grants:
        subject = each.grant.subject
        about = ObjectRef(subject.kind, subject.namespace, subject.name)
        how = "used in part only" if each.used else "never used"
        what = f"{each.grant.path} of {each.grant.role}, by {each.grant.binding}: {how}"
        units.append(Unit(subject.namespace, about, 1, 0, 0, what, (), str(each.grant.binding_place)))
    return Measure(MeasureId.USED_PERMISSIONS, tuple(units))


def _account(account: Account, found: dict[ObjectRef, list[Finding]], hiding: list[str]) -> Unit:
    namespace, name = account
    about = ObjectRef("ServiceAccount", namespace, name)
    groups = implied_groups(Subject("ServiceAccount", name, namespace))
    own = [*found[about], *(each for group in groups for each in found[ObjectRef("Group", "", group)])]
    if own:
        checks = tuple(dict.fromkeys(each.check for each in own))
        more = f"; and {len(own) - _MOST_MESSAGES} more" if len(own) > _MOST_MESSAGES else ""
        told = "; ".join(each.message for each in own[:_MOST_MESSAGES])
        return Unit(namespace, about, 1, 0, 0, told + more, checks, own[0].source)
    if hiding:
        return Unit(namespace, about, 1, 0, 1, f"may have permissions that were not read: {hiding[0]}")
    return Unit(namespace, about, 1, 1)
