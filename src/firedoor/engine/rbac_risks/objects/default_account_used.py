"""Workloads that run as the account of nobody in particular."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.rbac_risks.objects.accounts import uses
from firedoor.engine.rbac_risks.risk import ObjectRisk, RiskContext
from firedoor.engine.rbac_risks.subjects import SYSTEM_NAMESPACE
from firedoor.engine.rbac_risks.telling import listed
from firedoor.model.findings import Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.rbac_risks import RiskFinding


def _run(context: RiskContext) -> Iterator[RiskFinding]:
    for (namespace, name), found in uses(context).items():
        with_token = [each for each in found if each.mounts]
        if name == "default" and with_token:
            names = tuple(f"{each.by.kind} {each.by.name}" for each in with_token)
            yield RISK.finding(
                ObjectRef("ServiceAccount", namespace, name),
                with_token[0].place,
                f"{len(names)} workload{'s' * (len(names) > 1)} of {namespace} run as its default service account, "
                f"with "
                f"its token: {listed(names)}",
                tuple(f"{each.place}: {each.by}, {each.reason}" for each in with_token),
                is_usual=namespace == SYSTEM_NAMESPACE,
            )


RISK = ObjectRisk(
    id="default-account-used",
    title="Pods with the token of the default service account",
    mappings=Mappings(
        cis=("5.1.5", "5.1.6"),
        nsa=("rbac", "service-account-tokens"),
        nist_800_207=("3",),
        nist_800_53=("AC-6", "IA-9"),
        mitre=("T1078.001",),
        pci_dss_4=("2.2.2", "7.2.5"),
    ),
    severity=Severity.LOW,
    why="they all are one and the same to the API server: what one of them is given, all have",
    remedy="name a service account in each workload, and set automountServiceAccountToken: false on the default one",
    run=_run,
)
