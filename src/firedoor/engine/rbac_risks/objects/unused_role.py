"""Roles that no binding refers to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.rbac.roles import CLUSTER_ROLE
from firedoor.engine.rbac_risks.risk import ObjectRisk, RiskContext
from firedoor.engine.rbac_risks.subjects import is_bootstrap
from firedoor.model.findings import Confidence, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.rbac_risks import RiskFinding

_USER_FACING = ("rbac.authorization.k8s.io/aggregate-to-",)


def _run(context: RiskContext) -> Iterator[RiskFinding]:
    authorizer = context.authorizer
    used = set()
    for binding in context.snapshot.role_bindings:
        role = authorizer.role_of(binding)
        if role is not None:
            home = "" if role.kind == CLUSTER_ROLE else role.metadata.namespace
            used.add(ObjectRef(role.kind, home, role.metadata.name))
    for role in authorizer.roles.all:
        used |= {source for _, _, source in authorizer.roles.rules(role) if source is not None}
    for role in context.snapshot.roles:
        ref = ObjectRef(role.kind, "" if role.kind == CLUSTER_ROLE else role.metadata.namespace, role.metadata.name)
        # Where only files were read, roles made for admin, edit or view are used by those.
        if ref not in used and not any(label.startswith(_USER_FACING) for label in role.metadata.labels):
            yield RISK.finding(
                ref,
                str(role.place),
                f"no binding refers to {ref}" + ("" if context.is_whole else " among what was read"),
                confidence=Confidence.HIGH if context.is_whole else Confidence.LOW,
                is_usual=is_bootstrap(role.metadata.labels),
            )


RISK = ObjectRisk(
    id="unused-role",
    title="A role that nobody is bound to",
    mappings=Mappings(
        nsa=("rbac",),
        nist_800_53=("AC-6(7)",),
        mitre=("T1098.006",),
        pci_dss_4=("7.2.5.1",),
    ),
    severity=Severity.INFO,
    why="a role that lies ready is bound one day without a look at what it permits",
    remedy="delete the role, or bind it",
    run=_run,
)
