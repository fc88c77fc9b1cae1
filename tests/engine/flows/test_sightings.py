from __future__ import annotations

from typing import Any

from tests.engine.flows.records import HOUR, T0, A, B, end, record

from firedoor.engine.flows.sightings import Sightings
from firedoor.model.flow_reading import FlowPart
from firedoor.model.flows import FlowRecord, FlowVerdict, LostFlows


def part_of(*records: FlowRecord) -> FlowPart:
    seen = Sightings()
    for each in records:
        seen.add(each)
    return seen.part()


def test_events_of_one_connection_at_one_end_are_one_sighting() -> None:
    part = part_of(record(at=5), record(at=2), record(at=9, policies=("NetworkPolicy/shop/web",)))
    (seen,) = part.connections
    assert (seen.first, seen.last, seen.count) == (T0 + 2, T0 + 9, 1)
    assert seen.policies == ("NetworkPolicy/shop/web",)
    assert (part.tally.records, part.tally.first, part.tally.last) == (3, T0 + 2, T0 + 9)


def test_policies_of_all_events_come_together() -> None:
    one, two = record(policies=("b",)), record(policies=("a",))
    assert part_of(one, two, record(policies=("b",)), record()).connections[0].policies == ("a", "b")


def test_replies_are_turned_round_and_are_of_the_other_end() -> None:
    reply = record(B, A, direction="ingress", is_reply=True)
    (seen,) = part_of(record(), reply).connections
    assert (seen.source.pod, seen.destination.pod, seen.side) == ("web-1", "api-1", "egress")


def test_a_reply_alone_shows_that_the_connection_was_let_through() -> None:
    (seen,) = part_of(record(B, A, direction="egress", is_reply=True)).connections
    assert (seen.source.pod, seen.side, seen.verdict) == ("web-1", "ingress", FlowVerdict.ALLOWED)


def test_a_reply_that_was_dropped_is_no_denial() -> None:
    (seen,) = part_of(record(B, A, is_reply=True, verdict=FlowVerdict.DENIED)).connections
    assert seen.verdict is FlowVerdict.OTHER


def test_a_denial_outweighs_what_was_let_pass_before_policies() -> None:
    for order in ((FlowVerdict.ALLOWED, FlowVerdict.DENIED), (FlowVerdict.DENIED, FlowVerdict.ALLOWED)):
        (seen,) = part_of(*(record(verdict=each) for each in order)).connections
        assert seen.verdict is FlowVerdict.DENIED


def test_both_ends_are_two_sightings() -> None:
    part = part_of(record(), record(direction="ingress"))
    assert sorted(each.side for each in part.connections) == ["egress", "ingress"]


def test_a_denial_without_direction_is_of_the_end_that_opened() -> None:
    (seen,) = part_of(record(is_reply=None, verdict=FlowVerdict.DENIED)).connections
    assert seen.source == A


def test_a_record_without_direction_joins_its_connection_either_way() -> None:
    part = part_of(record(is_reply=None, at=4), record(at=1), record(B, A, is_reply=None, at=7, direction="ingress"))
    assert part.undirected == []
    (seen,) = part.connections
    assert (seen.first, seen.last) == (T0 + 1, T0 + 7)


def test_a_record_without_direction_and_without_its_connection_stays_unknown() -> None:
    part = part_of(record(is_reply=None))
    assert len(part.undirected) == 1
    assert part.connections == []


def test_what_a_source_counts_together_is_added_up_by_hour() -> None:
    more: Any = {"connections": 3, "packets": 10, "octets": 100}
    part = part_of(record(**more), record(**more, at=5), record(**more, at=HOUR), record(**more, policies=("x",)))
    assert part.connections == []
    assert sorted(each.count for each in part.totals) == [3, 3, 6]
    both = max(part.totals, key=lambda each: each.count)
    assert (both.packets, both.octets, both.first, both.last) == (20, 200, T0, T0 + 5)


def test_without_a_port_of_the_client_connections_cannot_be_told_apart() -> None:
    part = part_of(record(end("10.0.0.1", 0)), record(end("10.0.0.1", 0)))
    assert [each.count for each in part.totals] == [2]
    pings = part_of(*(record(end("10.0.0.1"), end("10.0.0.2"), protocol="ICMP") for _ in range(4)))
    assert [each.count for each in pings.connections] == [1]


def test_sampled_records_stand_for_as_many() -> None:
    part = part_of(record(sampling=50, packets=2, octets=3), record(sampling=50, packets=1, octets=1))
    (seen,) = part.connections
    assert (seen.count, seen.packets, seen.octets) == (50, 150, 200)


def test_the_end_that_tells_more_is_kept() -> None:
    bare, named = end("10.0.0.2", 8080), end("10.0.0.2", 8080, "shop/api-1")
    assert part_of(record(A, bare), record(A, named)).connections[0].destination == named
    assert part_of(record(A, named), record(A, bare)).connections[0].destination == named
    assert part_of(record(A, named), record(A, B)).connections[0].destination == B
    assert part_of(record(A, B), record(A, named)).connections[0].destination == B


def test_the_translated_end_is_kept_from_whichever_record_has_it() -> None:
    part = part_of(record(), record(translated=B), record())
    assert part.connections[0].translated == B


def test_owners_of_pods_are_learned_and_losses_counted() -> None:
    seen = Sightings()
    seen.add(record())
    seen.add(record(end("10.0.0.3", 0, "shop/x"), connections=2))
    seen.lose(LostFlows(4))
    seen.lose(LostFlows(5))
    part = seen.part()
    assert part.owners == {"shop/web-1": "Deployment/web", "shop/api-1": "Deployment/api"}
    assert part.tally.lost == 9
