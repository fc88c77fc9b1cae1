"""What a network plugin enforces, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from firedoor.model.conformance import CaseStatus
from firedoor.render.columns import print_columns
from firedoor.render.conformance_words import case_lines, feature_text, profile_lines, status_text, summary_text
from firedoor.render.words import visible

if TYPE_CHECKING:
    from rich.console import Console

    from firedoor.model.conformance import CaseResult, Conformance

_STYLES = {
    CaseStatus.PASSES: "green",
    CaseStatus.FAILS: "bold red",
    CaseStatus.OPEN: "",
    CaseStatus.UNCHECKED: "yellow",
}
_TITLES = (
    (CaseStatus.FAILS, "Not as the API says"),
    (CaseStatus.OPEN, "Left open by the API"),
    (CaseStatus.UNCHECKED, "Could not be checked"),
)


def print_conformance(found: Conformance, console: Console) -> None:
    """Print what is enforced, which profile fits, and the cases that tell anything."""
    rows: list[list[str | Text]] = [
        [each.feature, Text(status_text(each), style=_STYLES[each.status]), feature_text(each)]
        for each in found.features
    ]
    print_columns(console, ("PART", "RESULT", "CASES"), rows)
    console.print(Text("\nCNI profiles", style="bold"))
    for line in profile_lines(found):
        console.print(Text(f"  {line}"), soft_wrap=True)
    for status, title in _TITLES:
        _print_cases([each for each in found.cases if each.status is status], title, console)
    for note in found.notes:
        console.print(Text(f"\nnote: {visible(note)}"), soft_wrap=True)
    console.print(Text(f"\n{summary_text(found)}"), soft_wrap=True)


def _print_cases(cases: list[CaseResult], title: str, console: Console) -> None:
    if not cases:
        return
    console.print(Text(f"\n{title}", style="bold"))
    for case in cases:
        console.print(Text(f"  {case.name}: {case.tells}"), soft_wrap=True)
        for line in case_lines(case):
            console.print(Text(f"    {line}"), soft_wrap=True)
