"""Whatever lines are, compiled code and Python tell the same of them together as the parser does of each alone."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.adapters.flows.samples import line, lines
from tests.adapters.flows.test_hubble_lines import assert_same, pytestmark, usual
from tests.examples import many

__all__ = ["pytestmark"]

DEEP = "[" * 130 + "]" * 130
ODD = [
    "null", "true", "0", "-0", "1", "80", "80.0", "8e1", "65535", "65536", "-1", "1e999", "1" * 400, "01", '""', '"a"',
    '"\\ud800"', '"\\udc00\\ud800"', '"\\ud83d\\ude00"', '"\\u0041"', '"\\u0000"', '"\\x"', '"a\\"b"', '"\\\\u0041"',
    '"\x01"', "[]", "{}", "[null]", '["a"]', '[""]', '[{"name":"a"}]', '[{"name":null,"kind":"K"}]', '{"type":4}',
    '{"type":5}', '{"type":2}', '{"type":"5"}', '{"SYN":true}', '{"SYN":true,"ACK":true}', '{"SYN":"yes"}', DEEP,
    '{"a":1,"a":2}', '"POLICY_DENIED"', '"FORWARDED"', '"DROPPED"', '"AUDIT"', '"REDIRECTED"', '"L3_L4"', '"L7"',
    '"INGRESS"', '"EGRESS"', '"FROM_ENDPOINT"', '"TO_STACK"', '{"name":"s","namespace":"n"}', "", "NaN", "tru",
    '{"namespace":"lab","pod_name":"web-1","labels":["k8s:a=b"],"workloads":[{"name":"web","kind":"Deployment"}]}',
    '{"labels":["reserved:world","fqdn:a.example"]}', '{"labels":["reserved:host"]}', '{"labels":[1]}',
    '{"pod_name":"web-1","labels":[1]}', '{"pod_name":"a\\u0062"}', '{"identity":1e999}', '["é"]',
    '"2026-02-29T10:41:02.2Z"', '"2024-02-29T10:41:02.2Z"', '"2026-07-31T23:59:60.2Z"', '"1970-01-01T00:00:00.0Z"',
    '"2262-04-11T23:47:16.954775807Z"', '"1969-12-31T23:59:59.9Z"', '"2026-07-31 10:41:02.2Z"',
    '"2100-02-29T10:41:02.2Z"',
    '"2026-07-31T10:41:02.1234567891Z"', '"2026-07-31T10:41:02.5+01:00"', '"2026-07-31T10:41:02Z"',
    '"2026-07-31T10:41:02.1é"',
    '{"seconds":1785009842}', '{"source":"10.0.0.1","destination":"::ffff:10.0.0.2"}',
    '{"source":"10.0.0.1","destination":""}', '{"source":"10.0.0.1","destination":"10.0.0.1\\n"}',
    '{"source":"fe80::1%eth0","destination":"FD00:0::1"}', '{"source":"010.0.0.1","destination":"10.0.0.1"}',
    '{"TCP":{"source_port":1,"destination_port":80}}', '{"UDP":{"source_port":80,"destination_port":1}}',
    '{"TCP":{"source_port":1,"destination_port":80},"UDP":{"source_port":2,"destination_port":80}}',
    '{"TCP":null,"UDP":{"source_port":2,"destination_port":80}}', '{"TCP":{"source_port":1}}', '{"ICMPv4":{"type":8}}',
    '{"TCP":{"source_port":1,"destination_port":80,"flags":null}}', '{"SCTP":{"source_port":1,"destination_port":80}}',
    '{"TCP":{"source_port":80,"destination_port":1,"flags":{"SYN":true,"ACK":true}}}',
    '{"TCP":{"source_port":1,"source_port":2,"destination_port":80}}',
    '{"TCP":{"source_port":1,"destination_port":80},"x":1}',
]  # fmt: skip
NAMES = [
    "time", "Type", "IP", "l4", "source", "destination", "verdict", "event_type", "node_name", "source_names",
    "destination_names", "source_service", "destination_service", "traffic_direction", "trace_observation_point",
    "is_reply", "reply", "l7", "drop_reason", "drop_reason_desc", "egress_allowed_by", "ingress_allowed_by",
    "egress_denied_by", "ingress_denied_by", "uuid", "ethernet", "flow", "lost_events", "s\\u006furce", "a\\ud800",
]  # fmt: skip
GOOD = [usual(), line(), *lines(12).splitlines(keepends=True)]
PIECES = [
    b"",
    b'"',
    b"}",
    b"{",
    b"7",
    b"\\",
    b",",
    b"\x00",
    b"\n",
    b"\xff",
    b"\\u",
    b" ",
    b"\xef\xbb\xbf",
    b"\r\n",
    b"null",
]


@st.composite
def changed(draw: st.DrawFn) -> bytes:
    """Return a line some fields of which are something else, left out, or there twice."""
    event = json.loads(draw(st.sampled_from(GOOD)))
    fields = [(name, json.dumps(value)) for name, value in event["flow"].items()]
    around = [(name, json.dumps(value)) for name, value in event.items() if name != "flow"]
    for _ in range(draw(st.integers(0, 3))):
        own = around if draw(st.integers(0, 5)) == 0 else fields
        name, value = draw(st.sampled_from(NAMES)), draw(st.sampled_from(ODD))
        known = [number for number, each in enumerate(own) if each[0] == name]
        is_without = draw(st.booleans())
        if known and is_without:
            del own[known[0]]
        if value or not known:
            own.insert(draw(st.integers(0, len(own))), (name, value))
    comma, colon = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", " : ")]))
    flow = _object(fields, comma, colon)
    is_bare = draw(st.integers(0, 9)) == 0
    text = flow if is_bare else _object([("flow", flow), *around], comma, colon)
    return text.encode("utf-8", "surrogatepass") + b"\n"


@st.composite
def torn(draw: st.DrawFn) -> bytes:
    """Return a line with pieces of something else in it."""
    text = bytearray(draw(changed()))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        text[at : at + draw(st.integers(0, 3))] = draw(st.sampled_from(PIECES))
    return bytes(text)


def _object(fields: list[tuple[str, str]], comma: str, colon: str) -> str:
    return "{" + comma.join(f'"{name}"{colon}{value}' for name, value in fields) + "}"


@settings(parent=many, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(GOOD), changed(), torn()), max_size=6).map(b"".join))
def test_lines_mean_the_same_whoever_reads_them(data: bytes) -> None:
    assert_same(data)


@pytest.mark.parametrize("value", ODD)
def test_what_is_odd_in_any_field_is_the_same_whoever_reads_it(value: str) -> None:
    event = json.loads(GOOD[0])["flow"]
    data = b""
    for name in NAMES:
        fields = [(each, json.dumps(event[each])) for each in event if each != name]
        data += _object([("flow", _object([*fields, (name, value)], ",", ":"))], ",", ":").encode() + b"\n"
    assert_same(data)
