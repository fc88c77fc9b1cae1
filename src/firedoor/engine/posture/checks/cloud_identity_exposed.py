"""
Pods that the outside reaches and that have an identity in the cloud.

What it finds
-------------
Workloads that a Service or a route opens to the outside, and whose service account has
an annotation that gives its pods rights in the cloud (EKS, GKE, Azure Workload
Identity).

Why it matters
--------------
A flaw in the program hands over what the identity may do in the account of the cloud,
far beyond the cluster.

Example
-------
`eks.amazonaws.com/role-arn` on the account of a web server.

Remedy
------
Give the rights to a workload behind it that nobody outside reaches, and keep them
small.

References
----------
https://attack.mitre.org/techniques/T1078/004/
https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.exposed import confidence_of
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.posture.doors import Door
    from firedoor.model.findings import Finding
    from firedoor.model.rbac import ServiceAccount

_IDENTITIES = ("eks.amazonaws.com/role-arn", "iam.gke.io/gcp-service-account", "azure.workload.identity/client-id")


def _run(context: Context) -> Iterator[Finding]:
    accounts = {
        (each.metadata.namespace, each.metadata.name): each
        for each in context.snapshot.service_accounts
        if any(key in each.metadata.annotations for key in _IDENTITIES)
    }
    seen: set[ObjectRef] = set()
    for door in context.doors if accounts else ():
        workload = door.crew.workload
        account = accounts.get((workload.namespace, door.crew.spec.account))
        if account is not None and workload not in seen:
            seen.add(workload)
            yield _finding(door, account)


def _finding(door: Door, account: ServiceAccount) -> Finding:
    workload, annotations = door.crew.workload, account.metadata.annotations
    return CHECK.finding(
        workload,
        str(door.place),
        f"the outside reaches {workload}, and its account {account.metadata.name} has rights in the cloud",
        (
            f"{door} leads to port {door.number} of {workload}",
            *(f"{account.place}: {key} is {annotations[key]}" for key in _IDENTITIES if key in annotations),
        ),
        Fix("give the rights to a workload that the outside does not reach, or keep them as small as can be"),
        confidence=confidence_of(CHECK, door),
    )


CHECK = Check(
    id="cloud-identity-exposed",
    title="Rights in the cloud for pods that the outside reaches",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="a flaw in the program hands over what the identity may do in the cloud",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("sensitive-cloud-infrastructure",),
        nist_800_207=("3",),
        nist_800_53=("AC-6", "SC-7"),
        mitre=("T1190", "T1528"),
        pci_dss_4=("7.2.5", "1.4.2"),
    ),
    run=_run,
)
