from __future__ import annotations

import msgspec
import pytest

from firedoor.adapters.edges import MOST_LINE_BYTES, read_edges
from firedoor.errors import SourceError
from firedoor.model.flows import FlowEdge, FlowPeer, FlowVerdict, PeerKind

EDGE = FlowEdge(
    FlowPeer(PeerKind.WORKLOAD, "shop", "Deployment", "web"),
    FlowPeer(PeerKind.EXTERNAL, name="api.example", address="203.0.113.1"),
    "TCP",
    443,
    FlowVerdict.ALLOWED,
    3,
    10,
    20,
)
LINE = msgspec.json.encode(EDGE)


def test_every_line_is_an_edge_and_empty_lines_are_none() -> None:
    assert list(read_edges([LINE + b"\n", b"\n", LINE], "edges.jsonl")) == [EDGE, EDGE]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"{", "this is no flow edge: Input data was truncated"),
        (b"[]", "this is no flow edge: Expected `object`, got `array`"),
        (b"\xff", "this is no flow edge"),
        (LINE.replace(b'"allowed"', b'"maybe"'), "this is no flow edge: Invalid enum value 'maybe' - at `$.verdict`"),
        (LINE.replace(b'"count":3', b'"count":0'), "count is less than 1"),
        (LINE.replace(b'"first":10', b'"first":30'), "first is later than last"),
        (b" " + b"[" * (MOST_LINE_BYTES + 1), "more than 65,536 bytes are no edge"),
        (b"[" * 5000, "this is no flow edge"),
    ],
)
def test_a_line_that_is_no_edge_is_told_with_its_number(line: bytes, problem: str) -> None:
    with pytest.raises(SourceError) as told:
        list(read_edges([LINE, line], "edges.jsonl"))
    assert told.value.place == "edges.jsonl:2"
    assert told.value.problem.startswith(problem)
    assert told.value.remedy
