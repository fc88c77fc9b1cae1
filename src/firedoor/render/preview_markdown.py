"""What becomes of connections as Markdown, for a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.synth.drafts import evidence_text
from firedoor.model.generation import Evidence
from firedoor.render.markdown_text import code, section
from firedoor.render.preview_words import TITLES, summary_text

if TYPE_CHECKING:
    from firedoor.model.preview import Preview, Replayed


def preview_markdown(found: Preview) -> str:
    """Return a summary line, and a table of each sort of change."""
    parts = [f"**Connections that were seen**: {summary_text(found)}.\n"]
    for fate, title in TITLES.items():
        rows = [_row(each) for each in found.changes if each.fate is fate]
        if rows:
            parts.append(section(f"{title} ({len(rows)})", ("from", "to", "port", "seen", "now", "then"), rows))
    return "\n".join(parts)


def _row(each: Replayed) -> list[str]:
    seen = evidence_text(Evidence("", "", each.count, each.first, each.last)).removeprefix("seen ")
    port = f"{each.protocol}/{each.port}"
    return [code(each.source), code(each.destination), port, seen, str(each.now), str(each.then)]
