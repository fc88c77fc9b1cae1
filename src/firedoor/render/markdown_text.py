"""Pieces of Markdown, of the dialect of GitHub and GitLab, in which no name can be anything but text."""

from __future__ import annotations

from collections.abc import Sequence

from firedoor.render.words import visible

MOST_ROWS = 200
"""Rows of one table: a comment on a pull request may have 65,536 characters."""
MOST_OPEN_ROWS = 20
"""Rows of a table that is not folded."""


def code(text: str) -> str:
    """Return text as a code span, in which nothing is a link, a mention or HTML; empty text stays empty."""
    if not text:
        return ""
    return "`" + visible(text).replace("`", "'").replace("|", "\\|") + "`"


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of cells that are Markdown; what is too long is left out and counted."""
    lines = [_row(titles), _row(["---"] * len(titles)), *(_row(row) for row in rows[:MOST_ROWS])]
    text = "\n".join(lines) + "\n"
    rest = len(rows) - MOST_ROWS
    return f"{text}\nand {rest} more\n" if rest > 0 else text


def section(title: str, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a titled table; a long one is folded."""
    if len(rows) <= MOST_OPEN_ROWS:
        return f"**{title}**\n\n{table(titles, rows)}"
    return f"<details><summary><b>{title}</b></summary>\n\n{table(titles, rows)}\n</details>\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
