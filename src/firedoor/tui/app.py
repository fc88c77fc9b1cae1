"""The application: which view is shown, what reads the cluster, and what the keys do."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import App
from textual.binding import Binding
from textual.css.query import NoMatches
from textual.widgets import ContentSwitcher, Footer, Static

from firedoor.errors import FiredoorError
from firedoor.model.findings import Severity
from firedoor.render.words import visible
from firedoor.tui.explain_view import ExplainView
from firedoor.tui.findings_view import FindingsView
from firedoor.tui.map_view import MapView
from firedoor.tui.prompt import COMMAND, FILTER, Prompt
from firedoor.tui.rows import overview
from firedoor.tui.screens import help_screen
from firedoor.tui.views import Asked, Changed, View
from firedoor.tui.work import Steps, aside
from firedoor.tui.world import read_world

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.timer import Timer

    from firedoor.tui.world import Read, World

VIEWS = ("map", "explain", "findings")

_LOOK_EVERY = 0.1
"""Seconds between two looks at how far the work is."""


class FiredoorApp(App[None]):
    """Three views of one cluster; `failure` is why it could not be read at first."""

    ENABLE_COMMAND_PALETTE = False
    TITLE = "firedoor"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "view('map')", "Map"),
        Binding("2", "view('explain')", "Explain"),
        Binding("3", "view('findings')", "Findings"),
        Binding("slash", "filter", "Filter", key_display="/"),
        Binding("colon", "command", "Go", key_display=":"),
        Binding("r", "reload", "Reload"),
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("q", "quit", "Quit"),
        Binding("escape", "leave", show=False),
        Binding("ctrl+c", "quit", show=False, priority=True),
    ]

    def __init__(self, read: Read, place: str, namespace: str = "") -> None:
        # Where no colour is wanted, the terminal's own two are all there is, and the cursor is shown reversed.
        super().__init__(ansi_color="NO_COLOR" in os.environ)
        self.failure: FiredoorError | None = None
        self.world: World | None = None
        self._read = read
        self._place = visible(place)
        self._namespace = namespace
        self._kept_words = dict.fromkeys(VIEWS, "")
        self._steps: Steps | None = None
        self._problem = ""
        self._looking: Timer | None = None

    def compose(self) -> ComposeResult:
        """Make the views and the lines around them."""
        yield Static(id="title")
        with ContentSwitcher(initial="map"):
            yield MapView(self._namespace)
            yield ExplainView()
            yield FindingsView(self._namespace)
        yield Prompt()
        yield Static(id="status")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Begin to read."""
        self.query_one(Prompt).display = False
        self._looking = self.set_interval(_LOOK_EVERY, self._tell, pause=True)
        self.action_view("map")
        self.action_reload()

    def action_reload(self) -> None:
        """Read the cluster again, while what was read before stays on the screen."""
        if self._steps is None:
            self._steps = Steps()
            self._problem = ""
            self.run_worker(self._load(self._steps), group="load")

    async def _load(self, steps: Steps) -> None:
        if self._looking is not None:
            self._looking.resume()
        try:
            world = await aside(lambda: read_world(self._read, steps, self._namespace if self.world is None else ""))
        except FiredoorError as error:
            if self.world is None:
                self.failure = error
                self.exit()
                return
            self._problem = f"error: {visible(str(error))}"
        else:
            self.world = world
            with suppress(NoMatches):
                for view in self.query(View):
                    view.show(world)
        finally:
            self._steps = None
            if self._looking is not None:
                self._looking.pause()
        self._tell()

    def action_view(self, name: str) -> None:
        """Show a view."""
        self.query_one(ContentSwitcher).current = name
        self.refresh_bindings()
        self._view_shown.enter()
        self._tell()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Return whether a key does something now: there are no lines to filter among explanations."""
        return action != "filter" or not self.query("ContentSwitcher") or self._current != "explain"

    def action_filter(self) -> None:
        """Ask for words that are to stand in the lines."""
        self.query_one(Prompt).ask(FILTER, self._kept_words[self._current])

    def action_command(self, text: str = "") -> None:
        """Ask where to go."""
        self.query_one(Prompt).ask(COMMAND, text)

    def action_help(self) -> None:
        """Show the keys."""
        self.push_screen(help_screen())

    def action_leave(self) -> None:
        """Take back the filter, or go up by one level."""
        if self._kept_words[self._current]:
            self._keep("")
        else:
            self._view_shown.back()
        self._tell()

    def on_prompt_typed(self, event: Prompt.Typed) -> None:
        """Narrow the list as the filter is typed."""
        self._keep(event.text)
        if event.is_done:
            self._view_shown.enter()

    def on_prompt_left(self, event: Prompt.Left) -> None:
        """Take a filter away that was left."""
        if event.was_filter:
            self._keep("")
        self._view_shown.enter()

    async def on_prompt_given(self, event: Prompt.Given) -> None:
        """Do what was asked for by name."""
        word, _, rest = event.text.partition(" ")
        self._problem = ""
        self._view_shown.enter()
        match word:
            case "" | "map" | "explain" | "findings":
                self.action_view(word or self._current)
            case "ns" | "namespace":
                self._of_namespace(rest.strip())
            case "severity" | "sev":
                self._at_least(rest.strip())
            case "r" | "reload":
                self.action_reload()
            case "h" | "help":
                self.action_help()
            case "q" | "quit":
                await self.action_quit()
            case _:
                self._problem = f"there is no {visible(word)!r} to go to; ? lists what there is"
        self._tell()

    def on_asked(self, event: Asked) -> None:
        """Go to the explanation of a connection."""
        self.query_one(ExplainView).ask(event.question)
        self.action_view("explain")

    def on_changed(self, _event: Changed) -> None:
        """Write the line about the view anew."""
        self._tell()

    def _of_namespace(self, name: str) -> None:
        known = {row.namespace for row in self.world.diagnosis.inventory.coverage} if self.world is not None else set()
        if name and name not in known:
            self._problem = f"there is no namespace {visible(name)}"
        elif self._current == "findings":
            self.query_one(FindingsView).of_namespace(name)
        else:
            self.query_one(MapView).go(name)
            self.action_view("map")

    def _at_least(self, name: str) -> None:
        found = {each.value: each for each in Severity}.get(name)
        if name and name != "all" and found is None:
            self._problem = f"there is no severity {visible(name)}: use {', '.join(Severity)} or all"
            return
        self.query_one(FindingsView).at_least(found)
        self.action_view("findings")

    def _keep(self, text: str) -> None:
        self._kept_words[self._current] = text
        self._view_shown.narrow(text)

    @property
    def _current(self) -> str:
        return self.query_one(ContentSwitcher).current or "map"

    @property
    def _view_shown(self) -> View:
        return self.query_one(f"#{self._current}", View)

    def _tell(self) -> None:
        """Write what is shown, and what is being done."""
        # While the application ends, parts of the screen are gone already.
        with suppress(NoMatches):
            self._write()

    def _write(self) -> None:
        world = self.world
        title = Text.assemble(("firedoor", "bold"), "  ")
        if world is not None:
            title.append(f"{overview(world.diagnosis)}  ")
        title.append(self._place)
        self.query_one("#title", Static).update(title)
        if self._steps is not None:
            self._say(f"{visible(self._steps.text)} ...")
        elif self._problem:
            self._say(self._problem, "bold red")
        elif world is not None:
            kept = self._kept_words[self._current]
            self._say(self._view_shown.told + (f"; filter: {visible(kept)}" if kept else ""))

    def _say(self, text: str, style: str = "") -> None:
        self.query_one("#status", Static).update(Text(text, style=style, no_wrap=True, overflow="ellipsis"))
