"""A difference as Markdown, for a comment on a pull request."""

from __future__ import annotations

from collections.abc import Mapping

from firedoor.model.connections import PeerEnd
from firedoor.model.difference import ChangeKind, ConnectionChange, Difference
from firedoor.render.diff_words import after_text, before_text, detail_text, end_mark, policy_text, summary_text
from firedoor.render.markdown_text import code, section
from firedoor.render.words import end_names

_SECTIONS = (
    ("Added", (ChangeKind.ADDED, ChangeKind.WIDENED)),
    ("Changed", (ChangeKind.CHANGED, ChangeKind.UNKNOWN, ChangeKind.KNOWN)),
    ("Removed", (ChangeKind.NARROWED, ChangeKind.REMOVED)),
)


def diff_markdown(difference: Difference) -> str:
    """Return a summary line, then tables of what was added, changed and removed, and of policies, long ones folded."""
    states = f"{code(difference.old)} to {code(difference.new)}"
    parts = [f"**Who can reach whom**, {states}: {summary_text(difference)}.\n"]
    names = end_names(end for each in difference.connections for end in (each.src, each.dst))
    for title, kinds in _SECTIONS:
        rows = [_row(each, names) for each in difference.connections if each.kind in kinds]
        if rows:
            titles = ("", "source", "destination", "before", "after")
            parts.append(section(f"{title} ({len(rows)})", titles, rows))
    if difference.policies:
        policies = [[each.change, code(policy_text(each))] for each in difference.policies]
        parts.append(section(f"Policies ({len(policies)})", ("", "policy"), policies))
    return "\n".join(parts)


def _row(each: ConnectionChange, names: Mapping[PeerEnd, str]) -> list[str]:
    details = "".join(f"<br>{code(detail_text(one))}" for one in each.details)
    return [
        each.kind.value,
        code(names[each.src]) + end_mark(each.src_presence),
        code(names[each.dst]) + end_mark(each.dst_presence),
        code(before_text(each)),
        code(after_text(each)) + details,
    ]
