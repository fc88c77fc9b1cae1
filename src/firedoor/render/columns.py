"""Rows in aligned columns, as wide as they need: no name is ever cut or wrapped."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from firedoor.render.words import visible


def print_columns(console: Console, titles: Sequence[str], rows: Sequence[Sequence[str | Text]]) -> None:
    """Print titles and rows; an empty row is an empty line."""
    cells = [[_cell(cell) for cell in row] for row in rows]
    table = [[Text(title, style="bold") for title in titles], *cells]
    widths = [max(row[column].cell_len for row in table if row) for column in range(len(titles))]
    for row in table:
        line = Text("  ").join(
            cell + Text(" " * (width - cell.cell_len)) for cell, width in zip(row, widths, strict=False)
        )
        line.rstrip()
        console.print(line, soft_wrap=True)


def _cell(cell: str | Text) -> Text:
    if isinstance(cell, str):
        return Text(visible(cell))
    shown = visible(cell.plain)
    return cell if shown == cell.plain else Text(shown, style=cell.style)
