"""Findings as Markdown that fits a comment on a pull request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from firedoor.model.findings import Finding
from firedoor.model.reports import FindingsReport
from firedoor.render.findings_groups import groups, shared
from firedoor.render.findings_words import gap_text, summary_text
from firedoor.render.markdown_text import MOST_ROWS, code, section

MOST_CHARACTERS = 60_000
"""Of the 65,536 that GitHub allows in a comment; the rest is left to whoever posts it."""

MOST_NAMED = 5
"""Objects of one row that are named."""
_MOST_IN_CELL = 400
_FRAME = 600
"""Characters that a section needs beside its rows, and those after it need to say that they have no room."""


class _Page:
    """Sections as long as there is room; rows that find none are counted."""

    def __init__(self, head: str) -> None:
        self.text = head

    def add(self, title: str, titles: Sequence[str], rows: Sequence[Sequence[str]], count: int) -> None:
        room = MOST_CHARACTERS - len(self.text) - _FRAME
        fitting = 0
        for row in rows[:MOST_ROWS]:
            room -= sum(len(cell) + 3 for cell in row) + 2
            if room < 0:
                break
            fitting += 1
        rest = len(rows) - fitting
        if fitting:
            self.text += "\n" + section(f"{title} ({count})", titles, rows[:fitting])
            self.text += f"\nand {rest} more\n" if rest else ""
        else:
            self.text += f"\n**{title} ({rest})**: no room here\n"


def findings_markdown(report: FindingsReport) -> str:
    """Return a summary line, then a table for each severity, worst first, and what was not understood."""
    titles = {each.id: each.title for each in report.rules}
    page = _Page(f"**{report.title}**: {summary_text(report)}.\n")
    for severity, group in groupby(report.told, key=lambda each: each.finding.severity):
        found = [each.finding for each in group]
        rows = [_row(each, titles) for each in groups(found)]
        page.add(severity.value.capitalize(), ("check", "object", "what", "where", "remedy"), rows, len(found))
    if report.gaps:
        gaps = [[_cell(gap.source), _cell(gap_text(gap)), _cell(gap.remedy)] for gap in report.gaps]
        page.add("Not understood", ("where", "what", "remedy"), gaps, len(gaps))
    return page.text


def _row(alike: tuple[Finding, ...], titles: Mapping[str, str]) -> list[str]:
    first = alike[0]
    if len(alike) == 1:
        cells = (first.check, str(first.object), first.message, first.source, first.fix.summary)
    else:
        objects = tuple(dict.fromkeys(str(each.object) for each in alike))
        cells = (
            f"{first.check} ({len(alike)})",
            _some(objects),
            shared(each.message for each in alike) or titles.get(first.check, "") or first.message,
            _some(tuple(dict.fromkeys(each.source for each in alike if each.source))),
            shared(each.fix.summary for each in alike) or "of each its own: firedoor diagnose -v",
        )
    return [_cell(each) for each in cells]


def _some(texts: Sequence[str]) -> str:
    rest = len(texts) - MOST_NAMED
    return ", ".join(texts[:MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _cell(text: str) -> str:
    line = " ".join(text.split())
    return code(line if len(line) <= _MOST_IN_CELL else f"{line[: _MOST_IN_CELL - 3]}...")
