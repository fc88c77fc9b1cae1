"""What is dangerous in RBAC, for a terminal: by severity, and every risk told of once with all who have it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich.text import Text

from firedoor.engine.rbac_risks import CATALOGUE
from firedoor.model.findings import Confidence, Severity
from firedoor.render.words import visible

if TYPE_CHECKING:
    from rich.console import Console

    from firedoor.model.places import Gap
    from firedoor.model.rbac_risks import RiskFinding, RiskReport

_STYLES = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "dim",
}
_TITLES = {each.id: each.title for each in CATALOGUE}


def print_rbac_risks(report: RiskReport, console: Console) -> None:
    """Print the findings, what could not be understood, and a line that sums up."""
    for severity, group in groupby(report.findings, key=lambda each: each.finding.severity):
        members = list(group)
        _line(console, f"{severity.value.upper()} ({len(members)})", _STYLES[severity])
        for risk, alike in groupby(members, key=lambda each: each.finding.check):
            _print_risk(risk, list(alike), console)
    _print_gaps(report.gaps, console)
    _line(console, summary_text(report), "bold")


def summary_text(report: RiskReport) -> str:
    """Return how much was found, and how much is not shown."""
    count = len(report.findings)
    counts = ", ".join(f"{number} {name}" for name, number in report.severities.items() if number)
    text = f"{count} finding{'s' * (count != 1)}{f' ({counts})' if counts else ''}"
    if report.milder:
        text += f"; {report.milder} below the severity asked for"
    if report.usual:
        text += f"; {report.usual} that come with Kubernetes are left out, --all shows them"
    text += f"; {len(report.gaps)} gap{'s' * (len(report.gaps) != 1)}."
    if not report.server_version:
        text += " The version of the API server is not known."
    return text


def _print_risk(risk: str, members: list[RiskFinding], console: Console) -> None:
    first = members[0]
    style = _STYLES[first.finding.severity]
    _line(console, f"  {risk}  {_TITLES[risk]} [{first.technique}]", style)
    _line(console, f"    why: {first.finding.why}")
    for each in members:
        finding = each.finding
        unsure = "" if finding.confidence is Confidence.HIGH else f" ({finding.confidence.value} confidence)"
        usual = " (comes with Kubernetes)" if each.is_usual else ""
        at = f" at {finding.source}" if finding.source and not finding.evidence else ""
        _line(console, f"    {finding.message}{at}{unsure}{usual}", "bold")
        for proof in finding.evidence:
            _line(console, f"      - {proof}")
    _line(console, f"    fix: {first.finding.fix.summary}", "green")
    _line(console, "")


def _print_gaps(gaps: tuple[Gap, ...], console: Console) -> None:
    if not gaps:
        return
    _line(console, f"What could not be understood ({len(gaps)})", "bold")
    for gap in gaps:
        _line(console, f"  {gap.source}: {gap.reason} [{gap.kind.value}]")
        if gap.remedy:
            _line(console, f"    remedy: {gap.remedy}")


def _line(console: Console, text: str, style: str = "") -> None:
    # Text, not markup: names from a cluster may hold square brackets.
    console.print(Text(visible(text), style=style), soft_wrap=True)
