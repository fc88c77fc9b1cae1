"""What was planned, and what was seen, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from firedoor.model.verification import Seen
from firedoor.render.columns import print_columns
from firedoor.render.verify_words import (
    SIGNS,
    fit_lines,
    goal_texts,
    intent_lines,
    matrix,
    note_lines,
    plan_summary,
    probe_text,
    report_summary,
    sections,
    seen_text,
)
from firedoor.render.words import visible

if TYPE_CHECKING:
    from rich.console import Console

    from firedoor.model.verification import CheckedProbe, ProbePlan, VerifyReport

_MOST_GOALS = 3
MOST_EACH = 50
"""So many connections of each section are listed."""


def print_verify_plan(plan: ProbePlan, console: Console, *, is_short: bool = False) -> None:
    """Print the connections that would be tried, what they show and leave out; in short the numbers alone."""
    if not is_short:
        _print_connections(plan, console)
        console.print()
    for line in plan_summary(plan):
        console.print(Text(line), soft_wrap=True)


def print_verify(report: VerifyReport, console: Console) -> None:
    """Print the truth table, who reaches whom, what differs with its likely causes, and the numbers."""
    rows = [[str(verdict), *(str(counts[seen]) for seen in Seen)] for verdict, counts in report.truth.items()]
    print_columns(console, ("EXPECTED", *(seen.upper() for seen in Seen)), rows)
    _print_matrix(report, console)
    for title, found in sections(report):
        _title(console, title)
        for each in found[:MOST_EACH]:
            _print_probe(report, each, console)
        if len(found) > MOST_EACH:
            _line(console, f"and {len(found) - MOST_EACH} more (-o json lists all)")
    _print_causes(report, console)
    if report.intents:
        _title(console, "Intents")
        for line in intent_lines(report):
            _line(console, line)
    console.print()
    for line in (report_summary(report), *note_lines(report.plan)):
        console.print(Text(line), soft_wrap=True)


def _print_connections(plan: ProbePlan, console: Console) -> None:
    rows = [
        [probe_text(plan, each), str(each.expected), _some(goal_texts(plan, each.goals)) or "these two pods"]
        for each in plan.probes
    ]
    print_columns(console, ("CONNECTION", "EXPECTED", "SHOWS"), rows)
    for title, numbers in (("Left out by the budget", plan.left_out), ("Cannot be shown", plan.impossible)):
        texts = goal_texts(plan, numbers)
        if texts:
            _title(console, title)
            for text in texts[:MOST_EACH]:
                _line(console, text)
            if len(texts) > MOST_EACH:
                _line(console, f"and {len(texts) - MOST_EACH} more (-o json lists all)")


def _print_matrix(report: VerifyReport, console: Console) -> None:
    found = matrix(report)
    if found is None:
        return
    names, cells = found
    _title(console, "From each pod (down) to each other")
    numbers = [str(number) for number in range(1, len(names) + 1)]
    rows = [[number, name, *row] for number, name, row in zip(numbers, names, cells, strict=True)]
    print_columns(console, ("", "", *numbers), rows)
    console.print(Text(SIGNS, style="dim"))


def _print_probe(report: VerifyReport, each: CheckedProbe, console: Console) -> None:
    _line(console, f"{probe_text(report.plan, each.planned)}: {seen_text(each)}")
    goals = _some(goal_texts(report.plan, each.planned.goals))
    if goals:
        _line(console, f"  to show: {goals}")


def _print_causes(report: VerifyReport, console: Console) -> None:
    if not report.fits:
        return
    _title(console, "Likely causes, the likeliest first")
    for number, cause in enumerate(report.causes, 1):
        _line(console, f"{number}. {visible(cause.title)}")
        for text in cause.evidence:
            _line(console, f"   {visible(text)}")
        _line(console, f"   what to do: {visible(cause.remedy)}")
    if not report.causes:
        _line(console, "none that is known explains any of it without contradicting what agrees")
    _title(console, "Outcomes that each CNI profile predicts")
    for line in fit_lines(report):
        _line(console, line)


def _some(texts: list[str]) -> str:
    more = f" and {len(texts) - _MOST_GOALS} more" if len(texts) > _MOST_GOALS else ""
    return "; ".join(texts[:_MOST_GOALS]) + more


def _title(console: Console, text: str) -> None:
    console.print(Text(f"\n{text}", style="bold"))


def _line(console: Console, text: str) -> None:
    # Text, not markup: names from a cluster may hold square brackets.
    console.print(Text(f"  {text}"), soft_wrap=True)
