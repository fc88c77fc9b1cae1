from __future__ import annotations

import json
from typing import Any

import pytest

from firedoor.model.audit import AuditEvent, AuditSkip
from tests.adapters.audit.samples import event, line, read

TEXT = json.dumps(event())


def nested(depth: int) -> Any:
    return event() if not depth else {"message": json.dumps(nested(depth - 1))}


@pytest.mark.parametrize(
    "wrapped",
    [
        event(apiVersion="audit.k8s.io/v1beta1"),
        [event()],
        {"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": [event()]},
        {"@timestamp": "2026-03-01", "@message": TEXT},
        {"events": [{"logStreamName": "kube-apiserver-audit-1", "timestamp": 1, "message": TEXT}]},
        {"messageType": "DATA_MESSAGE", "logEvents": [{"id": "1", "message": TEXT}]},
        {"category": "kube-audit", "properties": {"log": TEXT + "\n", "stream": "stdout", "pod": "kube-apiserver-1"}},
        {"records": [{"category": "kube-audit", "properties": {"log": TEXT}}]},
        {"Category": "kube-audit", "log_s": TEXT},
        {"log": TEXT + "\n", "stream": "stdout", "time": "2026-03-01T08:00:00Z"},
        {"message": event(), "host": "a"},
        nested(7),
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_an_event_is_found_in_what_is_around_it(wrapped: Any, indent: int | None) -> None:
    (found,) = read(json.dumps(wrapped, indent=indent).encode())
    assert isinstance(found, AuditEvent)
    assert found.request.resource == "pods"


@pytest.mark.parametrize("before", [b"2026-03-01T08:00:00.123Z ", b"2026-03-01T08:00:00.123456789Z stdout F ", b"  "])
def test_a_time_may_stand_before_the_event(before: bytes) -> None:
    (found,) = read(before + line())
    assert isinstance(found, AuditEvent)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"kind":"Event","apiVersion":"v1","reason":"Started"}', "no event of audit.k8s.io"),
        (b'{"message":"hello"}', "the text in it is no audit event"),
        (b'{"log":7}', "no event of audit.k8s.io"),
        (b'{"properties":{}}', "the text in it is no audit event"),
        (b"plain text", "is no audit event: JSON is malformed"),
        (b'"text"', "is no audit event: Expected `object`"),
        (b"7", "is no audit event: Expected `object`"),
        (line(verb=7), "is no audit event: Expected `str | null`"),
        (b"\xff\xfe", "is no audit event"),
        (b'{"message":"\xff"}', "is no audit event"),
        (b'{"kind":"Event"', "is no audit event"),
        (b'{"message":"{broken"}', "is no audit event"),
        (b'{"events":7}', "no event of audit.k8s.io"),
        (json.dumps(nested(9)).encode(), "more than 8 wrappers"),
    ],
)
def test_what_is_no_event_is_told_with_its_line(data: bytes, reason: str) -> None:
    found = read(line() + line() + data)
    assert len(found) == 3
    fault = found[2]
    assert isinstance(fault, AuditSkip)
    assert fault.place.startswith("<stdin>:3")
    assert reason in fault.reason


def test_a_bad_item_of_a_list_is_told_by_its_number() -> None:
    found = read(json.dumps({"items": [event(), 7, {"kind": "x"}, event()]}).encode())
    assert [isinstance(each, AuditEvent) for each in found] == [True, False, False, True]
    assert [each.place for each in found if isinstance(each, AuditSkip)] == ["<stdin>:1 items[1]", "<stdin>:1 items[2]"]
