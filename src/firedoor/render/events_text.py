"""Events of a watched cluster for a terminal or a log, one to a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firedoor.model.events import Event

_WIDEST = len("critical")


def events_text(events: list[Event]) -> str:
    """Return one line for each event: when, how bad, what, and which changes may be why."""
    return "".join(map(_line, events))


def _line(event: Event) -> str:
    causes = f" (after: {'; '.join(event.causes[:3])}{'; ...' if event.causes[3:] else ''})" if event.causes else ""
    message = " ".join(event.message.split())
    return f"{event.time} {event.severity:<{_WIDEST}} {event.kind} {message}{causes}\n"
