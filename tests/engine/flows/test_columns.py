from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from tests.engine.flows.records import HOUR, T0, A, B, end, record
from tests.engine.flows.test_history import pod
from tests.engine.flows.test_resolving import resolver, served

from firedoor.engine.flows.columns import Kind, Kinds, rows_of
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
Told = tuple[Kind, int, int, int]


def kind(source: FlowEnd = WEB, destination: FlowEnd = API, **more: Any) -> Kind:
    values: dict[str, Any] = {
        "protocol": "TCP",
        "side": "egress",
        "verdict": ALLOWED,
        "policies": (),
        "is_turned": False,
    }
    return Kind(source, destination, **(values | more))


def columns(*told: Told) -> ConnectionColumns:
    """Return the columns of lines: their kinds, both ports and times after the first hour."""
    kinds, numbers = Kinds(), {}
    for each, *_ in told:
        if each not in numbers:
            numbers[each] = kinds.add(each)
    ports = np.array([near << 16 | far for _, near, far, _ in told])
    return kinds.columns(np.array([numbers[each] for each, *_ in told]), ports, np.array([T0 + at for *_, at in told]))


def part_of(*told: Told, records: tuple[FlowRecord, ...] = ()) -> FlowPart:
    seen = Sightings()
    for each in records:
        seen.add(each)
    seen.add_columns(columns(*told))
    return seen.part()


def as_records(*told: Told) -> FlowPart:
    """Return what the same lines come to one by one."""
    seen = Sightings()
    for each, near, far, at in told:
        source, destination = replace(each.source, port=near), replace(each.destination, port=far)
        if each.is_turned:
            source, destination = replace(each.source, port=far), replace(each.destination, port=near)
        seen.add(
            record(
                source,
                destination,
                at=at,
                protocol=each.protocol,
                direction=each.side,
                verdict=each.verdict,
                policies=each.policies,
            )
        )
    return seen.part()


def count(given: FlowPart, by: Resolver | None = None, remembered: Remembered | None = None) -> list[FlowRow]:
    found = count_part(given, by or Resolver(History((), int), given.owners), remembered or Remembered())
    return sorted(found, key=repr)


NAMELESS = replace(WEB, pod="", workload="")
CASES: dict[str, tuple[Told, ...]] = {
    "one": ((kind(), 1, 80, 5),),
    "times": ((kind(), 1, 80, 5), (kind(), 1, 80, 3), (kind(), 1, 80, 9)),
    "replies": ((kind(), 1, 80, 5), (kind(is_turned=True), 80, 1, 7)),
    "ports": ((kind(), 1, 80, 5), (kind(), 2, 80, 6), (kind(), 2, 81, 7)),
    "verdicts": ((kind(), 1, 80, 5), (kind(verdict=DENIED), 1, 80, 6), (kind(), 1, 80, 7)),
    "sides": ((kind(), 1, 80, 5), (kind(side="ingress"), 1, 80, 5), (kind(side=""), 1, 80, 5)),
    "protocols": ((kind(), 1, 80, 5), (kind(protocol="UDP"), 1, 80, 5)),
    "hours": ((kind(), 1, 80, 5), (kind(), 2, 80, HOUR + 5)),
    "policies": (
        (kind(), 1, 80, 5),
        (kind(policies=("a",)), 1, 80, 6),
        (kind(policies=("b", "c")), 1, 80, 7),
        (kind(policies=("a",)), 2, 80, 8),
        (kind(policies=("a", "b", "c")), 3, 80, 9),
    ),
    "ends": (
        (kind(NAMELESS), 1, 80, 5),
        (kind(replace(WEB, workload="")), 1, 80, 6),
        (kind(replace(WEB, workload="Deployment/other")), 1, 80, 7),
        (kind(), 1, 80, 8),
    ),
    "another pod": ((kind(), 1, 80, 5), (kind(replace(WEB, pod="web-2", workload="Job/x")), 2, 80, 6)),
}


@pytest.mark.parametrize("name", CASES)
def test_columns_come_to_what_records_do(name: str) -> None:
    told = CASES[name]
    found, alone = part_of(*told), as_records(*told)
    assert found.connections == []
    assert count(found) == count(alone)
    assert (found.tally.connections, found.tally.unattributed) == (alone.tally.connections, alone.tally.unattributed)


def test_connections_stand_in_the_order_in_which_they_were_seen() -> None:
    found = rows_of(columns((kind(), 9, 80, 5), (kind(), 2, 80, 6), (kind(), 9, 80, 7), (kind(), 5, 80, 8)))
    assert found["near"].tolist() == [9, 2, 5]


def test_what_records_tell_of_a_connection_in_columns_is_put_together() -> None:
    client = replace(A, port=1)
    server = replace(B, port=80)
    told = ((kind(policies=("a",)), 1, 80, 5), (kind(), 2, 80, 6))
    found = part_of(*told, records=(record(client, server, at=9, verdict=DENIED, policies=("b",)),))
    (seen,) = found.connections
    assert (seen.first, seen.last, seen.verdict, seen.policies) == (T0 + 5, T0 + 9, DENIED, ("a", "b"))
    assert found.columns is not None
    assert rows_of(found.columns)["near"].tolist() == [2]
    other = part_of(*told, records=(record(client, replace(server, port=81)),))
    assert (len(other.connections), len(rows_of(other.columns or columns()))) == (1, 2)


def test_a_record_without_a_direction_joins_a_connection_in_columns() -> None:
    back = record(replace(B, port=80), replace(A, port=1), is_reply=None, direction="ingress", at=9)
    found = part_of((kind(), 1, 80, 5), records=(back,))
    assert (found.undirected, [each.last for each in found.connections]) == ([], [T0 + 9])
    lonely = part_of((kind(), 3, 80, 5), records=(back,))
    assert (len(lonely.undirected), lonely.connections) == (1, [])


def test_a_connection_in_columns_that_goes_on_is_not_counted_again() -> None:
    told = (kind(), 1, 80, 5)
    remembered = Remembered()
    assert [each.edge.count for each in count(part_of(told), remembered=remembered)] == [1]
    again = Remembered(remembered.hashes())
    assert [each.edge.count for each in count(part_of(told), remembered=again)] == [0]
    assert [each.edge.count for each in count(as_records(told), remembered=again)] == [0]
    assert [each.edge.count for each in count(part_of((kind(), 2, 80, 5)), remembered=again)] == [1]


def test_a_connection_in_columns_to_a_service_and_to_the_pod_behind_it_counts_once() -> None:
    by = resolver(served("api"))
    direct, service = kind(destination=end("10.0.0.1")), kind(destination=end("10.96.0.1"))
    both = ((direct, 1, 8080, 0), (service, 1, 80, 0), (service, 2, 80, 0))
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
        (kind(replace(NAMELESS, address="10.0.0.9")), 1000 + at, 80, at) for at in (0, 9, 10, 15, 16, 30, 35, 36)
    )
    by = Resolver(history, {})
    assert count(part_of(*told), by) == count(as_records(*told), by)
    assert len(count(part_of(*told), by)) > 1
