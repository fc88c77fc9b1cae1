"""All risks of a snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.rbac_risks.catalogue import OBJECT_RISKS, PERMISSION_RISKS
from firedoor.engine.rbac_risks.judging import judge
from firedoor.engine.rbac_risks.permissions.everything import EVERYTHING
from firedoor.engine.rbac_risks.risk import RiskContext

if TYPE_CHECKING:
    from firedoor.engine.rbac.authorizer import Authorizer
    from firedoor.model.rbac_risks import RiskFinding


def find_risks(authorizer: Authorizer) -> tuple[RiskFinding, ...]:
    """Return what is dangerous in a snapshot, worst first; that which comes with Kubernetes is among it, and marked."""
    context = RiskContext(authorizer.snapshot, authorizer)
    found = list(judge(context, PERMISSION_RISKS, EVERYTHING))
    for risk in OBJECT_RISKS:
        found += risk.run(context)
    return tuple(sorted(found, key=lambda each: each.finding.sort_key))
