"""A table of lines that can be narrowed by a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding
from textual.widgets import DataTable

from firedoor.tui.rows import MOST_LINES, Line, Target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.binding import BindingType


class LinesTable(DataTable[Text]):
    """Lines below titles, with a cursor; names in them are text, never markup."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
        Binding("home,g", "scroll_top", show=False),
        Binding("end,G", "scroll_bottom", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(cursor_type="row", zebra_stripes=False, cell_padding=1)
        self._lines: list[Line] = []
        self._shown: list[Line] = []
        self._titles: tuple[str, ...] = ()
        self._text = ""

    def show(self, titles: Sequence[str], lines: Sequence[Line]) -> None:
        """Show lines instead of what was shown; the cursor stays where it was if the titles are the same."""
        row = self.cursor_row if tuple(titles) == self._titles else 0
        self._titles = tuple(titles)
        self._lines = list(lines)
        self._fill(row)

    def narrow(self, text: str) -> None:
        """Show only the lines in which the words of a text stand."""
        self._text = text
        self._fill(0)

    @property
    def target(self) -> Target:
        """What the line at the cursor leads to."""
        return self._shown[self.cursor_row].target if 0 <= self.cursor_row < len(self._shown) else None

    def cell(self, position: int) -> str:
        """Return a cell of the line at the cursor; empty where there is no line."""
        return self._shown[self.cursor_row].cells[position] if 0 <= self.cursor_row < len(self._shown) else ""

    @property
    def count(self) -> str:
        """How many lines match, of how many, where that is not the same."""
        total, matching, shown = len(self._lines), sum(each.has(self._text) for each in self._lines), len(self._shown)
        if shown < matching:
            return f"the first {shown:,} of {matching:,}"
        return f"{matching:,} of {total:,}" if self._text else f"{total:,}"

    def _fill(self, row: int) -> None:
        self._shown = [each for each in self._lines if each.has(self._text)][:MOST_LINES]
        self.clear(columns=True)
        self.add_columns(*(Text(each) for each in self._titles))
        for each in self._shown:
            self.add_row(*(Text(cell, style=each.style, no_wrap=True) for cell in each.cells))
        self.move_cursor(row=min(row, max(len(self._shown) - 1, 0)))
