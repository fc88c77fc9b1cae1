"""What is wrong: a list that is narrowed by severity, namespace and text, and each finding with its remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding

from firedoor.model.findings import Severity
from firedoor.render.words import visible
from firedoor.tui.lines_table import LinesTable
from firedoor.tui.rows import FINDINGS, finding_lines
from firedoor.tui.screens import Detail, finding_text, gap_detail
from firedoor.tui.views import Changed, View

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.widgets import DataTable

    from firedoor.tui.world import World

_LEAST = (None, Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)


class FindingsView(View):
    """The findings of a diagnosis, worst first, and its gaps."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "severity", "Severity"),
        Binding("n", "namespace", "Ns"),
    ]

    def __init__(self, namespace: str) -> None:
        super().__init__(id="findings")
        self._world: World | None = None
        self._namespace = namespace
        self._least: Severity | None = None

    def compose(self) -> ComposeResult:
        """Make the table."""
        yield LinesTable()

    def show(self, world: World) -> None:
        """Show the findings of a cluster, narrowed as before."""
        self._world = world
        self._fill()

    def enter(self) -> None:
        """Take the keys."""
        self.query_one(LinesTable).focus()

    def narrow(self, text: str) -> None:
        """Show only the findings that have the words of a text."""
        self.query_one(LinesTable).narrow(text)
        self.post_message(Changed())

    def of_namespace(self, namespace: str) -> None:
        """Show only the findings of a namespace, or all where the name is empty."""
        self._namespace = namespace
        self._fill()

    def at_least(self, severity: Severity | None) -> None:
        """Show only findings that are so severe."""
        self._least = severity
        self._fill()

    def back(self) -> bool:
        """Take away what narrows the list."""
        if not self._namespace and self._least is None:
            return False
        self._namespace, self._least = "", None
        self._fill()
        return True

    def action_severity(self) -> None:
        """Ask for more severe findings, and after the most severe ones for all."""
        self.at_least(_LEAST[(_LEAST.index(self._least) + 1) % len(_LEAST)])

    async def action_namespace(self) -> None:
        """Ask for a namespace."""
        await self.app.run_action("command('ns ')")

    def on_data_table_row_highlighted(self) -> None:
        """Tell what the finding at the cursor says."""
        self.post_message(Changed())

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """Show all of the finding at the cursor."""
        event.stop()
        position = self.query_one(LinesTable).target
        if self._world is None or not isinstance(position, int):
            return
        findings, gaps = self._world.diagnosis.findings, self._world.diagnosis.gaps
        if position < len(findings):
            self.app.push_screen(Detail(finding_text(findings[position])))
        else:
            self.app.push_screen(Detail(gap_detail(gaps[position - len(findings)])))

    @property
    def told(self) -> str:
        """How many there are, and by what they are narrowed."""
        narrowed = [f"{self._least} or worse"] if self._least is not None else []
        narrowed += [f"namespace {visible(self._namespace)}"] if self._namespace else []
        by = f" ({'; '.join(narrowed)})" if narrowed else ""
        table = self.query_one(LinesTable)
        message = f": {table.cell(FINDINGS.index('MESSAGE'))}" if table.target is not None else ""
        return f"{table.count} findings and gaps{by}{message}"

    def _fill(self) -> None:
        if self._world is not None:
            lines = finding_lines(self._world.diagnosis, self._namespace, self._least)
            self.query_one(LinesTable).show(FINDINGS, lines)
            self.post_message(Changed())
