"""Findings as lines in the shape of a compiler's, which editors and their problem matchers read."""

from __future__ import annotations

from collections.abc import Iterator

from firedoor.model.findings import Severity
from firedoor.model.reports import FindingsReport
from firedoor.render.file_places import file_place
from firedoor.render.words import visible

_WORDS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}


def findings_gcc(report: FindingsReport) -> str:
    """Return ``file:line:1: error: message [check]`` for each finding, worst first, then for each gap."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: FindingsReport) -> Iterator[str]:
    for each in report.told:
        finding = each.finding
        path, line = file_place(finding.source, finding.object, report.folder)
        message = visible(f"{finding.message}; {finding.fix.summary}")
        yield f"{path}:{line}:1: {_WORDS[finding.severity]}: {message} [{finding.check}]"
    for gap in report.gaps:
        path, line = file_place(gap.source, gap.object, report.folder)
        remedy = f"; {gap.remedy}" if gap.remedy else ""
        yield f"{path}:{line}:1: warning: {visible(gap.reason + remedy)} [gap-{gap.kind.value}]"
