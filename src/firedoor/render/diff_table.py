"""A difference as a table for people."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from firedoor.model.difference import ChangeKind, Difference
from firedoor.render.columns import print_columns
from firedoor.render.diff_words import after_text, before_text, detail_text, end_mark, policy_text, summary_text
from firedoor.render.words import end_names

_STYLES = {
    ChangeKind.ADDED: "red",
    ChangeKind.WIDENED: "red",
    ChangeKind.CHANGED: "yellow",
    ChangeKind.NARROWED: "green",
    ChangeKind.REMOVED: "green",
    ChangeKind.UNKNOWN: "yellow",
    ChangeKind.KNOWN: "cyan",
}


def print_diff(difference: Difference, console: Console) -> None:
    """Print the connections that changed, then the policies, and one line of counts."""
    names = end_names(end for each in difference.connections for end in (each.src, each.dst))
    rows: list[list[str | Text]] = []
    details: list[tuple[int, str]] = []
    for each in difference.connections:
        rows.append(
            [
                Text(each.kind.value, style=_STYLES[each.kind]),
                names[each.src] + end_mark(each.src_presence),
                names[each.dst] + end_mark(each.dst_presence),
                before_text(each),
                after_text(each),
            ]
        )
        details += [(len(rows), detail_text(one)) for one in each.details]
    if rows:
        print_columns(console, ("CHANGE", "SOURCE", "DESTINATION", "BEFORE", "AFTER"), rows)
        console.print()
    for number, text in details:
        each = difference.connections[number - 1]
        console.print(Text(f"{names[each.src]} -> {names[each.dst]}, {text}"), soft_wrap=True)
    if details:
        console.print()
    for policy in difference.policies:
        console.print(Text(f"{policy.change:<8} {policy_text(policy)}"), soft_wrap=True)
    if difference.policies:
        console.print()
    console.print(Text(summary_text(difference)), soft_wrap=True)
