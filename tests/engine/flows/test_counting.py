from __future__ import annotations

from typing import Any

from tests.engine.flows.records import HOUR, T0, A, B, end, record, sighting
from tests.engine.flows.test_resolving import resolver, served

from firedoor.engine.flows import remembering
from firedoor.engine.flows.counting import count_part
from firedoor.engine.flows.history import History
from firedoor.engine.flows.remembering import Remembered
from firedoor.engine.flows.resolving import Resolver
from firedoor.model.flow_reading import FlowPart, FlowRow, FlowTally, Sighting
from firedoor.model.flows import FlowVerdict


def part(*connections: Sighting, **more: Any) -> FlowPart:
    values: dict[str, Any] = {"totals": [], "undirected": [], "owners": {}, "malformed": []}
    return FlowPart(FlowTally(), list(connections), **(values | more))


def count(given: FlowPart, remembered: Remembered | None = None, by: Resolver | None = None) -> list[FlowRow]:
    return count_part(given, by or Resolver(History((), int), {}), remembered or Remembered())


def client(port: int) -> Any:
    return end("10.0.0.1", port, "shop/web-1", workload="Deployment/web")


def test_connections_of_one_edge_become_one_row() -> None:
    given = part(
        sighting(client(1), at=5, packets=1, octets=10, policies=("b",)),
        sighting(client(2), at=3, packets=2, octets=20, policies=("a",)),
        sighting(client(3), at=9),
    )
    (row,) = count(given)
    assert (row.edge.count, row.edge.first, row.edge.last) == (3, T0 + 3, T0 + 9)
    assert (row.packets, row.octets, row.policies, row.side, row.hour) == (3, 30, ("a", "b"), "egress", T0 // HOUR)
    assert (row.edge.source.name, row.edge.destination.name, row.edge.port) == ("web", "api", 8080)
    assert given.tally.connections == 3


def test_hours_sides_and_verdicts_are_rows_of_their_own() -> None:
    given = part(
        sighting(client(1)),
        sighting(client(1), side="ingress"),
        sighting(client(2), at=HOUR),
        sighting(client(3), verdict=FlowVerdict.DENIED),
    )
    assert len(count(given)) == 4


def test_a_connection_that_goes_on_in_the_next_part_is_not_counted_again() -> None:
    remembered = Remembered()
    assert count(part(sighting()), remembered)[0].edge.count == 1
    again = Remembered(remembered.hashes())
    (row,) = count(part(sighting(at=7)), again)
    assert (row.edge.count, row.edge.last) == (0, T0 + 7)


def test_those_that_were_seen_last_are_remembered() -> None:
    remembered = Remembered([1, 2, 3])
    assert remembered.renew(1)
    assert not remembered.renew(4)
    assert remembered.hashes() == [2, 3, 1, 4]


def test_what_was_seen_long_ago_is_forgotten(monkeypatch: Any) -> None:
    monkeypatch.setattr(remembering, "MOST_REMEMBERED", 2)
    assert Remembered([1, 2, 3]).hashes() == [2, 3]


def test_a_connection_seen_at_the_service_and_at_the_pod_counts_once() -> None:
    by = resolver(served("api"))
    direct, to_service = sighting(A, end("10.0.0.1", 8080)), sighting(A, end("10.96.0.1", 80))
    (row,) = count(part(direct, to_service), by=by)
    assert row.edge.count == 1
    (alone,) = count(part(to_service), by=by)
    assert alone.edge.count == 1


def test_what_nobody_is_known_to_be_is_counted() -> None:
    given = part(
        sighting(A, end("10.9.9.9", 80)),
        totals=[sighting(A, end("10.9.9.8", 80), count=5), sighting(A, B, count=7)],
        undirected=[record(is_reply=None, connections=4)],
    )
    rows = count(given)
    assert sorted(each.edge.count for each in rows) == [1, 5, 7]
    assert (given.tally.unattributed, given.tally.direction_unknown, given.tally.connections) == (6, 4, 13)


def test_tallies_add_up() -> None:
    whole = FlowTally()
    whole.add(FlowTally(1, 2, {"a": 1}, 3, 4, 5, 6, 7, first=50, last=60))
    whole.add(FlowTally(1, 2, {"a": 1, "b": 1}, 3, 4, 5, 6, 7, first=40, last=55))
    whole.add(FlowTally())
    assert whole == FlowTally(2, 4, {"a": 2, "b": 1}, 6, 8, 10, 12, 14, first=40, last=60)
