from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any, Self

import grpc
import msgspec
import pytest

from firedoor.adapters.flows.relay import reading, stream
from firedoor.adapters.flows.store import Store
from firedoor.errors import SourceError
from firedoor.model.flow_reading import FlowQuestion, SourceMemory
from tests.adapters.flows.relay.serving import NOW, SECOND, Relay, flow, imported, lost, message, moment, relay
from tests.adapters.flows.samples import edges

EDGE = ("lab", "web", "lab", "api", "", "TCP", "80", "allowed")


def count(folder: Path) -> int:
    """Return how many connections the store has of the edge that the flows are of."""
    found = edges(folder)
    assert set(found) <= {EDGE}
    return found[EDGE]


def many(numbers: range, node: str = "n1", every: float = 1) -> list[Any]:
    """Return a flow for each number, at so many seconds; no two nodes tell of the same connection."""
    return [flow(number + 1000 * int(node[-1]), number * every, node) for number in numbers]


class Following:
    """An import that follows, in a thread of its own."""

    def __init__(self, folder: Path, asked: Relay, **wanted: Any) -> None:
        self._stopped, self.told, self.failures = Event(), list[str](), list[Exception]()
        self._folder, self._asked, self._wanted = folder, asked, wanted
        self._thread = Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        assert self.failures == []

    def end(self) -> None:
        """Stop it, and wait until it has ended."""
        self._stopped.set()
        self._thread.join(120)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self.found = imported(
                self._folder,
                self._asked,
                is_stopped=self._stopped.is_set,
                told=self.told,
                follow=True,
                **self._wanted,
            )
        except Exception as error:  # noqa: BLE001 - it is raised again where the test sees it
            self.failures.append(error)


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 90
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_all_that_the_nodes_hold_is_imported_once(tmp_path: Path) -> None:
    with relay(*many(range(50)), *many(range(100, 120), "n2")) as server:
        first = imported(tmp_path, server)
        before = (tmp_path / "ledger.json").read_bytes()
        again = imported(tmp_path, server)
        assert (first.tally.records, first.tally.lines, first.note) == (70, 70, "")
        assert (again.tally.records, again.note) == (0, "")
        assert again.skipped == first.entry.position > 0
        assert count(tmp_path) == 70
        assert (tmp_path / "ledger.json").read_bytes() == before
        assert [each.since.ToSeconds() for each in server.requests] == [0, NOW + 49 - 30]


def test_what_is_new_is_added(tmp_path: Path) -> None:
    with relay(*many(range(50))) as server:
        imported(tmp_path, server)
        server.tell(*many(range(50, 55)), *many(range(10, 15), "n2"))
        again = imported(tmp_path, server)
    assert again.tally.records == 10
    assert count(tmp_path) == 60


def test_a_relay_under_another_address_is_the_same_source_and_another_cluster_is_not(tmp_path: Path) -> None:
    with relay(*many(range(5))) as server:
        imported(tmp_path, server)
        assert imported(tmp_path, f"127.0.0.1:{server.port}").tally.records == 0
        assert imported(tmp_path, server, cluster="d").tally.records == 5
    assert [(each.format, each.cluster) for each in Store(tmp_path).sources()] == [
        ("hubble-relay", "c"),
        ("hubble-relay", "d"),
    ]


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({"since": moment(90)}, range(90, 100)),
        ({"until": moment(9)}, range(10)),
        ({"since": moment(20), "until": moment(30)}, range(20, 31)),
        ({"last": 3}, range(97, 100)),
    ],
)
def test_a_part_may_be_asked_for_and_the_rest_later(tmp_path: Path, wanted: dict[str, Any], numbers: range) -> None:
    with relay(*many(range(100))) as server:
        assert imported(tmp_path, server, **wanted).tally.records == len(numbers)
        assert imported(tmp_path, server, **wanted).tally.records == 0
        assert imported(tmp_path, server).tally.records == 100 - len(numbers)
        assert imported(tmp_path, server).tally.records == 0
    assert count(tmp_path) == 100


def test_lost_events_count_once_and_lower_the_coverage(tmp_path: Path) -> None:
    with relay(*many(range(60)), lost(15, 60), *many(range(61, 66)), lost(5, 66)) as server:
        found = imported(tmp_path, server)
        assert found.tally.lost == 20
        assert imported(tmp_path, server).tally.lost == 0
        server.tell(lost(1, 67, source="HUBBLE_RING_BUFFER"))
        assert imported(tmp_path, server).tally.lost == 1
    coverage = Store(tmp_path).coverage(FlowQuestion())
    assert coverage.tally.lost == 21
    assert coverage.share == 65 / 86


def test_nodes_that_the_relay_does_not_reach_are_told(tmp_path: Path) -> None:
    status = {"state_change": "NODE_ERROR", "node_names": ["n9"], "message": "ring is gone"}
    with relay(*many(range(5)), unreachable=("n7",), extra=[message({"node_status": status})]) as server:
        found = imported(tmp_path, server)
        assert found.note == (
            "the flows of nodes that could not be asked are missing: n7; "
            "nodes failed meanwhile, and flows of that time may be missing: n9 (ring is gone)"
        )
        server.unreachable, server.extra = (), []
        server.tell(*many(range(3), "n7"), *many(range(3), "n9"))
        assert imported(tmp_path, server).note == ""
    assert count(tmp_path) == 11


def test_a_node_that_comes_back_is_asked_for_all_it_held_meanwhile(tmp_path: Path) -> None:
    with relay(*many(range(5), "n1"), *many(range(3), "n2"), unreachable=("n2",)) as server:
        imported(tmp_path, server)
        server.tell(*many(range(500, 510), "n1"))
        imported(tmp_path, server)
        server.unreachable = ()
        assert imported(tmp_path, server).tally.records == 3
        # It was asked a second time, for more than the first node needed.
        assert [each.since.ToSeconds() - NOW for each in server.requests[-2:]] == [509 - 30, -NOW]
    assert count(tmp_path) == 18


def test_what_a_node_no_longer_holds_is_told(tmp_path: Path) -> None:
    with relay(*many(range(5))) as server:
        imported(tmp_path, server)
        server.nodes["n1"] = many(range(900, 910))
        found = imported(tmp_path, server)
    assert found.tally.records == 10
    assert found.note == (
        "nodes no longer held all that they saw since the last import: "
        "n1 from 2024-12-24T00:26:44Z to 2024-12-24T00:41:40Z"
    )


def test_names_of_nodes_with_and_without_that_of_a_nameless_cluster_are_the_same(tmp_path: Path) -> None:
    with relay(*many(range(40), "default/n1")) as server:
        imported(tmp_path, server)
        assert imported(tmp_path, server).tally.records == 0
        assert [each.since.ToSeconds() for each in server.requests] == [0, NOW + 39 - 30]


def test_flows_without_an_identity_are_told_apart_by_what_they_say(tmp_path: Path) -> None:
    told = many(range(10))
    for each in told:
        each.flow.ClearField("uuid")
    with relay(*told) as server:
        assert imported(tmp_path, server).tally.records == 10
        assert imported(tmp_path, server).tally.records == 0


def test_a_broken_message_and_one_of_a_later_version_break_nothing_else(tmp_path: Path) -> None:
    later = message({"node_name": "n1"}).SerializeToString() + b"\xa2\x06\x03new"
    with relay(*many(range(5)), extra=[b"\xff\xff\xff", later]) as server:
        found = imported(tmp_path, server)
        assert (found.tally.records, found.tally.malformed) == (5, 1)
        assert found.malformed[0].reason.startswith("no message of the Observer service")
        assert found.tally.ignored == {"an event of a kind that is not known": 1}
        assert imported(tmp_path, server).tally.malformed == 0
    assert count(tmp_path) == 5


def test_unknown_fields_are_tolerated(tmp_path: Path) -> None:
    told = flow(1, 1)
    data = told.flow.SerializeToString() + b"\xfa\xff\x7f\x05later"
    wrapped = b"\x0a" + bytes([0x80 | len(data) & 0x7F, len(data) >> 7]) + data + b"\xc2\x3e\x02n1"
    with relay(extra=[wrapped]) as server:
        assert imported(tmp_path, server).tally.records == 1
    assert count(tmp_path) == 1


def test_a_flow_that_means_nothing_is_malformed_and_told_with_its_text(tmp_path: Path) -> None:
    odd = flow(1, 1)
    odd.flow.l4.TCP.destination_port = 70_000
    timeless = flow(2, 2)
    timeless.ClearField("time")
    timeless.flow.ClearField("time")
    with relay(extra=[odd, timeless]) as server:
        found = imported(tmp_path, server)
        assert [each.reason.partition(" ")[0] for each in found.malformed] == ["l4.TCP.destination_port", "time"]
        assert '"destination_port":70000' in found.malformed[0].text


@pytest.mark.parametrize(("at", "malformed"), [(10 * 365 * 86400, 0), (1 << 60, 2), (-(1 << 60), 2)])
def test_a_clock_that_is_wrong_keeps_nothing_else_out(tmp_path: Path, at: int, malformed: int) -> None:
    odd = flow(1, 1)
    odd.flow.time.seconds = odd.time.seconds = NOW + at
    event = lost(7, 2)
    event.time.seconds = NOW + at
    with relay(*many(range(5)), extra=[odd, event]) as server:
        first = imported(tmp_path, server)
        server.tell(*many(range(5, 10)))
        again = imported(tmp_path, server)
    assert first.tally.malformed == malformed
    assert (first.tally.records, first.tally.lost) == ((5, 0) if malformed else (6, 7))
    assert (again.tally.records, again.tally.malformed, again.tally.lost) == (5, 0, 0)


def test_a_stream_that_is_cut_goes_on_without_losing_or_doubling(tmp_path: Path) -> None:
    told: list[str] = []
    with relay(*many(range(200)), *many(range(200, 400), "n2", 0.5), cut=[150, 0, 300]) as server:
        found = imported(tmp_path, server, told=told)
    assert found.tally.records == 400
    assert count(tmp_path) == 400
    assert len(server.requests) == 4
    assert told == [
        f"localhost:{server.port}: the connection was lost (it closed the connection); trying again",
        f"localhost:{server.port}: connected again",
        f"localhost:{server.port}: the connection was lost (it closed the connection); trying again",
        f"localhost:{server.port}: connected again",
    ]


def test_what_is_followed_goes_on_over_a_restart_of_the_server(tmp_path: Path) -> None:
    with relay(*many(range(20))) as server, Following(tmp_path, server) as following:
        until(lambda: bool(server.requests))
        server.tell(*many(range(20, 40)))
        server.stop()
        server.tell(*many(range(40, 60)))
        until(lambda: bool(following.told))
        server.start()
        until(lambda: len(following.told) == 2)
        server.tell(*many(range(60, 80)))
        server.wait_for(*many(range(60, 80)))
    assert following.found.tally.records == 80
    assert count(tmp_path) == 80


def test_what_came_before_somebody_stopped_it_is_kept(tmp_path: Path) -> None:
    with relay(*many(range(20))) as server:
        with Following(tmp_path, server):
            server.tell(*many(range(20, 25)))
            server.wait_for(*many(range(25)))
        assert count(tmp_path) == 25
        server.tell(*many(range(25, 30)))
        assert imported(tmp_path, server).tally.records == 5


def test_what_is_followed_from_the_last_ones_on_goes_on_from_there_after_a_cut(tmp_path: Path) -> None:
    with relay(*many(range(100)), cut=[3]) as server:
        with Following(tmp_path, server, last=5) as following:
            server.wait_for(*many(range(95, 100)))
        assert following.found.tally.records == 5
        assert [each.number for each in server.requests] == [5, 0]
    assert count(tmp_path) == 5


def test_following_ends_after_a_time(tmp_path: Path) -> None:
    with relay(*many(range(10))) as server:
        begun = time.monotonic()
        assert imported(tmp_path, server, follow=True, seconds=3.0).tally.records == 10
        assert 2.9 < time.monotonic() - begun < 60


def test_a_node_whose_stream_begins_again_is_not_counted_twice(tmp_path: Path) -> None:
    told = [each.SerializeToString() for each in many(range(200))]
    with relay(answer=lambda _: iter(told[:150] + told)) as server:
        assert imported(tmp_path, server).tally.records == 200
    assert count(tmp_path) == 200


def test_flows_that_come_a_little_out_of_order_are_taken(tmp_path: Path) -> None:
    told = many(range(100))
    told[50], told[70] = told[70], told[50]
    with relay(answer=lambda _: (each.SerializeToString() for each in told)) as server:
        assert imported(tmp_path, server).tally.records == 100
        assert imported(tmp_path, server).tally.records == 0


def test_parts_are_kept_while_it_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_PART_SECONDS", 0.1)
    with relay(*many(range(10))) as server, Following(tmp_path, server):
        until(lambda: Store(tmp_path).coverage(FlowQuestion()).tally.records == 10)
        server.tell(*many(range(10, 20)))
        until(lambda: Store(tmp_path).coverage(FlowQuestion()).tally.records == 20)
    assert count(tmp_path) == 20


def test_many_parts_are_put_together_while_it_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_PART_MESSAGES", 10)
    with relay(*many(range(700))) as server:
        assert imported(tmp_path, server).tally.records == 700
    assert count(tmp_path) == 700
    assert len(list((tmp_path / "edges").rglob("*.parquet"))) < 64


def test_a_connection_that_stays_lost_ends_with_what_to_do_and_keeps_what_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "_FIRST_WAIT", 0.01)
    with relay(*many(range(50)), cut=[20, *[0] * 20]) as server:
        with pytest.raises(SourceError) as caught:
            imported(tmp_path, server)
        assert str(caught.value) == (
            f"localhost:{server.port}: the connection was lost, and 19 messages are kept: it closed the connection; "
            "import again: it goes on where it ended"
        )
        assert count(tmp_path) == 19
        server.cut = []
        assert imported(tmp_path, server).tally.records == 31


def test_an_answer_that_stays_what_it_is_ends_what_is_followed(tmp_path: Path) -> None:
    with relay(*many(range(5))) as server:
        with Following(tmp_path, server) as following:
            server.wait_for(*many(range(5)))
            server.refusal = (grpc.StatusCode.PERMISSION_DENIED, "no flows for you")
            server.stop()
            server.start()
            until(lambda: bool(following.failures))
            (failure,) = following.failures
            following.failures.clear()
        assert "5 messages are kept: it does not let you read flows: no flows for you" in str(failure)
    assert count(tmp_path) == 5


def test_two_imports_at_once_count_nothing_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_PART_SECONDS", 0.1)
    with relay(*many(range(10))) as server, Following(tmp_path, server) as following:
        until(lambda: Store(tmp_path).coverage(FlowQuestion()).tally.records == 10)
        server.tell(*many(range(10, 20)))
        until(lambda: Store(tmp_path).coverage(FlowQuestion()).tally.records == 20)
        imported(tmp_path, server)
        server.tell(*many(range(20, 30)))
        until(lambda: Store(tmp_path).coverage(FlowQuestion()).tally.records == 30)
        assert following.failures == []
    assert count(tmp_path) == 30


def test_an_import_that_was_overtaken_leaves_what_the_other_kept_as_it_is(tmp_path: Path) -> None:
    with relay(*many(range(10))) as server:
        with Following(tmp_path, server) as slower:
            server.wait_for(*many(range(10)))
            assert imported(tmp_path, server, until=moment(4)).tally.records == 5
            slower.end()
            (failure,) = slower.failures
            slower.failures.clear()
        assert "another import of the same source went on meanwhile" in str(failure)
        assert count(tmp_path) == 5
        assert imported(tmp_path, server).tally.records == 5
    assert count(tmp_path) == 10


def test_what_comes_faster_than_it_is_read_waits_with_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "_MOST_WAITING", 5)
    monkeypatch.setattr(reading, "_TOGETHER", 7)
    with relay(*many(range(100))) as server:
        assert imported(tmp_path, server).tally.records == 100
    assert count(tmp_path) == 100


def test_what_is_stopped_before_it_begins_reads_nothing(tmp_path: Path) -> None:
    with relay(*many(range(5))) as server:
        assert imported(tmp_path, server, is_stopped=lambda: True).tally.records == 0
        assert server.requests == []


def test_a_mark_that_is_damaged_is_told(tmp_path: Path) -> None:
    own = Store(tmp_path)
    with relay(*many(range(5))) as server:
        imported(tmp_path, server)
        (entry,) = own.sources()
        (tmp_path / entry.memory).write_bytes(msgspec.msgpack.encode(SourceMemory(mark=b"none")))
        with pytest.raises(SourceError, match="where the last import ended cannot be read"):
            imported(tmp_path, server)


def test_the_time_of_flows_is_exact(tmp_path: Path) -> None:
    with relay(flow(1, 0.123456789)) as server:
        imported(tmp_path, server)
    (edge,) = Store(tmp_path).edges(FlowQuestion())
    assert edge.first == NOW * SECOND + 123_456_789
