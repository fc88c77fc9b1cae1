"""Events of a watched cluster as JSON Lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from firedoor.model.events import Event


def events_json(events: list[Event]) -> str:
    """Return one JSON object for each event, in the shape of the reference."""
    return "".join(msgspec.json.encode(event_object(each)).decode() + "\n" for each in events)


def event_object(event: Event) -> dict[str, object]:
    """Return an event in the shape of the reference."""
    about = event.object
    return {
        "schema": "firedoor/event/v1",
        "time": event.time,
        "kind": str(event.kind),
        "severity": str(event.severity),
        "object": {"kind": about.kind, "namespace": about.namespace, "name": about.name},
        "message": event.message,
        "evidence": list(event.evidence),
        "causes": list(event.causes),
        "fingerprint": event.fingerprint,
        "subject": event.subject,
        "check": event.check,
    }
