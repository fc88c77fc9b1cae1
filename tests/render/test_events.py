from __future__ import annotations

import json

from firedoor.model.events import Event, EventKind
from firedoor.model.findings import Severity
from firedoor.model.places import ObjectRef
from firedoor.render.events_json import events_json
from firedoor.render.events_text import events_text

OPENED = Event(
    EventKind.CONNECTION_OPENED,
    Severity.HIGH,
    "2026-01-02T03:04:05Z",
    ObjectRef("Deployment", "shop", "web"),
    "opened: a ->\n b TCP/80",
    "0123",
    ("a -> b",),
    ("NetworkPolicy shop/one deleted", "Namespace two changed", "Role three/x created", "Role four/x created"),
)
WORKS = Event(EventKind.FOLLOWING_WORKS, Severity.INFO, OPENED.time, ObjectRef("Cluster", "", ""), "works", "4567")


def test_a_line_for_each_says_when_how_bad_what_and_why() -> None:
    assert events_text([OPENED, WORKS]) == (
        "2026-01-02T03:04:05Z high     connection-opened opened: a -> b TCP/80 (after: NetworkPolicy shop/one deleted; "
        "Namespace two changed; Role three/x created; ...)\n"
        "2026-01-02T03:04:05Z info     following-works works\n"
    )


def test_json_lines_hold_all_of_it() -> None:
    first, second = map(json.loads, events_json([OPENED, WORKS]).splitlines())
    assert first == {
        "schema": "firedoor/event/v1",
        "time": "2026-01-02T03:04:05Z",
        "kind": "connection-opened",
        "severity": "high",
        "object": {"kind": "Deployment", "namespace": "shop", "name": "web"},
        "message": "opened: a ->\n b TCP/80",
        "evidence": ["a -> b"],
        "causes": list(OPENED.causes),
        "fingerprint": "0123",
        "subject": "",
        "check": "",
    }
    assert (second["causes"], second["object"]["kind"]) == ([], "Cluster")
