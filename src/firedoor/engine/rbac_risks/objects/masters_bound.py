"""Bindings for the group that is asked nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.rbac_risks.risk import ObjectRisk, RiskContext, ref_of
from firedoor.engine.rbac_risks.subjects import is_usual
from firedoor.model.access import MASTERS
from firedoor.model.findings import Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.rbac import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.rbac_risks import RiskFinding


def _run(context: RiskContext) -> Iterator[RiskFinding]:
    for binding in context.snapshot.role_bindings:
        named = [each for each in binding.subjects if each.name == MASTERS]
        for subject in dict.fromkeys(Subject(each.kind, each.name) for each in named):
            ref = ref_of(binding)
            is_group = subject.kind == "Group"
            yield RISK.finding(
                ref,
                str(binding.place),
                f"{ref} names {subject.kind} {MASTERS}"
                + ("" if is_group else ", which is the name of a group and of no user or account"),
                is_usual=is_group and is_usual(binding, subject),
            )


RISK = ObjectRisk(
    id="masters-bound",
    title="A binding that names system:masters",
    mappings=Mappings(
        cis=("5.1.7",),
        nsa=("rbac",),
        nist_800_207=("3",),
        nist_800_53=("AC-6", "AC-6(5)"),
        mitre=("T1078",),
        pci_dss_4=("7.2.2",),
    ),
    severity=Severity.MEDIUM,
    why="members of system:masters may do everything whatever roles say, and deleting the binding takes nothing from "
    "them: "
    "that the group is used means that there are certificates which cannot be revoked",
    remedy="give people a group of your own, bind that one, and issue no certificates for system:masters",
    run=_run,
)
