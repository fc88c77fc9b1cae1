"""Findings as one HTML file that works offline and asks no other host for anything."""

from __future__ import annotations

from html import escape

from firedoor.model.frameworks import Mappings
from firedoor.model.inventory import CoverageRow
from firedoor.model.reports import FindingsReport, Told
from firedoor.render.findings_json import fix_yaml
from firedoor.render.findings_words import gap_text, summary_text
from firedoor.render.html_page import html_page
from firedoor.render.namespace_map_svg import findings_by_namespace, map_markup
from firedoor.render.words import visible


def findings_html(report: FindingsReport) -> str:
    """Return the page: the numbers, the findings with their proof and remedy, and what was not understood."""
    titles = {rule.id: rule.title for rule in report.rules}
    data = {
        "severities": [[severity.value, number] for severity, number in report.severities.items()],
        "coverage": [_coverage(row) for row in report.coverage],
        "titles": {each.finding.check: titles[each.finding.check] for each in report.told},
        "rows": [_row(each) for each in report.told],
        "gaps": [[visible(gap.source), visible(gap_text(gap)), visible(gap.remedy)] for gap in report.gaps],
    }
    markup = {
        "TITLE": escape(visible(report.title)),
        "SUMMARY": escape(visible(summary_text(report))),
        "MAP": ""
        if report.map is None
        else map_markup(report.map, findings_by_namespace(each.finding for each in report.told)),
    }
    return html_page("findings.html", ("reach.css", "findings.css"), ("page.js", "findings.js"), data, markup)


def _coverage(row: CoverageRow) -> dict[str, object]:
    return {
        "namespace": visible(row.namespace),
        "pods": row.pods,
        "parts": [row.both, row.ingress_only, row.egress_only, row.none, row.host],
        "policies": row.policies,
    }


def _row(told: Told) -> dict[str, object]:
    finding = told.finding
    return {
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "check": finding.check,
        "namespace": visible(finding.object.namespace),
        "object": visible(str(finding.object)),
        "place": visible(finding.source),
        "message": visible(finding.message),
        "why": visible(finding.why),
        "evidence": [visible(each) for each in finding.evidence],
        "frameworks": _frameworks(finding.mappings),
        "details": [[name, visible(text)] for name, text in told.details.items()],
        "remedy": visible(finding.fix.summary),
        "fix": _visible_lines(fix_yaml(finding.fix)) if finding.fix.manifests else "",
    }


def _frameworks(mappings: Mappings) -> list[str]:
    """Return each framework, and each of its items behind the name of the framework, as the page filters by them."""
    found = []
    for framework, ids in mappings.by_framework.items():
        found += [framework.value, *(f"{framework} {each}" for each in ids)] if ids else []
    return found


def _visible_lines(text: str) -> str:
    return "\n".join(map(visible, text.split("\n")))
