"""What is dangerous in RBAC as CSV: one row a finding."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

from firedoor.render.mapping_words import mappings_text
from firedoor.render.words import visible

if TYPE_CHECKING:
    from firedoor.model.rbac_risks import RiskFinding, RiskReport

_FORMULA = ("=", "+", "-", "@")
_TITLES = (
    "risk",
    "severity",
    "confidence",
    "technique",
    "kind",
    "namespace",
    "name",
    "scope",
    "namespaces",
    "names",
    "usual",
    "source",
    "message",
    "bindings",
    "roles",
    "fix",
    "mappings",
)


def rbac_risks_csv(report: RiskReport) -> str:
    """Return the rows; no cell can start a formula."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_TITLES)
    writer.writerows([[_inert(visible(cell)) for cell in _row(each)] for each in report.findings])
    return out.getvalue()


def _row(each: RiskFinding) -> tuple[str, ...]:
    finding = each.finding
    return (
        finding.check,
        finding.severity.value,
        finding.confidence.value,
        each.technique,
        finding.object.kind,
        finding.object.namespace,
        finding.object.name,
        each.scope,
        " ".join(each.namespaces),
        " ".join(each.names),
        "yes" if each.is_usual else "no",
        finding.source,
        finding.message,
        "; ".join(dict.fromkeys(str(grant.binding) for grant in each.grants)),
        "; ".join(dict.fromkeys(str(grant.role) for grant in each.grants)),
        finding.fix.summary,
        mappings_text(finding.mappings),
    )


def _inert(cell: str) -> str:
    # Spreadsheets run cells that begin like a formula, and names are not trusted.
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
