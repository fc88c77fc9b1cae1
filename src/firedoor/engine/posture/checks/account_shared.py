"""
Service accounts with permissions that many workloads share.

What it finds
-------------
Service accounts, other than `default`, that a binding names and that more than three
workloads run as.

Why it matters
--------------
Each of them has what any of them needs, and the audit log cannot tell which one acted.

Example
-------
One account `app` for all workloads of a namespace.

Remedy
------
Give each workload an account with the permissions that it needs.

References
----------
https://kubernetes.io/docs/concepts/security/rbac-good-practices/
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.words import count, listed
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.posture.crews import Crew
    from firedoor.model.findings import Finding
    from firedoor.model.rbac import RoleBinding

MOST_USERS = 3
"""Workloads that may share an account without being told of."""


def _run(context: Context) -> Iterator[Finding]:
    users: dict[tuple[str, str], list[Crew]] = defaultdict(list)
    for crew in context.first_crews:
        if crew.spec.account != "default":
            users[crew.workload.namespace, crew.spec.account].append(crew)
    bound: dict[tuple[str, str], list[RoleBinding]] = defaultdict(list)
    for each in context.snapshot.role_bindings:
        for subject in each.subjects:
            if subject.kind == "ServiceAccount":
                bound[subject.namespace or each.metadata.namespace, subject.name].append(each)
    for (namespace, name), crews in sorted(users.items()):
        bindings = bound.get((namespace, name), [])
        if len(crews) > MOST_USERS and bindings:
            yield CHECK.finding(
                ObjectRef("ServiceAccount", namespace, name),
                str(bindings[0].place),
                f"{count(len(crews), 'workload')} of namespace {namespace} run as {name}, which has permissions",
                (
                    f"run as {name}: {listed(each.workload for each in crews)}",
                    *(f"{each.place}: {each.kind} {each.metadata.name} binds {each.role.name}" for each in bindings),
                ),
                Fix("give each workload an account of its own, with the permissions that it needs"),
            )


CHECK = Check(
    id="account-shared",
    title="Accounts that many workloads share",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="each of them may do what any of them needs, and nobody can tell which one did",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("rbac", "service-account-tokens"),
        nist_800_207=("3",),
        nist_800_53=("AC-6", "IA-9"),
        pci_dss_4=("7.2.5",),
    ),
    run=_run,
)
