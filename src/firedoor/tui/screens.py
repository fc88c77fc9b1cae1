"""Screens above the views: all of a finding, and the keys."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, ClassVar

from rich.console import Console
from rich.text import Text
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from firedoor.render import findings_text
from firedoor.render.words import visible
from firedoor.tui.hanging import Hanging
from firedoor.tui.rows import gap_text

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from firedoor.model.findings import Finding
    from firedoor.model.places import Gap

KEYS = """\
 1 2 3      the map, explanations, findings
 :          go somewhere: map, explain, findings, ns NAME, severity LEVEL,
            reload, help, quit
 /          only lines with these words; Enter keeps them, Esc drops them
 r          read the cluster again
 ?          these keys
 q          leave
 Enter      map: into a namespace or a workload; a connection: explain it
            findings: all of one, with its remedy
 Esc        back: out of a field, a filter, a level
 arrows, j, k, PgUp, PgDn, Home, End
            move; Left and Right also scroll wide tables
 f, t       map: explain a connection from, or to, what is at the cursor
 s, n       findings: only more severe ones; only those of a namespace
 i          explanations: edit the question

Nothing is written, neither to the cluster nor to files.
"""


class Detail(ModalScreen[None]):
    """A text that is read and left again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,backspace,left,question_mark", "dismiss", "Back"),
        Binding("j", "scroll_down", show=False),
        Binding("k", "scroll_up", show=False),
    ]

    def __init__(self, text: Text) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        """Make the text."""
        with VerticalScroll(id="detail"):
            yield Static(Hanging(self._text))
            yield Static(Text("Esc leads back", style="dim"))

    def on_mount(self) -> None:
        """Let the keys scroll the text."""
        self.query_one(VerticalScroll).focus()

    def action_scroll_down(self) -> None:
        """Scroll down by a line."""
        self.query_one(VerticalScroll).scroll_down(animate=False)

    def action_scroll_up(self) -> None:
        """Scroll up by a line."""
        self.query_one(VerticalScroll).scroll_up(animate=False)


def help_screen() -> Detail:
    """Return the screen of the keys."""
    return Detail(Text(KEYS))


def finding_text(finding: Finding) -> Text:
    """Return what the command prints of a finding, with its fix as YAML."""
    out = StringIO()
    console = Console(file=out, force_terminal=True, color_system="standard", width=10_000, highlight=False)
    findings_text.print_findings((finding,), (), console, findings_text.Detail.VERBOSE)
    return Text.from_ansi(out.getvalue())


def gap_detail(gap: Gap) -> Text:
    """Return what there is to say of a gap."""
    return Text("\n".join(map(visible, gap_text(gap).splitlines())))
