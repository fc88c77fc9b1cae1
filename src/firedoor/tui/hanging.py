"""Text whose long lines go on below their own beginning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.text import Text


class Hanging:
    """A text for the screen: a line that is too long keeps its indentation where it is broken."""

    def __init__(self, text: Text) -> None:
        self.text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self.text.split("\n", allow_blank=True):
            indent = len(line.plain) - len(line.plain.lstrip(" "))
            yield Padding(line[indent:], (0, 0, 0, indent))
