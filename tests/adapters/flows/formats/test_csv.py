"""CSV and rows of Parquet become records by a mapping, and a wrong mapping is told before any row is read."""

from __future__ import annotations

from typing import Any

import pytest

from firedoor.adapters.flows.formats import MalformedLine, csv_format, read_mapping, record_of
from firedoor.errors import SourceError
from firedoor.model.flows import FlowEnd, FlowRecord, FlowVerdict

_LEAST = "start: {column: t, unit: s}, source.address: a, destination.address: b"
_MAPPING = """
delimiter: ";"
fields:
  start: {column: begin, unit: ms}
  end: {column: finish, unit: text}
  source.address: from_ip
  source.port: from_port
  source.labels: {column: from_labels, separator: ","}
  destination.address: to_ip
  destination.port: to_port
  destination.namespace: to_ns
  destination.role: {value: pod}
  translated.address: nat_ip
  protocol: proto
  verdict: {column: action, allowed: [ACCEPT, PASS], denied: [DROP], audited: [LOG]}
  direction: way
  is_reply: {column: reply, replies: ["y"], requests: ["n"]}
  node: {value: node-1}
  connections: n
  policies: policy
"""
_HEADER = b"begin;finish;from_ip;from_port;from_labels;to_ip;to_port;to_ns;nat_ip;proto;action;way;reply;n;policy"
_ROW = (
    b"1763900000123;2025-11-23T12:13:21Z;10.0.0.1;40000;"
    b'"app=a,tier=""x""";10.96.0.1;80;shop;10.0.0.2;tcp;DROP;Ingress;n;4;p1;'
)
_FULL = FlowRecord(
    start=1763900000_123000000,
    end=1763900001_000000000,
    source=FlowEnd("10.0.0.1", 40000, labels=("app=a", 'tier="x"')),
    destination=FlowEnd("10.96.0.1", 80, "shop", role="pod"),
    protocol="TCP",
    verdict=FlowVerdict.DENIED,
    direction="ingress",
    is_reply=False,
    translated=FlowEnd("10.0.0.2"),
    node="node-1",
    connections=4,
    policies=("p1",),
)


def _record(text: str, *lines: bytes) -> FlowRecord:
    parser = csv_format(read_mapping(text, "m.yaml")).parser()
    told = [each for number, line in enumerate(lines, 1) for each in parser.parse(line, number)]
    assert list(parser.finish()) == []
    (found,) = told
    assert isinstance(found, FlowRecord)
    return found


def test_every_field_comes_from_its_column() -> None:
    assert _record(_MAPPING, _HEADER, _ROW.removesuffix(b";"), b"") == _FULL


def test_a_file_without_a_header_has_it_in_the_mapping() -> None:
    text = _MAPPING + "header: [" + _HEADER.decode().replace(";", ", ") + "]\n"
    assert _record(text, _ROW.removesuffix(b";")) == _FULL


def test_what_is_not_mapped_is_unknown() -> None:
    text = f"fields: {{{_LEAST}, is_reply: r, verdict: {{column: v, allowed: ['1']}}}}"
    found = _record(text, b"t,a,b,r,v", b"5,10.0.0.1,-,,2")
    assert found == FlowRecord(5 * 10**9, 5 * 10**9, FlowEnd("10.0.0.1"), FlowEnd(), "", FlowVerdict.OTHER)


def test_rows_of_parquet_have_numbers_and_lists() -> None:
    row: dict[str, Any] = {
        "begin": 1763900000123,
        "finish": "2025-11-23T12:13:21Z",
        "from_ip": "10.0.0.1",
        "from_port": 40000,
        "from_labels": ["app=a", 'tier="x"'],
        "to_ip": "10.96.0.1",
        "to_port": 80,
        "to_ns": "shop",
        "nat_ip": "10.0.0.2",
        "proto": 6,
        "action": "DROP",
        "way": "INGRESS",
        "reply": "n",
        "n": 4,
        "policy": ["p1"],
    }
    mapping = read_mapping(_MAPPING, "m.yaml")
    assert record_of(mapping, row) == _FULL
    for column, value in (
        ("from_labels", [1]),
        ("begin", None),
        ("proto", 1.5),
        ("reply", 7),
        ("way", "up"),
        ("n", "x"),
    ):
        with pytest.raises(MalformedLine):
            record_of(mapping, {**row, column: value})


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([b"a;b"], "the header has no column action, begin"),
        ([_HEADER, b"1;2"], "2 columns where the header has 15"),
        ([_HEADER, b'1;"2'], "no row of CSV"),
        ([_HEADER, _ROW.removesuffix(b";").replace(b"10.0.0.1", b"x")], "source.address is no IP address"),
        ([_HEADER, _ROW.removesuffix(b";").replace(b";n;", b";maybe;")], "is_reply is none"),
        ([_HEADER, b"\xff"], "no UTF-8"),
        ([b"x" * 200_000], "no row of CSV"),
    ],
)
def test_broken_rows_are_malformed(lines: list[bytes], reason: str) -> None:
    parser = csv_format(read_mapping(_MAPPING, "m.yaml")).parser()
    *before, last = lines
    for line in before:
        assert list(parser.parse(line, 1)) == []
    with pytest.raises(MalformedLine, match=reason):
        list(parser.parse(last, 2))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[", "no YAML"),
        ("7", "not of its form"),
        ("fields: 7", "not of its form"),
        ("{fields: {}, colums: 1}", "not of its form"),
        ("fields: {}", "has no start"),
        ("fields: {start: {column: t, unit: s}, source.address: a}", "has no destination.address"),
        (f"fields: {{{_LEAST}, sport: x}}", "a field that records have not: sport"),
        (f"fields: {{{_LEAST}, node: {{}}}}", "needs one of column and value for node"),
        (f"fields: {{{_LEAST}, node: {{column: x, value: y}}}}", "needs one of column and value for node"),
        (f"fields: {{{_LEAST}, end: e}}", "no unit of time for end"),
        (f"fields: {{{_LEAST}, verdict: v}}", "which values of the verdict"),
        (f"{{fields: {{{_LEAST}}}, delimiter: ';;'}}", "delimiter"),
        ("[" * 1000, "nested too deeply"),
    ],
)
def test_a_wrong_mapping_is_told_with_its_place(text: str, problem: str) -> None:
    with pytest.raises(SourceError, match=problem) as caught:
        read_mapping(text, "m.yaml")
    assert caught.value.place == "m.yaml"
