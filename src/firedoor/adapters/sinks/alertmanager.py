"""Alerts for an Alertmanager, API version 2: what begins fires until it ends, or for a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from firedoor.adapters.sinks.alert_book import AlertBook, FiringAlert
from firedoor.adapters.sinks.posting import Poster
from firedoor.adapters.sinks.sink import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from firedoor.model.alerting import Notice, SinkPlan
    from firedoor.model.events import Event

_MOST_TEXT = 2_000


def _now() -> datetime:
    return datetime.now(UTC)


class Alertmanager:
    """Sends alerts, and those that fire again every minute, as Prometheus does; implements `Sink`."""

    most = 100

    def __init__(self, plan: SinkPlan, book: Path, clock: Callable[[], datetime] = _now) -> None:
        """`book` is the file of the alerts that fire; raises ``UsageError`` and ``SourceError``."""
        self._poster = Poster(plan, "/api/v2/alerts")
        self._book = AlertBook(book)
        self._lasts = timedelta(seconds=plan.lasts)
        self._clock = clock

    def send(self, notices: Sequence[Notice]) -> int:
        """Send what began as alerts, and end those of what ended; an end of what never fired is not sent."""
        now = _text(self._clock())
        begun: dict[str, FiringAlert] = {}
        ended: dict[str, FiringAlert] = {}
        for notice in notices:
            event = notice.event
            key = event.subject
            if event.kind.ended is None:
                ended.pop(key, None)
                begun[key] = self._fired(notice, begun.get(key) or self._book.get(key))
            elif (known := begun.pop(key, None) or self._book.get(key)) is not None:
                ended[key] = msgspec.structs.replace(known, ends=now)
        self._post([*begun.values(), *ended.values()])
        if begun or ended:
            self._book.change(begun, set(ended), now)
        return 0

    def idle(self) -> None:
        """Send again what fires: an Alertmanager that was started anew knows of nothing."""
        self._post(self._book.firing(_text(self._clock())))

    def _post(self, alerts: Sequence[FiringAlert]) -> None:
        if alerts:
            self._poster.post(msgspec.json.encode([_alert(each) for each in alerts]), {})

    def _fired(self, notice: Notice, known: FiringAlert | None) -> FiringAlert:
        ends = _text(self._clock() + self._lasts)
        if known is not None:
            return msgspec.structs.replace(known, ends=ends)
        return FiringAlert(_labels(notice), _annotations(notice.event), notice.event.time, ends)


def _alert(each: FiringAlert) -> dict[str, Any]:
    return {"labels": each.labels, "annotations": each.annotations, "startsAt": each.starts, "endsAt": each.ends}


def _labels(notice: Notice) -> dict[str, str]:
    event = notice.event
    labels = {
        "alertname": "Firedoor" + "".join(each.capitalize() for each in event.kind.split("-")),
        "severity": str(event.severity),
        "kind": str(event.kind),
        "object_kind": event.object.kind,
        "namespace": event.object.namespace,
        "name": event.object.name,
        "check": event.check,
        "rule": notice.rule,
        "subject": event.subject,
    }
    return {name: plain(text) for name, text in labels.items() if text}


def _annotations(event: Event) -> dict[str, str]:
    texts = {
        "summary": event.message,
        "description": "; ".join(event.evidence),
        "causes": "; ".join(event.causes),
    }
    return {name: plain(text, _MOST_TEXT) for name, text in texts.items() if text}


def _text(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
