"""The map: namespaces, the workloads of one, and who reaches a workload and what it reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding

from firedoor.model.places import ObjectRef
from firedoor.render.words import visible
from firedoor.tui.lines_table import LinesTable
from firedoor.tui.rows import (
    CONNECTIONS,
    NAMESPACES,
    WORKLOADS,
    Question,
    connection_lines,
    end_name,
    namespace_lines,
    workload_lines,
)
from firedoor.tui.views import Asked, Changed, View
from firedoor.tui.work import aside
from firedoor.tui.world import connections_of

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.widgets import DataTable

    from firedoor.model.connections import PeerConnection
    from firedoor.tui.world import World


class MapView(View):
    """Three levels: the cluster, a namespace, a workload."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "ask('source')", "From"),
        Binding("t", "ask('destination')", "To"),
        Binding("backspace,h", "up", show=False),
    ]

    def __init__(self, namespace: str) -> None:
        super().__init__(id="map")
        self._world: World | None = None
        self._namespace = namespace
        self._workload: ObjectRef | None = None
        self._known: dict[ObjectRef, tuple[PeerConnection, ...]] = {}

    def compose(self) -> ComposeResult:
        """Make the table."""
        yield LinesTable()

    def show(self, world: World) -> None:
        """Show a cluster, at the place that was shown before."""
        self._world = world
        self._known = {}
        self._fill()

    def enter(self) -> None:
        """Take the keys."""
        self._table.focus()

    def narrow(self, text: str) -> None:
        """Show only the lines that have the words of a text."""
        self._table.narrow(text)
        self.post_message(Changed())

    def go(self, namespace: str) -> None:
        """Show a namespace, or all where the name is empty."""
        self._namespace, self._workload = namespace, None
        self._fill()

    def back(self) -> bool:
        """Go from a workload to its namespace, and from there to all."""
        if not (self._namespace or self._workload):
            return False
        self.go(self._namespace if self._workload is not None else "")
        return True

    def action_up(self) -> None:
        """Go up by one level."""
        self.back()

    def action_ask(self, side: str) -> None:
        """Take the workload at the cursor, or the one that is shown, as an end of a question."""
        target = self._table.target
        if isinstance(target, Question):
            self.post_message(Asked(target))
            return
        ref = target if isinstance(target, ObjectRef) else self._workload
        if ref is not None and self._world is not None:
            name = self._world.names.get(ref) or end_name(ref)
            self.post_message(Asked(Question(source=name) if side == "source" else Question(destination=name)))

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """Go to what the line leads to."""
        event.stop()
        match self._table.target:
            case str() as namespace:
                self.go(namespace)
            case ObjectRef() as ref:
                self._workload = ref
                self._fill()
            case Question() as question:
                self.post_message(Asked(question))

    @property
    def told(self) -> str:
        """Where we are, and how much there is."""
        if self._workload is not None and self._workload not in self._known:
            return f"{visible(str(self._workload))}: asking who can reach whom ..."
        count = self._table.count
        if self._workload is not None:
            return f"{visible(str(self._workload))}: {count} connections; Enter explains one"
        return f"namespace {visible(self._namespace)}: {count} workloads" if self._namespace else f"{count} namespaces"

    @property
    def _table(self) -> LinesTable:
        return self.query_one(LinesTable)

    def _fill(self) -> None:
        world = self._world
        if world is None:
            return
        ref = self._workload
        if ref is not None and ref in self._known:
            self._table.show(CONNECTIONS, connection_lines(self._known[ref], ref, world.names))
        elif ref is not None:
            self._table.show(CONNECTIONS, ())
            self.run_worker(self._ask(world, ref), exclusive=True, group="reach")
        elif self._namespace:
            self._table.show(WORKLOADS, workload_lines(world.diagnosis, self._namespace))
        else:
            self._table.show(NAMESPACES, namespace_lines(world.diagnosis))
        self.post_message(Changed())

    async def _ask(self, world: World, ref: ObjectRef) -> None:
        """Ask for the connections of a workload, once for a cluster that was read."""
        found = await aside(lambda: connections_of(world, ref))
        if self._world is world:
            self._known[ref] = found
            self._fill()
