"""Why one connection is accepted or denied: two ends and a port, and the explanation with file and line."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, ClassVar

from rich.console import Console
from rich.text import Text
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.suggester import SuggestFromList
from textual.widgets import Input, Label, Static

from firedoor.errors import FiredoorError
from firedoor.render.explain_text import print_explanation
from firedoor.render.words import visible
from firedoor.tui.hanging import Hanging
from firedoor.tui.rows import Question
from firedoor.tui.views import Changed, View
from firedoor.tui.work import aside

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from firedoor.model.explanation import Explanation
    from firedoor.tui.world import World

_FIELDS = (
    ("source", "From", "namespace/name, or an address"),
    ("destination", "To", "namespace/name, or an address"),
    ("port", "Port", "8080, 53/UDP, or icmp"),
)
_HELP = "Fill in all three, then Enter; Right takes what is proposed, Esc leaves"


class ExplainView(View):
    """Three fields, and the answer below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("i", "enter", "Edit"),
        Binding("escape", "app.leave", "Leave"),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(id="explain")
        self._world: World | None = None
        self._told = _HELP

    def compose(self) -> ComposeResult:
        """Make the fields and the place of the answer."""
        for name, title, placeholder in _FIELDS:
            with Horizontal(classes="field"):
                yield Label(title)
                yield Input(id=name, placeholder=placeholder, compact=True, select_on_focus=False)
        with VerticalScroll(can_focus=True):
            yield Static(id="answer")

    def show(self, world: World) -> None:
        """Ask the cluster anew what was asked before."""
        self._world = world
        names = list(world.names.values())
        for name in ("source", "destination"):
            self._field(name).suggester = SuggestFromList(names, case_sensitive=False)
        if self._is_complete:
            self._ask()

    def enter(self) -> None:
        """Take the keys: in the first field that is empty, or where the answer is."""
        empty = [name for name, *_ in _FIELDS if not self._field(name).value]
        (self._field(empty[0]) if empty else self.query_one(VerticalScroll)).focus()

    def action_enter(self) -> None:
        """Go to the first field."""
        self._field("source").focus()

    def ask(self, question: Question) -> None:
        """Put what is chosen of a question into the fields, and ask if nothing is missing."""
        for name, *_ in _FIELDS:
            value = getattr(question, name)
            if value or (question.source and question.destination):
                self._field(name).value = value
        if self._is_complete:
            self._ask()
        else:
            self._answer(Text(""), _HELP)

    def back(self) -> bool:
        """Leave the fields, so that keys are keys again."""
        if isinstance(self.app.focused, Input):
            self.query_one(VerticalScroll).focus()
            return True
        return False

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Ask, or go to the next field that is empty."""
        event.stop()
        if self._is_complete:
            self._ask()
            self.query_one(VerticalScroll).focus()
        else:
            self.enter()

    @property
    def told(self) -> str:
        """What is asked, or how to ask."""
        return self._told

    @property
    def _is_complete(self) -> bool:
        return all(self._field(name).value.strip() for name, *_ in _FIELDS)

    def _field(self, name: str) -> Input:
        return self.query_one(f"#{name}", Input)

    def _ask(self) -> None:
        source, destination, port = (self._field(name).value.strip() for name, *_ in _FIELDS)
        self._told = f"asking about {visible(source)} -> {visible(destination)} ..."
        self.post_message(Changed())
        self.run_worker(self._explain(source, destination, port), exclusive=True, group="explain")

    async def _explain(self, source: str, destination: str, port: str) -> None:
        world = self._world
        if world is None:
            return
        is_icmp = port.lower() in {"icmp", "icmpv6"}
        number, protocol = ("", port) if is_icmp else (port, "")
        try:
            found = await aside(lambda: world.cluster.explain(source, destination, number, protocol).found)
        except FiredoorError as error:
            self._answer(Text(f"error: {visible(str(error))}", style="bold red"), "there is no answer")
        else:
            self._answer(_printed(found), f"{found.verdict}; r asks a newly read cluster, i edits the question")

    def _answer(self, text: Text, told: str) -> None:
        self.query_one("#answer", Static).update(Hanging(text))
        self.query_one(VerticalScroll).scroll_home(animate=False)
        self._told = told
        self.post_message(Changed())


def _printed(found: Explanation) -> Text:
    """Return what the command prints of an explanation."""
    out = StringIO()
    console = Console(file=out, force_terminal=True, color_system="standard", width=10_000, highlight=False)
    print_explanation(found, console)
    return Text.from_ansi(out.getvalue())
