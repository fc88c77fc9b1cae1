from __future__ import annotations

import base64
import json
import lzma
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict

from firedoor.adapters.flows.chunks import Chunk
from firedoor.adapters.flows.formats import Format, format_named
from firedoor.adapters.flows.parts import PartReader
from firedoor.adapters.flows.relay import wire
from firedoor.adapters.flows.relay.lines import line_of
from firedoor.engine.flows.columns import rows_of
from firedoor.model.flow_reading import FlowPart
from tests.adapters.flows.relay.serving import flow, imported, message, relay
from tests.adapters.flows.samples import DEMO, edges, store

RECORDED = Path(__file__).parents[3] / "recorded" / "hubble_messages.jsonl.xz"


@cache
def recorded() -> list[tuple[dict[str, Any], bytes]]:
    """Return messages as Cilium's own types write them: as JSON, and on the wire."""
    with lzma.open(RECORDED) as lines:
        return [(each["json"], base64.b64decode(each["wire"])) for each in map(json.loads, lines)]


def read(*lines: bytes) -> FlowPart:
    form = format_named("hubble")
    assert isinstance(form, Format)
    reader = PartReader(form)
    reader.take(Chunk(0, 0, b"".join(lines)), 1)
    return reader.part()


def known(values: dict[str, Any], descriptor: Any) -> dict[str, Any]:
    """Return the fields that are in the table of messages."""
    found = {}
    for name, value in values.items():
        field = descriptor.fields_by_name.get(name)
        if field is None:
            continue
        inner = field.message_type
        if inner is None or inner.full_name.startswith("google."):
            found[name] = value
        else:
            found[name] = [known(each, inner) for each in value] if isinstance(value, list) else known(value, inner)
    return found


def test_messages_are_the_lines_that_cilium_writes_of_them() -> None:
    assert len(recorded()) == 455
    for text, data in recorded():
        response = wire.GetFlowsResponse.FromString(data)
        assert json.loads(line_of(response)) == known(text, response.DESCRIPTOR)


def test_messages_mean_what_the_lines_mean() -> None:
    texts = [json.dumps(text).encode() + b"\n" for text, _ in recorded()]
    lines = [line_of(wire.GetFlowsResponse.FromString(data)) for _, data in recorded()]
    told, meant = read(*lines), read(*texts)
    assert [(each.line, each.reason) for each in told.malformed] == [
        (each.line, each.reason) for each in meant.malformed
    ]
    assert len(told.malformed) > 20
    assert len(told.connections) + (len(rows_of(told.columns)) if told.columns else 0) > 100
    told.malformed = meant.malformed = []
    assert told == meant


def test_flows_of_a_relay_come_to_what_those_of_the_exporter_do(tmp_path: Path) -> None:
    store(DEMO, tmp_path / "file")
    demo = [data for _, data in recorded()[: DEMO.read_bytes().count(b"\n")]]
    with relay(answer=lambda _: iter(demo)) as server:
        found = imported(tmp_path / "relay", server)
    assert (found.tally.records, found.tally.lost) == (204, 37)
    assert edges(tmp_path / "relay") == edges(tmp_path / "file")


@pytest.mark.parametrize("nanos", [0, 1, 1000, 120_000, 5_000_000, 123_456_789])
def test_times_are_written_as_protobuf_writes_them(nanos: int) -> None:
    response = wire.GetFlowsResponse()
    response.time.seconds, response.time.nanos = 1_785_000_000, nanos
    assert json.loads(line_of(response)) == MessageToDict(response, preserving_proto_field_name=True)


@pytest.mark.parametrize(("seconds", "nanos"), [(1 << 62, 0), (-(1 << 62), 0), (1, -1), (1, 1 << 30), (-5, 0)])
def test_times_that_no_calendar_has_are_malformed(seconds: int, nanos: int) -> None:
    odd = flow(1, 1)
    odd.flow.time.seconds, odd.flow.time.nanos = seconds, nanos
    (fault,) = read(line_of(odd)).malformed
    assert "time" in fault.reason


def test_verdicts_reasons_and_points_that_are_numbers_mean_the_same_as_their_names() -> None:
    def told(point: object) -> object:
        values = {"verdict": "FORWARDED", "trace_observation_point": point, "event_type": {"type": 4}}
        changed = json.loads(line_of(flow(1, 1)))
        changed["flow"] |= values
        (found,) = read(json.dumps(changed).encode()).connections
        return found.verdict

    points = wire.GetFlowsResponse.DESCRIPTOR.fields_by_name["flow"].message_type.fields_by_name[
        "trace_observation_point"
    ]
    for each in points.enum_type.values:
        assert told(each.name) == told(each.number), each.name


def test_an_empty_message_is_an_empty_line() -> None:
    assert line_of(message({})) == b"{}\n"
