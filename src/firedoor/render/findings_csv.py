"""Findings as CSV: one row a finding."""

from __future__ import annotations

import csv
from io import StringIO

from firedoor.model.findings import Finding
from firedoor.model.reports import FindingsReport
from firedoor.render.mapping_words import mappings_text
from firedoor.render.words import visible

_FORMULA = ("=", "+", "-", "@")
_TITLES = (
    "check",
    "severity",
    "confidence",
    "kind",
    "namespace",
    "name",
    "source",
    "message",
    "why",
    "evidence",
    "fix",
    "mappings",
)


def findings_csv(report: FindingsReport) -> str:
    """Return the rows, worst first; no cell can start a formula."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_TITLES)
    writer.writerows([[_inert(visible(cell)) for cell in _row(each.finding)] for each in report.told])
    return out.getvalue()


def _row(finding: Finding) -> tuple[str, ...]:
    return (
        finding.check,
        finding.severity.value,
        finding.confidence.value,
        finding.object.kind,
        finding.object.namespace,
        finding.object.name,
        finding.source,
        finding.message,
        finding.why,
        "; ".join(finding.evidence),
        finding.fix.summary,
        mappings_text(finding.mappings),
    )


def _inert(cell: str) -> str:
    # Spreadsheets run cells that begin like a formula, and names are not trusted.
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
