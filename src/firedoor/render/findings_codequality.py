"""Findings as a Code Quality report of GitLab, which shows them in merge requests at their lines."""

from __future__ import annotations

import json
from collections import Counter

from firedoor.model.findings import Finding, Severity
from firedoor.model.places import Gap
from firedoor.model.reports import FindingsReport
from firedoor.render.file_places import file_place
from firedoor.render.findings_fingerprint import fingerprint
from firedoor.render.words import visible

_SEVERITIES = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
    Severity.INFO: "info",
}


def findings_codequality(report: FindingsReport) -> str:
    """
    Return a JSON array with an issue for each finding, worst first, then one for each gap.

    GitLab takes two issues with one fingerprint for the same, so findings that are alike are numbered.
    """
    seen: Counter[str] = Counter()
    issues = [_issue(each.finding, report.folder, seen) for each in report.told]
    issues += [_gap(each, report.folder, seen) for each in report.gaps]
    return json.dumps(issues, indent=2) + "\n"


def _issue(finding: Finding, folder: str, seen: Counter[str]) -> dict[str, object]:
    path, line = file_place(finding.source, finding.object, folder)
    return {
        "description": visible(f"{finding.message}. Remedy: {finding.fix.summary}"),
        "check_name": finding.check,
        "fingerprint": _numbered(fingerprint(finding), seen),
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": path, "lines": {"begin": line}},
    }


def _gap(gap: Gap, folder: str, seen: Counter[str]) -> dict[str, object]:
    path, line = file_place(gap.source, gap.object, folder)
    remedy = f". Remedy: {gap.remedy}" if gap.remedy else ""
    mark = f"gap-{gap.kind.value}-{path}-{gap.reason}"
    return {
        "description": visible(f"not understood: {gap.reason}{remedy}"),
        "check_name": f"gap-{gap.kind.value}",
        "fingerprint": _numbered(visible(mark), seen),
        "severity": "info",
        "location": {"path": path, "lines": {"begin": line}},
    }


def _numbered(mark: str, seen: Counter[str]) -> str:
    seen[mark] += 1
    return mark if seen[mark] == 1 else f"{mark}-{seen[mark]}"
