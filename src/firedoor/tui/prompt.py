"""The line below the views, for a filter or for the name of a place to go to."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input, Label

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

FILTER, COMMAND = "/", ":"
_COMMANDS = ("map", "explain", "findings", "ns ", "severity ", "reload", "help", "quit")


class Prompt(Horizontal):
    """A sign that says what is asked for, and a field; there only while it is used."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]

    class Typed(Message):
        """The text of a filter as it is typed, and (`is_done`) as it is kept."""

        def __init__(self, text: str, *, is_done: bool) -> None:
            super().__init__()
            self.text = text
            self.is_done = is_done

    class Given(Message):
        """A command."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """Somebody left without an answer; `was_filter` says which."""

        def __init__(self, *, was_filter: bool) -> None:
            super().__init__()
            self.was_filter = was_filter

    def __init__(self) -> None:
        super().__init__(id="prompt")
        self._sign = FILTER

    def compose(self) -> ComposeResult:
        """Make the sign and the field."""
        yield Label(FILTER, markup=False)
        yield Input(compact=True, select_on_focus=False)

    def ask(self, sign: str, text: str = "") -> None:
        """Begin to ask, with a text that is there already."""
        self._sign = sign
        self.query_one(Label).update(sign)
        field = self.query_one(Input)
        field.suggester = SuggestFromList(_COMMANDS) if sign == COMMAND else None
        field.value = text
        field.cursor_position = len(text)
        self.display = True
        field.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell of a filter while it is typed."""
        event.stop()
        if self.display and self._sign == FILTER:
            self.post_message(self.Typed(event.value, is_done=False))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Tell what was typed, and go away."""
        event.stop()
        self.display = False
        text = event.value.strip()
        self.post_message(self.Typed(text, is_done=True) if self._sign == FILTER else self.Given(text))

    def action_leave(self) -> None:
        """Go away without an answer."""
        self.display = False
        self.post_message(self.Left(was_filter=self._sign == FILTER))
