"""Events of the cluster itself (``events.k8s.io/v1``), about the objects that changes are about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firedoor.adapters.sinks.sink import NotTakenError, plain
from firedoor.errors import SourceError, WriteRefusedError
from firedoor.model.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.interfaces import ClusterObjects
    from firedoor.model.alerting import Notice

_MOST_NOTE = 1_000
"""A note has less than 1 kB."""
_ELSEWHERE = "default"
"""Where the API keeps events about what is in no namespace."""


class KubernetesEvents:
    """Creates an event for each; one that was created before is not created again. Implements `Sink`."""

    most = 1

    def __init__(self, objects: ClusterObjects, instance: str) -> None:
        """`instance` is the name of who reports."""
        self._objects = objects
        self._instance = plain(instance, 128) or "firedoor"

    def send(self, notices: Sequence[Notice]) -> int:
        """Create them."""
        for each in notices:
            try:
                identity = self._objects.identity(each.event.object)
                self._objects.create(manifest(each, self._instance, *identity), "events")
            except WriteRefusedError as error:
                raise NotTakenError(plain(error.problem), is_refused=True) from error
            except SourceError as error:
                raise NotTakenError(plain(error.problem)) from error
        return 0

    def idle(self) -> None:
        """Do nothing."""


def manifest(notice: Notice, instance: str, api_version: str = "", uid: str = "") -> dict[str, Any]:
    """Return the object for a notice, whose name is made of the notice's own, so that it is made once."""
    event = notice.event
    about = {
        "apiVersion": api_version,
        "kind": event.object.kind,
        "namespace": event.object.namespace,
        "name": event.object.name,
        "uid": uid,
    }
    is_normal = event.severity.rank < Severity.MEDIUM.rank
    note = plain(event.message, _MOST_NOTE).encode()[:_MOST_NOTE].decode("utf-8", "ignore")
    return {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": {"name": f"firedoor.{notice.id}", "namespace": event.object.namespace or _ELSEWHERE},
        "eventTime": event.time.replace("Z", ".000000Z"),
        "type": "Normal" if is_normal else "Warning",
        "reason": "".join(each.capitalize() for each in event.kind.split("-")),
        "action": "Watching",
        "note": note,
        "regarding": {key: text for key, text in about.items() if text},
        "reportingController": "firedoor.dev/watch",
        "reportingInstance": instance,
    }
