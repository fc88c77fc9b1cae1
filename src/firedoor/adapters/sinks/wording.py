"""The words of an event for people, which the chats share."""

from __future__ import annotations

from firedoor.adapters.sinks.sink import plain
from firedoor.model.events import Event

_MOST_MESSAGE = 1_000
_MOST_CAUSES = 3


def headline(event: Event) -> str:
    """Return how bad it is, what it is, and what it is about."""
    return plain(f"{event.severity.upper()} {event.kind} - {event.object}", _MOST_MESSAGE)


def details(event: Event) -> str:
    """Return the message, and which changes may be why."""
    causes = "; ".join(event.causes[:_MOST_CAUSES]) + ("; ..." if event.causes[_MOST_CAUSES:] else "")
    return plain(event.message, _MOST_MESSAGE) + (f" (after: {plain(causes, _MOST_MESSAGE)})" if causes else "")
