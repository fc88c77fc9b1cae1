"""Detection Findings (class 2004) of the Open Cybersecurity Schema Framework 1.3.0, by HTTP POST."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from firedoor import __version__
from firedoor.adapters.sinks.posting import Poster
from firedoor.model.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.adapters.sinks.sink import Layout
    from firedoor.model.alerting import Notice, SinkPlan

VERSION = "1.3.0"
_CLASS = 2004
_SEVERITIES = {
    Severity.INFO: (1, "Informational"),
    Severity.LOW: (2, "Low"),
    Severity.MEDIUM: (3, "Medium"),
    Severity.HIGH: (4, "High"),
    Severity.CRITICAL: (5, "Critical"),
}
_CREATE, _CLOSE = (1, "Create"), (3, "Close")
_NEW, _RESOLVED = (1, "New"), (4, "Resolved")


class Ocsf:
    """Sends each event as a finding that is created, or closed where it is the end of one; implements `Sink`."""

    most = 1

    def __init__(self, plan: SinkPlan, layout: Layout) -> None:
        """Raise ``UsageError`` where the plan does not work out."""
        self._poster = Poster(plan)
        self._layout = layout

    def send(self, notices: Sequence[Notice]) -> int:
        """Send them, one after another."""
        for each in notices:
            self._poster.post(msgspec.json.encode(finding(each, self._layout)), {})
        return 0

    def idle(self) -> None:
        """Do nothing."""


def finding(notice: Notice, layout: Layout) -> dict[str, Any]:
    """Return an event as a Detection Finding; what has no field there is in ``unmapped``."""
    event = notice.event
    is_end = event.kind.ended is not None
    activity, activity_name = _CLOSE if is_end else _CREATE
    status, status_name = _RESOLVED if is_end else _NEW
    severity, severity_name = _SEVERITIES[event.severity]
    when = int(datetime.fromisoformat(event.time).timestamp() * 1000)
    product = {"name": "firedoor", "vendor_name": "firedoor", "version": __version__}
    begun = event.kind.ended or event.kind
    about = {"name": event.object.name, "type": event.object.kind, "namespace": event.object.namespace}
    return {
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": _CLASS,
        "class_name": "Detection Finding",
        "activity_id": activity,
        "activity_name": activity_name,
        "type_uid": _CLASS * 100 + activity,
        "type_name": f"Detection Finding: {activity_name}",
        "severity_id": severity,
        "severity": severity_name,
        "status_id": status,
        "status": status_name,
        "time": when,
        "message": event.message,
        "metadata": {"version": VERSION, "product": product, "uid": notice.id, "event_code": str(event.kind)},
        "finding_info": {
            "uid": event.subject or event.fingerprint,
            "title": event.message,
            "types": [str(begun)],
            "desc": "\n".join(event.evidence) or event.message,
            **({} if is_end else {"created_time": when}),
            **({"analytic": {"name": event.check, "type_id": 1, "type": "Rule"}} if event.check else {}),
        },
        "resources": [{key: text for key, text in about.items() if text}],
        "unmapped": {"firedoor": layout(event)},
    }
