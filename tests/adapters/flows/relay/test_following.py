"""A relay that is followed beside a cluster: over breaks and restarts nothing is told twice, and nothing left out."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

import grpc
import pytest

from firedoor.adapters.flows.relay import looking, stream
from firedoor.adapters.flows.relay.asking import Security
from firedoor.adapters.flows.relay.channel import Server
from firedoor.adapters.flows.relay.following import RelayTail
from firedoor.errors import SourceError
from firedoor.model.flow_following import FollowedPart
from tests.adapters.flows.relay.serving import Relay, certificates, flow, lost, message, moment, relay, tls
from tests.receiving import until


class Follower:
    """A relay that is followed from the beginning of the tests on, what it told so far, and what a person was told."""

    def __init__(self, asked: Relay, marks: dict[str, bytes] | None = None, security: Security | None = None) -> None:
        self.said: list[str] = []
        self.parts: list[FollowedPart] = []
        self.tail = RelayTail(Server(asked.address, security or Security()), self.said.append, lambda: moment(0))
        self.tail.begin((), marks or {})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.tail.close()

    def look(self) -> Self:
        self.parts += self.tail.look()
        return self

    @property
    def ports(self) -> list[int]:
        """The ports of the clients of what was told, which are numbered."""
        self.look()
        return sorted(seen.source.port - 1024 for each in self.parts for seen in each.part.connections)

    def wait(self, *numbers: int) -> None:
        until(lambda: self.ports == list(numbers), f"{numbers}")

    def wait_for(self, is_so: Callable[[dict[str, str]], object]) -> None:
        until(lambda: is_so(dict(self.look().tail.troubles)), "the troubles")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "_FIRST_WAIT", 0.05)


def test_what_happens_from_now_on_is_told_and_nothing_of_before() -> None:
    with relay(flow(1, -60), flow(2, 1)) as server, Follower(server) as follower:
        follower.wait(2)
        server.tell(flow(3, 2, "n2"))
        follower.wait(2, 3)
        assert {(each.name, each.format) for each in follower.parts} == {(follower.parts[0].name, "hubble")}
        assert (follower.said, dict(follower.tail.troubles), follower.tail.places()) == ([], {}, ())
        assert server.requests[0].follow


def test_a_connection_that_breaks_is_a_trouble_until_it_is_made_again_and_loses_nothing() -> None:
    with relay(flow(1, 1)) as server, Follower(server) as follower:
        follower.wait(1)
        server.stop()
        follower.wait_for(lambda troubles: any("nothing listens there" in each for each in troubles.values()))
        server.tell(flow(2, 2))
        server.start()
        follower.wait(1, 2)
        assert not follower.tail.troubles
        assert server.requests[-1].since.ToNanoseconds() >= moment(0)


def test_a_stream_that_is_cut_again_and_again_tells_each_flow_once() -> None:
    flows = [flow(number, number) for number in range(1, 40)]
    with relay(*flows, cut=[5, 9, 1, 20]) as server, Follower(server) as follower:
        follower.wait(*range(1, 40))


def test_a_restart_goes_on_where_it_was_and_tells_what_came_meanwhile() -> None:
    with relay(flow(1, 1)) as server:
        with Follower(server) as follower:
            follower.wait(1)
            marks = follower.tail.marks()
        server.tell(flow(2, 2), flow(3, -5, "n2"), flow(4, 3, "n2"))
        with Follower(server, marks) as follower:
            # What is held is told by the first look, for there may be no second one.
            assert follower.ports == [2, 4]
            server.tell(flow(5, 4))
            follower.wait(2, 4, 5)


def test_what_a_node_holds_no_longer_is_said() -> None:
    with relay(flow(1, 1)) as server:
        with Follower(server) as follower:
            follower.wait(1)
            marks = follower.tail.marks()
        server.nodes["n1"] = [flow(2, 500)]
        with Follower(server, marks) as follower:
            follower.wait(2)
            (said,) = follower.said
        assert "nodes no longer held all that they saw since they were asked last: n1 from " in said


def test_what_the_relay_lost_and_what_means_nothing_is_counted() -> None:
    odd = flow(2, 2)
    odd.flow.IP.source = "nowhere"
    with relay(flow(1, 1), lost(7, 2), odd, extra=[b"\xff"]) as server, Follower(server) as follower:
        follower.wait(1)
        until(lambda: follower.ports and sum(each.part.tally.malformed for each in follower.parts) == 2)
        assert sum(each.part.tally.lost for each in follower.parts) == 7


def test_nodes_that_cannot_be_asked_are_troubles_until_they_can() -> None:
    with relay(flow(1, 1), unreachable=("n2",)) as server, Follower(server) as follower:
        follower.wait(1)
        assert dict(follower.tail.troubles) == {f"node n2 of {server.address}": "it cannot be asked for its flows"}
        failed = {"state_change": "NODE_ERROR", "node_names": ["n1"], "message": "gone away"}
        gone = {"state_change": "NODE_GONE", "node_names": ["n2"]}
        back = {"state_change": "NODE_CONNECTED", "node_names": ["n1"]}
        server.tell(message({"node_status": failed, "node_name": "n1"}))
        follower.wait_for(lambda troubles: troubles.get(f"node n1 of {server.address}") == "gone away")
        server.tell(*(message({"node_status": each, "node_name": "n1"}) for each in (gone, back)))
        follower.wait_for(lambda troubles: not troubles)


def test_tls_is_as_it_is_said() -> None:
    folder = certificates()
    known = Security(
        is_on=True,
        authorities=(f"{folder}/ca.pem",),
        server_name="instance.hubble-relay.cilium.io",
        certificate=f"{folder}/client.pem",
        key=f"{folder}/client.key",
    )
    with relay(flow(1, 1), credentials=tls(asks=True)) as server:
        with Follower(server, security=known) as follower:
            follower.wait(1)
        with Follower(server, security=Security(is_on=True)) as follower:
            follower.wait_for(lambda troubles: troubles)
            (why,) = follower.tail.troubles.values()
    assert why.startswith("its certificate is not trusted; give the certificate of its authority with")


def test_an_answer_that_would_be_final_for_an_import_is_asked_for_again() -> None:
    refusal = (grpc.StatusCode.PERMISSION_DENIED, "not you")
    with relay(flow(1, 1), refusal=refusal) as server, Follower(server) as follower:
        follower.wait_for(lambda troubles: any("it does not let you read flows" in each for each in troubles.values()))
        server.refusal = None
        follower.wait(1)
        assert not follower.tail.troubles


def test_a_look_ends_however_much_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "_MOST", 10)
    with relay(*(flow(number, number) for number in range(1, 30))) as server, Follower(server) as follower:
        follower.wait(*range(1, 30))
        assert max(each.part.tally.records for each in follower.parts) <= 10


def test_a_look_at_a_relay_that_says_nothing_takes_no_time() -> None:
    with silent() as server, Follower(server) as follower:
        follower.look()
        began = time.monotonic()
        for _ in range(100):
            follower.look()
        assert time.monotonic() - began < 30
    assert follower.parts == []


@contextmanager
def silent() -> Iterator[Relay]:
    """Yield a relay that answers, and tells nothing."""
    with relay() as server:
        yield server


def test_what_is_no_mark_is_told() -> None:
    with relay() as server, pytest.raises(SourceError, match="how far it was followed cannot be read"):
        Follower(server, {"hubble-relay": b"\xc1"})


def test_marks_of_others_are_left_alone() -> None:
    marks: dict[str, Any] = {"other": b"\xc1"}
    with relay(flow(1, -5), flow(2, 1)) as server, Follower(server, marks) as follower:
        follower.wait(2)


def test_a_server_that_never_shakes_hands_holds_nobody_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        server = Server(f"localhost:{mute.getsockname()[1]}", Security(is_unverified=True))
        tail = RelayTail(server, print)
        list(tail.look())
        began = time.monotonic()
        for _ in range(100):
            assert list(tail.look()) == []
        tail.close()
        assert time.monotonic() - began < 30
