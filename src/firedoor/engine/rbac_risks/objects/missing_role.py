"""Bindings whose role does not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.rbac_risks.risk import ObjectRisk, RiskContext, ref_of
from firedoor.engine.rbac_risks.subjects import is_bootstrap
from firedoor.model.findings import Confidence, Severity
from firedoor.model.frameworks import Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.rbac_risks import RiskFinding

_OF_THE_PLATFORM = "system:"
"""Names that begin so are of roles that a provider of clusters adds, whether or not they were read."""


def _run(context: RiskContext) -> Iterator[RiskFinding]:
    for binding in context.authorizer.dangling:
        if context.is_whole or not binding.role.name.startswith(_OF_THE_PLATFORM):
            ref, role = ref_of(binding), binding.role
            yield RISK.finding(
                ref,
                binding.place.at("roleRef"),
                f"{ref} refers to {role.kind} {role.name}, which is not there"
                + ("" if context.is_whole else " among what was read"),
                severity=None if context.is_whole else Severity.LOW,
                confidence=Confidence.HIGH if context.is_whole else Confidence.LOW,
                is_usual=is_bootstrap(binding.metadata.labels),
            )


RISK = ObjectRisk(
    id="missing-role",
    title="A binding of a role that does not exist",
    mappings=Mappings(
        nsa=("rbac",),
        nist_800_53=("AC-2", "AC-6(7)"),
        mitre=("T1098.006",),
        pci_dss_4=("7.2.5.1",),
    ),
    severity=Severity.MEDIUM,
    why="it grants nothing now; whoever creates a role of that name decides what the subjects may do, unnoticed",
    remedy="delete the binding, or create the role",
    run=_run,
)
