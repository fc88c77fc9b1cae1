"""Both forms of requests: what an encoder of protobuf writes is read as it was, and what is broken is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.protobuf.json_format import MessageToJson
from hypothesis import given
from hypothesis import strategies as st

from firedoor.adapters.flows.otlp import binary_form, json_form
from firedoor.adapters.flows.otlp.answers import FORMS
from firedoor.adapters.flows.otlp.bodies import NoRequest, lines_of
from tests.adapters.flows.otlp.messages import Response, Status, request

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.binary(max_size=20),
)
BODIES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.lists(BODIES, max_size=4), max_size=3))
def test_what_protobuf_encodes_is_read_as_it_was(groups: list[list[Any]]) -> None:
    assert binary_form.groups_of(request(*groups).SerializeToString()) == groups


@given(st.lists(st.lists(BODIES, max_size=4), max_size=3))
def test_what_protobuf_writes_as_json_is_read_as_it_was(groups: list[list[Any]]) -> None:
    found = json_form.groups_of(MessageToJson(request(*groups)).encode())
    assert found == groups


def refused(form: str, data: bytes) -> str:
    """Return why something is no request; empty where it is one."""
    try:
        FORMS[form].groups(data)
    except NoRequest as error:
        return str(error)
    return ""


@given(st.binary(max_size=60))
def test_whatever_is_no_request_is_told_and_breaks_nothing(data: bytes) -> None:
    assert "Error" not in "".join(refused(each, data) for each in FORMS)


@given(st.data())
def test_a_request_that_is_cut_is_told_or_read_in_part(data: st.DataObject) -> None:
    whole = request(["a", {"b": [1]}], [b"c"]).SerializeToString()
    assert refused("application/x-protobuf", whole[: data.draw(st.integers(0, len(whole)))]) in {
        "",
        "it is cut, or no protobuf",
    }


@pytest.mark.parametrize(
    ("form", "content", "why"),
    [
        ("application/json", b"{", "truncated"),
        (
            "application/json",
            b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"intValue":"x"}}]}]}]}',
            "no number",
        ),
        (
            "application/json",
            b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"bytesValue":"?"}}]}]}]}',
            "base64",
        ),
        ("application/json", b'{"resourceLogs": 1}', "resourceLogs"),
        ("application/x-protobuf", b"\x0b", "has the type 3"),
        ("application/x-protobuf", b"\x00\x00", "no protobuf"),
        ("application/x-protobuf", b"\xff" * 12, "no protobuf"),
        ("application/x-protobuf", b"\x0a\x05ab", "is cut"),
    ],
)
def test_what_is_broken_is_told(form: str, content: bytes, why: str) -> None:
    with pytest.raises(NoRequest, match="(?i)" + why):
        FORMS[form].groups(content)


def test_fields_that_are_not_known_are_left_out_and_null_is_nothing() -> None:
    record = {"body": {"stringValue": "a", "other": 1}, "eventName": "x", "severityNumber": 9}
    text = {"resourceLogs": [{"scopeLogs": [{"logRecords": [record, {"body": None}], "new": {}}, {}]}, {}]}
    assert json_form.groups_of(json.dumps(text).encode()) == [["a", None], []]


def test_what_is_nested_too_deeply_is_told() -> None:
    body = b""
    for _ in range(60):
        # A list in a list, which protobuf's library would not encode.
        inner = b"\x0a" + _length(body) + body
        body = b"\x2a" + _length(inner) + inner
    assert binary_form.groups_of(_record(body))
    for _ in range(10):
        inner = b"\x0a" + _length(body) + body
        body = b"\x2a" + _length(inner) + inner
    with pytest.raises(NoRequest, match="nested more than 64 levels"):
        binary_form.groups_of(_record(body))
    deep = b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":' + b'{"arrayValue":{"values":[' * 5000
    with pytest.raises(NoRequest):
        json_form.groups_of(deep)


def test_answers_are_what_protobuf_reads() -> None:
    binary, text = FORMS["application/x-protobuf"], FORMS["application/json"]
    assert (binary.accepted(0, ""), text.accepted(0, "")) == (b"", b"{}")
    partial = Response.FromString(binary.accepted(300, "w\xe9 " * 300)).partial_success
    assert (partial.rejected_log_records, len(partial.error_message)) == (300, 1000 - 100)
    document = json.loads(text.accepted(300, "no"))
    assert document == {"partialSuccess": {"rejectedLogRecords": "300", "errorMessage": "no"}}
    assert Status.FromString(binary.refused("why")).message == "why"
    assert json.loads(text.refused("why")) == {"message": "why"}


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("a\n", b"a\n"),
        (b"a\r\nb", b"a\r\nb\n"),
        ({"a": [1, None]}, b'{"a":[1,null]}\n'),
        ('{\n "a": 1\n}', b'{"a":1}\n'),
        ('{"a":1}\n{"b":2}', b'{"a":1}\n{"b":2}\n'),
        ("", None),
        (None, None),
        (True, None),
        (3, None),
    ],
)
def test_a_body_becomes_the_lines_of_a_file(body: Any, lines: bytes | None) -> None:
    assert lines_of(body) == lines


def _length(data: bytes) -> bytes:
    return bytes([len(data)]) if len(data) < 128 else bytes([len(data) & 127 | 128, len(data) >> 7])


def _record(body: bytes) -> bytes:
    for tag in (b"\x2a", b"\x12", b"\x12", b"\x0a"):
        body = tag + _length(body) + body
    return body
