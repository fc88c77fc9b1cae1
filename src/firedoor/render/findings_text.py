"""Findings as a report for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from itertools import groupby

from rich.console import Console
from rich.text import Text

from firedoor.model.findings import Finding, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.places import Gap
from firedoor.render.findings_groups import MOST_SHOWN, about, groups, shared
from firedoor.render.findings_json import fix_yaml
from firedoor.render.mapping_words import mappings_text
from firedoor.render.words import visible

_STYLES = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "dim",
}


class Detail(Enum):
    """How much of a finding is shown; fixes are part of the verbose form."""

    BRIEF = "brief"
    VERBOSE = "verbose"


def print_findings(
    findings: Iterable[Finding],
    gaps: Iterable[Gap],
    console: Console,
    detail: Detail = Detail.BRIEF,
    titles: Mapping[str, str] | None = None,
) -> None:
    """
    Print findings by severity, worst first, then what could not be understood.

    Unless everything is shown, many findings of one check stand under one heading, with its title from `titles`.
    """
    ordered = sorted(findings, key=lambda each: each.sort_key)
    for severity, group in groupby(ordered, key=lambda each: each.severity):
        members = list(group)
        _line(console, f"{severity.value.upper()} ({len(members)})", _STYLES[severity])
        for alike in groups(members) if detail is Detail.BRIEF else ((each,) for each in members):
            if len(alike) == 1:
                _print_finding(alike[0], console, detail)
            else:
                _print_group(alike, console, (titles or {}).get(alike[0].check, ""))
    if not ordered:
        _line(console, "No findings.")
    _print_gaps(list(gaps), console)


def _print_finding(finding: Finding, console: Console, detail: Detail) -> None:
    _line(console, f"  {finding.check}  {finding.object}", _STYLES[finding.severity])
    if finding.source:
        _line(console, f"    at: {finding.source}", "dim")
    _line(console, f"    {finding.message}")
    if finding.why:
        _line(console, f"    why: {finding.why}")
    for proof in finding.evidence:
        _line(console, f"    - {proof}")
    if detail is Detail.VERBOSE:
        if finding.mappings != Mappings():
            _line(console, f"    about: {mappings_text(finding.mappings)}")
        _line(console, "    fix:")
        for line in fix_yaml(finding.fix).splitlines():
            _line(console, f"      {line}", "green")
    else:
        _line(console, f"    fix: {finding.fix.summary}", "green")
    console.print()


def _print_group(alike: tuple[Finding, ...], console: Console, title: str) -> None:
    first, severe = alike[0], alike[0].severity.rank >= Severity.HIGH.rank
    why, fix = shared(each.why for each in alike), shared(each.fix.summary for each in alike)
    head = f"  {first.check}  {title} ({len(alike)})" if title else f"  {first.check} ({len(alike)})"
    _line(console, head, _STYLES[first.severity])
    if why:
        _line(console, f"    why: {why}")
    if fix:
        _line(console, f"    fix: {fix}", "green")
    for each in alike[:MOST_SHOWN]:
        place = f" [{each.source}]" if each.source else ""
        _line(console, f"    - {about(each)}{place}")
        if each.why != why:
            _line(console, f"        why: {each.why}")
        for proof in each.evidence if severe else ():
            _line(console, f"        - {proof}")
        if not fix:
            _line(console, f"        fix: {each.fix.summary}", "green")
    rest = len(alike) - MOST_SHOWN
    if rest > 0:
        _line(console, f"    and {rest} more (-v shows all)")
    console.print()


def _print_gaps(gaps: list[Gap], console: Console) -> None:
    if not gaps:
        return
    _line(console, f"What could not be understood ({len(gaps)})", "bold")
    for gap in gaps:
        name = f" {gap.object}:" if gap.object is not None and not gap.reason.startswith(str(gap.object)) else ""
        _line(console, f"  {gap.source}:{name} {gap.reason} [{gap.kind.value}]")
        if gap.remedy:
            _line(console, f"    remedy: {gap.remedy}")


def _line(console: Console, text: str, style: str = "") -> None:
    # Text, not markup: names from a cluster may hold square brackets.
    console.print(Text(visible(text), style=style), soft_wrap=True)
