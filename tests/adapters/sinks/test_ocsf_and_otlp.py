from __future__ import annotations

import pytest

from firedoor.adapters.sinks.ocsf import Ocsf
from firedoor.adapters.sinks.otlp import Otlp
from firedoor.model.alerting import SinkKind
from firedoor.model.events import EventKind
from firedoor.model.findings import Severity
from firedoor.model.places import ObjectRef
from firedoor.render.events_json import event_object
from tests.receiving import Reply, notice, plan, receiving

MILLISECONDS = 1_767_323_045_000
REQUIRED = {"activity_id", "category_uid", "class_uid", "finding_info", "metadata", "severity_id", "time", "type_uid"}
"""Of a Detection Finding, in version 1.3.0 of the schema."""


def test_a_detection_finding_is_created_and_closed_under_one_name() -> None:
    end = {"kind": EventKind.FINDING_GONE, "severity": Severity.INFO, "check": "pod-unprotected"}
    with receiving() as server:
        sink = Ocsf(plan(SinkKind.OCSF, server.url + "/in"), event_object)
        assert sink.send([notice(1, kind=EventKind.FINDING_APPEARED, check="pod-unprotected"), notice(2, **end)]) == 0
        begun, ended = (each.document for each in server.requests)
    assert begun.keys() >= REQUIRED
    assert (begun["class_uid"], begun["category_uid"], begun["type_uid"]) == (2004, 2, 200401)
    assert (begun["activity_id"], begun["status_id"], begun["severity_id"], begun["time"]) == (1, 1, 4, MILLISECONDS)
    assert begun["metadata"]["version"] == "1.3.0"
    assert begun["metadata"]["product"].items() >= {"name": "firedoor", "vendor_name": "firedoor"}.items()
    assert begun["finding_info"] == {
        "uid": "s1",
        "title": "event 1",
        "types": ["finding-appeared"],
        "desc": "shop/web -> data/db",
        "created_time": MILLISECONDS,
        "analytic": {"name": "pod-unprotected", "type_id": 1, "type": "Rule"},
    }
    assert begun["resources"] == [{"name": "db", "type": "StatefulSet", "namespace": "data"}]
    assert begun["unmapped"]["firedoor"]["schema"] == "firedoor/event/v1"
    assert (ended["activity_id"], ended["status_id"], ended["type_uid"], ended["severity_id"]) == (3, 4, 200403, 1)
    assert ended["finding_info"]["uid"] == begun["finding_info"]["uid"]
    assert ended["finding_info"]["types"] == ["finding-appeared"]


def test_logs_are_an_export_request_of_opentelemetry() -> None:
    cluster = ObjectRef("Cluster", "", "")
    with receiving() as server:
        server.reply = Reply(200, b"{}")
        sink = Otlp(plan(SinkKind.OTLP, server.url))
        assert sink.send([notice(1), notice(2, object=cluster, evidence=(), causes=(), severity=Severity.INFO)]) == 0
        (request,) = server.requests
    assert (request.path, request.headers["Content-Type"]) == ("/v1/logs", "application/json")
    (of,) = request.document["resourceLogs"]
    assert {"key": "service.name", "value": {"stringValue": "firedoor"}} in of["resource"]["attributes"]
    (scope,) = of["scopeLogs"]
    first, second = scope["logRecords"]
    assert first["timeUnixNano"] == str(MILLISECONDS * 10**6)
    assert (first["severityNumber"], first["severityText"]) == (17, "high")
    assert (first["eventName"], first["body"]) == ("firedoor.connection-opened", {"stringValue": "event 1"})
    values = {each["key"]: each["value"] for each in first["attributes"]}
    assert values["k8s.namespace.name"] == {"stringValue": "data"}
    assert values["firedoor.evidence"] == {"arrayValue": {"values": [{"stringValue": "shop/web -> data/db"}]}}
    assert second["severityNumber"] == 9
    assert "k8s.namespace.name" not in {each["key"] for each in second["attributes"]}


@pytest.mark.parametrize(
    ("answer", "refused"),
    [
        (b'{"partialSuccess": {"rejectedLogRecords": "1", "errorMessage": "too old"}}', 1),
        (b'{"partialSuccess": {"rejectedLogRecords": 99}}', 2),
        (b'{"partialSuccess": {"rejectedLogRecords": -5}}', 0),
        (b'{"partialSuccess": {"rejectedLogRecords": "many"}}', 0),
        (b'{"partialSuccess": {"errorMessage": "only a warning"}}', 0),
        (b'{"partialSuccess": null}', 0),
        (b"not json", 0),
        (b"", 0),
    ],
)
def test_what_an_answer_says_was_rejected_is_counted_and_not_sent_again(answer: bytes, refused: int) -> None:
    with receiving() as server:
        server.reply = Reply(200, answer)
        assert Otlp(plan(SinkKind.OTLP, server.url)).send([notice(1), notice(2)]) == refused
        assert len(server.requests) == 1


def test_a_query_of_the_url_stays_behind_the_path() -> None:
    with receiving() as server:
        Otlp(plan(SinkKind.OTLP, f"{server.url}/base/?key=1")).send([notice(1)])
        assert [each.path for each in server.requests] == ["/base/v1/logs?key=1"]
