"""
Audit events of the API server, as connections to it: who (``user``) from where (``sourceIPs``).

The last of ``sourceIPs`` is the peer of the connection, those before it are what proxies told.
Source: k8s.io/apiserver pkg/apis/audit/v1 (Event).
"""

from __future__ import annotations

from collections.abc import Iterable

from firedoor.adapters.flows.formats.contract import MalformedLine, Told
from firedoor.adapters.flows.formats.documents import JsonLines, each_of, ignore
from firedoor.adapters.flows.formats.fields import address
from firedoor.adapters.flows.formats.guarding import guarded
from firedoor.adapters.flows.formats.objects import Fields, read_object
from firedoor.adapters.flows.formats.sniffing import json_with
from firedoor.adapters.flows.formats.times import stamp
from firedoor.model.flows import FlowEnd, FlowRecord, FlowVerdict

API_SERVER = FlowEnd(namespace="default", workload="Service/kubernetes", role="service")
"""The API server: an event says neither its address nor its port."""

_ACCOUNT, _NODE = "system:serviceaccount:", "system:node:"
_POD = "authentication.kubernetes.io/pod-name"
_MOST = 1 << 16


class _Audit:
    def __init__(self) -> None:
        self._json = JsonLines(self._read)
        self._started: dict[str, None] = {}

    def parse(self, line: bytes, number: int) -> Iterable[Told]:
        return self._json.parse(line, number)

    def finish(self) -> Iterable[Told]:
        return self._json.finish()

    def _read(self, line: bytes) -> Iterable[Told]:
        return self._told(read_object(line))

    def _told(self, event: Fields) -> Iterable[Told]:
        if event["kind"] == "EventList":
            # Lists leave out the kind of their elements.
            return each_of(event.indices("items"), lambda index: self._one(event.element("items", index)))
        if event["kind"] != "Event" or not event.text("apiVersion").startswith("audit.k8s.io/"):
            raise MalformedLine("kind and apiVersion are not those of an audit event: Event, audit.k8s.io/v1")
        return self._one(event)

    def _one(self, event: Fields) -> Iterable[Told]:
        stage = event.text("stage")
        if stage == "RequestReceived":
            return ignore("a request that is told again when it is answered")
        if self._is_told(event.text("auditID"), stage):
            return ignore("the end of a request that was told when it began")
        sources = event.texts("sourceIPs")
        if not sources:
            return ignore("a request without a source address")
        return (_record(event, sources),)

    def _is_told(self, audit_id: str, stage: str) -> bool:
        """Return whether the beginning of the answer was told, and note it where this is one."""
        if stage != "ResponseStarted":
            return self._started.pop(audit_id, 0) is None
        if len(self._started) >= _MOST:
            del self._started[next(iter(self._started))]
        self._started[audit_id] = None
        return False


def _record(event: Fields, sources: list[str]) -> FlowRecord:
    end = event.text("stageTimestamp") or event.text("requestReceivedTimestamp")
    return FlowRecord(
        start=stamp(event.text("requestReceivedTimestamp") or end, "requestReceivedTimestamp"),
        end=stamp(end, "stageTimestamp"),
        source=_source(event.inner("user"), address(sources[-1], "sourceIPs"), is_direct=len(sources) == 1),
        destination=API_SERVER,
        protocol="TCP",
        verdict=FlowVerdict.ALLOWED,
        is_reply=False,
    )


def _source(user: Fields, where: str, *, is_direct: bool) -> FlowEnd:
    name = user.text("username")
    if not is_direct:
        return FlowEnd(where)
    if name.startswith(_NODE):
        return FlowEnd(where, workload=f"Node/{name.removeprefix(_NODE)}", role="node")
    pods = user.inner("extra").texts(_POD)
    namespace, colon, _ = name.removeprefix(_ACCOUNT).partition(":")
    if name.startswith(_ACCOUNT) and colon and len(pods) == 1:
        return FlowEnd(where, namespace=namespace, pod=pods[0], role="pod")
    return FlowEnd(where)


KUBERNETES_AUDIT = guarded(
    "kubernetes-audit",
    "Kubernetes audit events, as connections to the API server",
    json_with((b'"audit.k8s.io/', b'"auditID"'), (b"audit.k8s.io/", b"sourceIPs")),
    _Audit,
)
