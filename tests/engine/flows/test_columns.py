from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from tests.engine.flows.records import HOUR, T0, A, B, end, record
from tests.engine.flows.test_history import pod
from tests.engine.flows.test_resolving import resolver, served

from firedoor.engine.flows.columns import Frame, Frames, rows_of
from firedoor.engine.flows.counting import count_part
from firedoor.engine.flows.history import History, Seen
from firedoor.engine.flows.remembering import Remembered
from firedoor.engine.flows.resolving import Resolver
from firedoor.engine.flows.sightings import Sightings
from firedoor.model.flow_reading import ConnectionColumns, FlowPart, FlowRow
from firedoor.model.flows import FlowEnd, FlowRecord, FlowVerdict
from firedoor.model.snapshot import Snapshot

ALLOWED, DENIED = FlowVerdict.ALLOWED, FlowVerdict.DENIED
WEB, API = replace(A, port=0), replace(B, port=0)
Told = tuple[FlowEnd, FlowEnd, Frame, int, int, int]
LINE = [("time", "i8"), *((name, "i4") for name in ("source", "destination", "frame", "near", "far"))]


def line(near: int, far: int, at: int, source: FlowEnd = WEB, destination: FlowEnd = API, **more: Any) -> Told:
    """Return a line: its ports, its time after the first hour, who opened, to whom, and its frame."""
    values: dict[str, Any] = {"protocol": "TCP", "side": "egress", "verdict": ALLOWED, "policies": ()}
    frame = Frame(**(values | {"is_turned": False} | more))
    return (
        (destination, source, frame, near, far, at) if frame.is_turned else (source, destination, frame, near, far, at)
    )


def columns(*given: Told) -> ConnectionColumns:
    """Return the columns of lines."""
    return cut(*given)[0]


def cut(*given: Told) -> tuple[ConnectionColumns, list[FlowEnd]]:
    """Return the columns of lines, and their ends."""
    frames = Frames()
    ends: dict[FlowEnd, int] = {}
    kinds: dict[Frame, int] = {}
    # The first number of an end is not the only one.
    frames.add_end(API)
    rows = []
    for source, destination, frame, near, far, at in given:
        for each in (source, destination):
            if each not in ends:
                ends[each] = len(ends) + 1
                frames.add_end(each)
        if frame not in kinds:
            kinds[frame] = len(kinds)
            frames.add_frame(frame)
        rows.append((T0 + at, ends[source], ends[destination], kinds[frame], near, far))
    lines = np.array(rows, LINE)
    return frames.columns(lines), frames.ends(lines)


def part_of(*given: Told, records: tuple[FlowRecord, ...] = ()) -> FlowPart:
    seen = Sightings()
    for each in records:
        seen.add(each)
    seen.add_columns(*cut(*given))
    return seen.part()


def as_records(*given: Told) -> FlowPart:
    """Return what the same lines come to one by one."""
    seen = Sightings()
    for source, destination, frame, near, far, at in given:
        own, other = replace(source, port=near), replace(destination, port=far)
        if frame.is_turned:
            own, other = other, own
        seen.add(
            record(
                own,
                other,
                at=at,
                protocol=frame.protocol,
                direction=frame.side,
                verdict=frame.verdict,
                policies=frame.policies,
            )
        )
    return seen.part()


def count(given: FlowPart, by: Resolver | None = None, remembered: Remembered | None = None) -> list[FlowRow]:
    found = count_part(given, by or Resolver(History((), int), given.owners), remembered or Remembered())
    return sorted(found, key=repr)


NAMELESS = replace(WEB, pod="", workload="")
CASES: dict[str, tuple[Told, ...]] = {
    "one": (line(1, 80, 5),),
    "times": (line(1, 80, 5), line(1, 80, 3), line(1, 80, 9)),
    "replies": (line(1, 80, 5), line(80, 1, 7, is_turned=True)),
    "ports": (line(1, 80, 5), line(2, 80, 6), line(2, 81, 7)),
    "verdicts": (line(1, 80, 5), line(1, 80, 6, verdict=DENIED), line(1, 80, 7)),
    "sides": (line(1, 80, 5), line(1, 80, 5, side="ingress"), line(1, 80, 5, side="")),
    "protocols": (line(1, 80, 5), line(1, 80, 5, protocol="UDP")),
    "hours": (line(1, 80, 5), line(2, 80, HOUR + 5)),
    "policies": (
        line(1, 80, 5),
        line(1, 80, 6, policies=("a",)),
        line(1, 80, 7, policies=("b", "c")),
        line(2, 80, 8, policies=("a",)),
        line(3, 80, 9, policies=("a", "b", "c")),
    ),
    "ends": (
        line(1, 80, 5, NAMELESS),
        line(1, 80, 6, replace(WEB, workload="")),
        line(1, 80, 7, replace(WEB, workload="Deployment/other")),
        line(1, 80, 8),
    ),
    "nobody": (line(1, 80, 5, NAMELESS),),
    "names": (line(1, 80, 5, NAMELESS), line(1, 80, 6, replace(NAMELESS, names=("b",))), line(2, 80, 6, NAMELESS)),
    "owners": (line(1, 80, 5), line(2, 80, 6, replace(WEB, workload="Deployment/a"))),
    "another pod": (line(1, 80, 5), line(2, 80, 6, replace(WEB, pod="web-2", workload="Job/x"))),
}


@pytest.mark.parametrize("name", CASES)
def test_columns_come_to_what_records_do(name: str) -> None:
    told = CASES[name]
    found, alone = part_of(*told), as_records(*told)
    assert found.connections == []
    assert count(found) == count(alone)
    assert found.owners == alone.owners
    assert (found.tally.connections, found.tally.unattributed) == (alone.tally.connections, alone.tally.unattributed)


def test_connections_stand_in_the_order_in_which_they_were_seen() -> None:
    found = rows_of(columns(line(9, 80, 5), line(2, 80, 6), line(9, 80, 7), line(5, 80, 8)))
    assert found["near"].tolist() == [9, 2, 5]


def test_what_records_tell_of_a_connection_in_columns_is_put_together() -> None:
    client = replace(A, port=1)
    server = replace(B, port=80)
    told = (line(1, 80, 5, policies=("a",)), line(2, 80, 6))
    found = part_of(*told, records=(record(client, server, at=9, verdict=DENIED, policies=("b",)),))
    (seen,) = found.connections
    assert (seen.first, seen.last, seen.verdict, seen.policies) == (T0 + 5, T0 + 9, DENIED, ("a", "b"))
    assert found.columns is not None
    assert rows_of(found.columns)["near"].tolist() == [2]
    other = part_of(*told, records=(record(client, replace(server, port=81)),))
    assert (len(other.connections), len(rows_of(other.columns or columns()))) == (1, 2)


def test_a_record_without_a_direction_joins_a_connection_in_columns() -> None:
    back = record(replace(B, port=80), replace(A, port=1), is_reply=None, direction="ingress", at=9)
    found = part_of(line(1, 80, 5), records=(back,))
    assert (found.undirected, [each.last for each in found.connections]) == ([], [T0 + 9])
    lonely = part_of(line(3, 80, 5), records=(back,))
    assert (len(lonely.undirected), lonely.connections) == (1, [])


def test_a_connection_in_columns_that_goes_on_is_not_counted_again() -> None:
    told = line(1, 80, 5)
    remembered = Remembered()
    assert [each.edge.count for each in count(part_of(told), remembered=remembered)] == [1]
    again = Remembered(remembered.hashes())
    assert [each.edge.count for each in count(part_of(told), remembered=again)] == [0]
    assert [each.edge.count for each in count(as_records(told), remembered=again)] == [0]
    assert [each.edge.count for each in count(part_of(line(2, 80, 5)), remembered=again)] == [1]


def test_a_connection_in_columns_to_a_service_and_to_the_pod_behind_it_counts_once() -> None:
    by = resolver(served("api"))
    direct, service = end("10.0.0.1"), end("10.96.0.1")
    both = (line(1, 8080, 0, WEB, direct), line(1, 80, 0, WEB, service), line(2, 80, 0, WEB, service))
    assert [each.edge.count for each in count(part_of(*both), by)] == [2]
    assert count(part_of(*both), by) == count(as_records(*both), by)
    apart = part_of(both[1], records=(record(replace(A, port=1), end("10.0.0.1", 8080)),))
    assert [each.edge.count for each in count(apart, by)] == [1]
    turned = part_of(both[0], records=(record(replace(A, port=1), end("10.96.0.1", 80)),))
    assert [each.edge.count for each in count(turned, by)] == [1]


def test_ends_without_a_pod_are_whose_their_address_was_at_the_time() -> None:
    first, then = (
        Seen(Snapshot(pods=(pod(f"{name}-1", "10.0.0.9", owner=name),)), T0 + at) for name, at in (("a", 10), ("b", 30))
    )
    history = History([first, then], lambda _text: T0, grace=5)
    told = tuple(
        line(1000 + at, 80, at, replace(NAMELESS, address="10.0.0.9")) for at in (0, 9, 10, 15, 16, 30, 35, 36)
    )
    by = Resolver(history, {})
    assert count(part_of(*told), by) == count(as_records(*told), by)
    assert len(count(part_of(*told), by)) > 1
