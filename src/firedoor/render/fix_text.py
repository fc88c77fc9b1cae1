"""What became of fixes, for a terminal; the diff itself is printed apart, so that tools can read it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from firedoor.model.edits import FixReport, Refused
from firedoor.render.words import visible

_SHOWN = 3
"""How many findings are named for each reason, unless all are asked for."""


def print_fix(report: FixReport, console: Console, *, verbose: bool = False) -> None:
    """Print what was fixed, what was refused by reason, what appeared, and what is left to do."""
    for each in report.applied:
        if not each.is_gone:
            _line(console, f"still found after the fix: {each.finding.check} {each.finding.object}", "yellow")
    for found in report.introduced:
        _line(console, f"new after the fixes: {found.severity.value} {found.check}: {found.message}", "yellow")
    _print_refused(report.refused, console, verbose=verbose)
    for note in report.notes:
        _line(console, f"to do: {note}", "yellow")
    _line(console, _verdict(report), "bold")


def _print_refused(refused: Iterable[Refused], console: Console, *, verbose: bool) -> None:
    groups: dict[str, list[Refused]] = defaultdict(list)
    for each in refused:
        groups[each.reason].append(each)
    for reason, members in sorted(groups.items(), key=lambda pair: (not pair[1][0].is_failure, -len(pair[1]), pair[0])):
        _line(console, f"not fixed ({len(members)}): {reason}")
        shown = members if verbose else members[:_SHOWN]
        for each in shown:
            _line(console, f"  {each.place}: {each.finding.check} {each.finding.object}", "dim")
        if len(shown) < len(members):
            _line(console, f"  and {len(members) - len(shown)} more (-v lists them)", "dim")


def _verdict(report: FixReport) -> str:
    fixes, files = len(report.applied), len(report.files)
    what = f"{fixes} fix{'es' * (fixes != 1)} in {files} file{'s' * (files != 1)}"
    left = f"{len(report.refused)} not fixed."
    if not files:
        return f"Nothing to change; {left}"
    if report.is_written:
        return f"Wrote {what}; {left}"
    return f"{what}, and nothing was written (--write does); {left}"


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(visible(text), style=style), soft_wrap=True)
