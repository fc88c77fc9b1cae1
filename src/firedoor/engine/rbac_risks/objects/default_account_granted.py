"""Permissions for the account that every pod has which names none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.rbac_risks.objects.accounts import granted
from firedoor.engine.rbac_risks.risk import ObjectRisk, RiskContext, ref_of
from firedoor.engine.rbac_risks.subjects import is_bootstrap
from firedoor.model.findings import Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.rbac_risks import RiskFinding


def _run(context: RiskContext) -> Iterator[RiskFinding]:
    for (namespace, name), bindings in granted(context).items():
        if name == "default":
            about = ObjectRef("ServiceAccount", namespace, name)
            yield RISK.finding(
                about,
                str(bindings[0].place),
                f"{about} is bound to {', '.join(sorted({each.role.name for each in bindings}))}: every pod of "
                f"{namespace} that names no service account has that",
                tuple(f"{each.place}: {ref_of(each)} gives {each.role.kind} {each.role.name}" for each in bindings),
                is_usual=all(is_bootstrap(each.metadata.labels) for each in bindings),
            )


RISK = ObjectRisk(
    id="default-account-granted",
    title="The default service account has permissions",
    mappings=Mappings(
        cis=("5.1.5",),
        nsa=("rbac",),
        nist_800_207=("3",),
        nist_800_53=("AC-2", "AC-6"),
        mitre=("T1078.001",),
        pci_dss_4=("2.2.2", "7.2.5"),
    ),
    severity=Severity.MEDIUM,
    why="pods get these permissions without anybody asking for them, new ones too",
    remedy="give the workload that needs them a service account of its own, and bind that one",
    run=_run,
)
