"""What changed in who may do what as Markdown, for a comment on a pull request."""

from __future__ import annotations

from firedoor.model.access_difference import AccessDifference, RightChangeKind
from firedoor.render.markdown_text import code, section
from firedoor.render.rbac_diff_words import (
    Told,
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

_SECTIONS = (
    ("Gained", (RightChangeKind.GAINED, RightChangeKind.ALLOWED)),
    ("Lost", (RightChangeKind.LOST, RightChangeKind.UNKNOWN)),
)


def rbac_diff_markdown(found: AccessDifference) -> str:
    """Return a summary line, then tables of what was gained, lost, is not known and had no effect, long ones folded."""
    parts = [f"**Who may do what**, {code(found.old)} to {code(found.new)}: {visible(rights_summary(found))}.\n"]
    told = told_together(found.changes)
    for title, kinds in _SECTIONS:
        rows = [_row(each) for each in told if each.change.kind in kinds]
        if rows:
            parts.append(section(f"{title} ({len(rows)})", ("", "subject", "where", "right", "through"), rows))
    unknown = [[code(text)] for text in (*map(doubt_text, found.doubts), *gap_lines(found))]
    if unknown:
        parts.append(section(f"Not known ({len(unknown)})", ("what",), unknown))
    notes = [[code(text)] for text in (*found.notes, *binding_texts(found))]
    if notes:
        parts.append(section(f"Notes ({len(notes)})", ("what",), notes))
    silent = [[each.change, code(str(each.object)), code(str(each.place))] for each in found.without_effect]
    if silent:
        parts.append(section(f"No effect ({len(silent)})", ("", "object", "source"), silent))
    return "\n".join(parts)


def _row(told: Told) -> list[str]:
    each = told.change
    risks = f"<br>**new risks**: {code(risks_text(each))}" if each.risks else ""
    return [
        each.kind.value,
        code(subject_text(each.subject)),
        code(where_text(told)),
        code(right_text(each)) + risks,
        "<br>".join(map(code, chain_texts(told))),
    ]
