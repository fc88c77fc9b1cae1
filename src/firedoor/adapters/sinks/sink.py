"""What every sink is, and how it says that it did not take something."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from firedoor.model.alerting import Notice
from firedoor.model.events import Event

Layout = Callable[[Event], dict[str, Any]]
"""Returns an event as the JSON object ``firedoor/event/v1``."""


class Sink(Protocol):
    """Takes notices, in order, `most` at once."""

    most: int

    def send(self, notices: Sequence[Notice]) -> int:
        """Return, when none is to be sent again, how many were refused for ever; raises `NotTakenError`."""

    def idle(self) -> None:
        """Do what is to be done now and then while nothing is to be sent; raises `NotTakenError`."""


class NotTakenError(Exception):
    """
    A sink did not take what it was sent.

    `pause` is how many seconds it asks to be left alone. What `is_refused` it will never take; everything else may
    pass, or be mended by a person.
    """

    def __init__(self, problem: str, *, pause: float = 0.0, is_refused: bool = False) -> None:
        """`problem` is one line without secrets."""
        super().__init__(problem)
        self.problem = problem
        self.pause = pause
        self.is_refused = is_refused


def plain(text: str, most: int = 200) -> str:
    """Return the beginning of a text of somebody else on one line that drives no terminal."""
    return "".join(each if each.isprintable() else "?" for each in " ".join(text[: 4 * most].split()))[:most]
