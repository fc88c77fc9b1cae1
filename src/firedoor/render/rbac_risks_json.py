"""What is dangerous in RBAC as the JSON contract ``firedoor/rbac-risks/v1``."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from firedoor.render.exceptions_json import reviewed
from firedoor.render.findings_json import findings_document
from firedoor.render.reach_json import object_document

if TYPE_CHECKING:
    from firedoor.model.access import Grant
    from firedoor.model.rbac_risks import RiskFinding, RiskReport

SCHEMA = "firedoor/rbac-risks/v1"


def rbac_risks_document(report: RiskReport) -> dict[str, object]:
    """Return the document: findings as `firedoor diagnose` has them, and what is known of RBAC beside."""
    summary = {
        "findings": len(report.findings),
        "severities": report.severities,
        "usual": report.usual,
        "milder": report.milder,
        "suppressed": len(report.review.suppressed),
        "known": report.review.known,
        "fixed": len(report.review.fixed),
        "gaps": len(report.gaps),
        "serverVersion": report.server_version,
    }
    whole = findings_document((), report.gaps, summary)
    document = {**whole, "schema": SCHEMA, "findings": [_finding(each) for each in report.findings]}
    return reviewed(document, report.known, report.review)


def _finding(each: RiskFinding) -> dict[str, object]:
    told = cast("list[dict[str, object]]", findings_document((each.finding,), (), {})["findings"])
    return {
        **told[0],
        "technique": each.technique,
        "scope": each.scope,
        "namespaces": list(each.namespaces),
        "names": list(each.names),
        "usual": each.is_usual,
        "grants": [_grant(grant) for grant in each.grants],
    }


def _grant(grant: Grant) -> dict[str, object]:
    return {
        "namespace": grant.namespace,
        "binding": object_document(grant.binding),
        "bindingSource": str(grant.binding_place),
        "role": object_document(grant.role),
        "aggregatedFrom": object_document(grant.source) if grant.source is not None else None,
        "path": grant.path,
        "ruleSource": grant.role_place.at(grant.path),
    }
