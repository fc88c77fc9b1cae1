"""What changed in who may do what, as a table for people."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from firedoor.model.access_difference import AccessDifference, RightChangeKind
from firedoor.render.columns import print_columns
from firedoor.render.rbac_diff_words import (
    binding_texts,
    chain_texts,
    doubt_text,
    gap_lines,
    right_text,
    rights_summary,
    risks_text,
    told_together,
    where_text,
)
from firedoor.render.rbac_words import subject_text
from firedoor.render.words import visible

_STYLES = {
    RightChangeKind.GAINED: "red",
    RightChangeKind.ALLOWED: "red",
    RightChangeKind.LOST: "green",
    RightChangeKind.UNKNOWN: "yellow",
}


def print_rbac_diff(found: AccessDifference, console: Console) -> None:
    """Print the rights that changed and through what, what is not known, what had no effect, and a line of counts."""
    rows: list[list[str | Text]] = []
    risks = any(each.risks for each in found.changes)
    for told in told_together(found.changes):
        each = told.change
        kind = Text(each.kind.value, style=_STYLES[each.kind])
        cells: list[str | Text] = [kind, subject_text(each.subject), where_text(told), right_text(each)]
        first, *others = chain_texts(told)
        rows.append([*cells, first, *([Text(risks_text(each), style="red")] if risks else [])])
        rows += [[*[""] * len(cells), chain, *([""] if risks else [])] for chain in others]
    if rows:
        titles = ("CHANGE", "SUBJECT", "WHERE", "RIGHT", "THROUGH", *(["NEW RISKS"] if risks else []))
        print_columns(console, titles, rows)
        console.print()
    unknown = [*map(doubt_text, found.doubts), *gap_lines(found)]
    if unknown:
        _line(console, "Not known:")
        for text in unknown:
            _line(console, f"  {text}")
        console.print()
    for note in (*found.notes, *binding_texts(found)):
        _line(console, f"note: {note}")
    for change in found.without_effect:
        _line(console, f"no effect: {change.object} {change.change} ({change.place})")
    _line(console, rights_summary(found))


def _line(console: Console, text: str) -> None:
    console.print(Text(visible(text)), soft_wrap=True)
