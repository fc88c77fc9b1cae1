"""What all views have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.message import Message

from firedoor.tui.rows import Question

if TYPE_CHECKING:
    from firedoor.tui.world import World


class Asked(Message):
    """Somebody wants a connection explained; what is empty stays as it was chosen before."""

    def __init__(self, question: Question) -> None:
        super().__init__()
        self.question = question


class Changed(Message):
    """The line about the view is to be written anew."""


class View(Vertical):
    """One of the views that a key leads to."""

    def show(self, world: World) -> None:
        """Show a cluster instead of what was shown."""
        raise NotImplementedError

    def enter(self) -> None:
        """Take the keys."""
        raise NotImplementedError

    def narrow(self, text: str) -> None:
        """Show only what has the words of a text, where the view is a list."""

    def back(self) -> bool:
        """Go up by one level, and return whether there was one."""
        return False

    @property
    def told(self) -> str:
        """What is shown, in one line."""
        return ""
