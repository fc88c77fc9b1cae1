"""What becomes of connections, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from firedoor.render.generation_words import left_text
from firedoor.render.preview_words import TITLES, replayed_text, summary_text
from firedoor.render.words import visible

if TYPE_CHECKING:
    from rich.console import Console

    from firedoor.model.preview import Preview


def print_preview(found: Preview, console: Console) -> None:
    """Print the connections that do not stay as they are, the broken ones first."""
    console.print(Text(summary_text(found), style="bold"))
    sections = [
        (title, [replayed_text(each) for each in found.changes if each.fate is fate]) for fate, title in TITLES.items()
    ]
    sections.append(("Not asked about", [left_text(each) for each in found.left_out]))
    for title, lines in sections:
        if lines:
            console.print(Text(f"\n{title}", style="bold"))
            for line in lines:
                console.print(Text(f"  {visible(line)}"))
