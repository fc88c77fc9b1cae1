"""All risks, listed family by family; a list that contradicts itself fails when it is loaded."""

from __future__ import annotations

import re

from firedoor.engine.rbac_risks.objects import (
    cluster_admin_bound,
    default_account_granted,
    default_account_used,
    ineffective_rule,
    masters_bound,
    missing_account,
    missing_role,
    public_binding,
    token_not_needed,
    unused_role,
)
from firedoor.engine.rbac_risks.permissions import (
    admission,
    certificates,
    cluster,
    everything,
    impersonation,
    network,
    nodes,
    pods,
    roles,
    secrets,
    storage,
    workloads,
)
from firedoor.engine.rbac_risks.permissions.everything import EVERYTHING
from firedoor.engine.rbac_risks.risk import ObjectRisk, PermissionRisk, Risk
from firedoor.model.frameworks import faults

_ID = re.compile(r"[a-z]+(-[a-z]+)+")


class CatalogueError(Exception):
    """The catalogue contradicts itself: a mistake in firedoor, never in what it looks at."""


def validated(risks: tuple[Risk, ...]) -> tuple[Risk, ...]:
    """Return the risks by id; raises ``CatalogueError`` for two of one id, and for an id or a mapping that is none."""
    seen: set[str] = set()
    for risk in risks:
        if risk.id in seen or not _ID.fullmatch(risk.id):
            raise CatalogueError(f"risk {risk.id}: the id is there twice, or is no slug")
        if len(risk.mappings.mitre) != 1 or faults(risk.mappings):
            wrong = ", ".join(faults(risk.mappings)) or "it needs one technique of MITRE ATT&CK"
            raise CatalogueError(f"risk {risk.id}: {wrong}")
        seen.add(risk.id)
    return tuple(sorted(risks, key=lambda each: each.id))


PERMISSION_RISKS: tuple[PermissionRisk, ...] = (
    *everything.RISKS,
    *secrets.RISKS,
    *workloads.RISKS,
    *pods.RISKS,
    *nodes.RISKS,
    *roles.RISKS,
    *impersonation.RISKS,
    *certificates.RISKS,
    *admission.RISKS,
    *storage.RISKS,
    *network.RISKS,
    *cluster.RISKS,
)
"""The permissions that are looked for beside everything at once."""

OBJECT_RISKS: tuple[ObjectRisk, ...] = (
    cluster_admin_bound.RISK,
    default_account_granted.RISK,
    default_account_used.RISK,
    ineffective_rule.RISK,
    masters_bound.RISK,
    missing_account.RISK,
    missing_role.RISK,
    public_binding.RISK,
    token_not_needed.RISK,
    unused_role.RISK,
)

CATALOGUE: tuple[Risk, ...] = validated((EVERYTHING, *PERMISSION_RISKS, *OBJECT_RISKS))
"""All risks, by id."""
