"""Log records of OpenTelemetry, by OTLP over HTTP as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from firedoor import __version__
from firedoor.adapters.sinks.posting import Poster
from firedoor.model.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.model.alerting import Notice, SinkPlan
    from firedoor.model.events import Event

_SEVERITIES = {
    Severity.INFO: 9,
    Severity.LOW: 10,
    Severity.MEDIUM: 13,
    Severity.HIGH: 17,
    Severity.CRITICAL: 21,
}
_PATH = "/v1/logs"


class _Partial(msgspec.Struct, rename="camel"):
    rejected_log_records: int | str = 0


class _Answer(msgspec.Struct, rename="camel"):
    partial_success: _Partial | None = None


class Otlp:
    """Sends many events in each request; implements `Sink`."""

    most = 200

    def __init__(self, plan: SinkPlan) -> None:
        """Raise ``UsageError`` where the plan does not work out; the URL is the one before ``/v1/logs``."""
        self._poster = Poster(plan, _PATH)

    def send(self, notices: Sequence[Notice]) -> int:
        """Send them; what the answer says was rejected must not be sent again."""
        answer = self._poster.post(msgspec.json.encode(logs(notices)), {})
        try:
            partial = msgspec.json.decode(answer, type=_Answer).partial_success
            rejected = int(partial.rejected_log_records) if partial is not None else 0
        except (msgspec.DecodeError, ValueError):
            return 0
        return min(max(rejected, 0), len(notices))

    def idle(self) -> None:
        """Do nothing."""


def logs(notices: Sequence[Notice]) -> dict[str, Any]:
    """Return events as an ``ExportLogsServiceRequest``."""
    resource = {"attributes": _attributes({"service.name": "firedoor", "service.version": __version__})}
    records = [_record(each.event, each) for each in notices]
    scope = {"scope": {"name": "firedoor.watch", "version": __version__}, "logRecords": records}
    return {"resourceLogs": [{"resource": resource, "scopeLogs": [scope]}]}


def _record(event: Event, notice: Notice) -> dict[str, Any]:
    nanoseconds = str(int(datetime.fromisoformat(event.time).timestamp()) * 10**9)
    values = {
        "k8s.namespace.name": event.object.namespace,
        "firedoor.object.kind": event.object.kind,
        "firedoor.object.name": event.object.name,
        "firedoor.check": event.check,
        "firedoor.rule": notice.rule,
        "firedoor.fingerprint": event.fingerprint,
        "firedoor.subject": event.subject,
        "log.record.uid": notice.id,
    }
    lists = {"firedoor.evidence": event.evidence, "firedoor.causes": event.causes}
    return {
        "timeUnixNano": nanoseconds,
        "observedTimeUnixNano": nanoseconds,
        "severityNumber": _SEVERITIES[event.severity],
        "severityText": str(event.severity),
        "eventName": f"firedoor.{event.kind}",
        "body": {"stringValue": event.message},
        "attributes": [*_attributes(values), *(_list(key, texts) for key, texts in lists.items() if texts)],
    }


def _attributes(values: dict[str, str]) -> list[dict[str, Any]]:
    return [{"key": key, "value": {"stringValue": text}} for key, text in values.items() if text]


def _list(key: str, texts: Sequence[str]) -> dict[str, Any]:
    return {"key": key, "value": {"arrayValue": {"values": [{"stringValue": each} for each in texts]}}}
