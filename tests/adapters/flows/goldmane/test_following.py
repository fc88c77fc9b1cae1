"""A Goldmane that is followed beside a cluster: over breaks and restarts nothing is told twice or left out."""

from __future__ import annotations

from typing import Any, Self

import pytest

from firedoor.adapters.flows.goldmane.asking import GOLDMANE
from firedoor.adapters.flows.goldmane.following import GoldmaneTail
from firedoor.adapters.flows.relay import stream
from firedoor.adapters.flows.relay.asking import Security
from firedoor.adapters.flows.relay.channel import Server
from firedoor.errors import SourceError
from firedoor.model.flow_following import FollowedPart
from firedoor.model.flows import FlowVerdict
from tests.adapters.flows.goldmane.serving import ALLOW, STEP, Goldmane, begin, flow, goldmane, moment
from tests.adapters.flows.relay.serving import certificates, tls
from tests.receiving import until


class Follower:
    """A Goldmane that is followed from the beginning of the tests on, and what it told so far."""

    def __init__(
        self, asked: Goldmane, marks: dict[str, bytes] | None = None, security: Security | None = None
    ) -> None:
        self.said: list[str] = []
        self.parts: list[FollowedPart] = []
        self.now = moment()
        server = Server(asked.address, security or Security(), GOLDMANE)
        self.tail = GoldmaneTail(server, self.said.append, lambda: self.now)
        self.tail.begin((), marks or {})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.tail.close()

    @property
    def ports(self) -> list[int]:
        """The ports of what was told, in their order."""
        self.parts += self.tail.look()
        seen = (one for each in self.parts for one in (*each.part.connections, *each.part.totals))
        return sorted(one.destination.port for one in seen)

    def wait(self, *ports: int) -> None:
        until(lambda: self.ports == list(ports), f"{ports}")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "_FIRST_WAIT", 0.05)
    begin()


def test_what_happens_from_now_on_is_told_and_nothing_of_before() -> None:
    with goldmane(flow(1, -9)) as server, Follower(server) as follower:
        until(lambda: follower.ports == [] and len(server.streams) == 1)
        # The step in which it began, and one before that, are over only now.
        server.tell(flow(2, -1), flow(3, 0), flow(4, 1, action=ALLOW))
        follower.wait(3, 4)
        assert server.streams[0].start_time_gte == 0
        (part,) = {(each.name, each.format) for each in follower.parts}
        assert part == (follower.parts[0].name, "calico-goldmane")
        verdicts = {one.verdict for each in follower.parts for one in (*each.part.connections, *each.part.totals)}
        assert verdicts == {FlowVerdict.DENIED, FlowVerdict.ALLOWED}
        assert (follower.said, dict(follower.tail.troubles), follower.tail.places()) == ([], {}, ())


def test_a_connection_that_breaks_is_a_trouble_until_it_is_made_again_and_loses_nothing() -> None:
    with goldmane() as server, Follower(server) as follower:
        until(lambda: follower.ports == [] and len(server.streams) == 1)
        server.tell(*(flow(step, step) for step in range(1, 6)))
        follower.wait(1, 2, 3, 4, 5)
        server.stop()
        until(lambda: bool(follower.ports and follower.tail.troubles))
        server.tell(flow(9, 5), *(flow(step, step) for step in range(6, 8)))
        follower.now += 9 * STEP
        server.start()
        # Of the last steps more may have been told than came; the rest is not asked for again.
        follower.wait(1, 2, 3, 4, 5, 6, 7, 9)
        assert not follower.tail.troubles
        assert server.streams[-1].start_time_gte == moment(3)


def test_a_stream_that_is_cut_again_and_again_tells_each_flow_once() -> None:
    flows = [flow(step * 10 + number, step) for step in range(1, 9) for number in range(4)]
    with goldmane(cut=[7, 1, 9, 3]) as server, Follower(server) as follower:
        until(lambda: follower.ports == [] and len(server.streams) == 1)
        follower.now += 20 * STEP
        server.tell(*flows)
        follower.wait(*sorted(each.flow.Key.dest_port for each in flows))


def test_a_restart_goes_on_where_it_was_and_says_what_is_held_no_longer() -> None:
    with goldmane() as server:
        with Follower(server) as follower:
            until(lambda: follower.ports == [] and len(server.streams) == 1)
            server.tell(*(flow(step, step) for step in range(5)))
            follower.wait(0, 1, 2, 3, 4)
            marks = follower.tail.marks()
        server.tell(flow(6, 6))
        with Follower(server, marks) as follower:
            follower.now += 10 * STEP
            assert follower.ports == [6]
            assert follower.said == []
        with Follower(server, marks) as follower:
            follower.now += 2 * 3600
            until(lambda: follower.ports == [] and bool(follower.said))
    (said,) = follower.said
    assert ": it no longer held what there was from " in said


def test_what_means_nothing_is_counted() -> None:
    odd = flow(1, 1)
    odd.flow.Key.proto = "?" * 9
    with goldmane(extra=[b"\xff"]) as server, Follower(server) as follower:
        until(lambda: follower.ports == [] and len(server.streams) == 1)
        server.tell(odd, flow(2, 1))
        follower.wait(2)
        assert sum(each.part.tally.malformed for each in follower.parts) >= 1


def test_both_show_certificates() -> None:
    folder = certificates()
    known = Security(
        is_on=True,
        authorities=(f"{folder}/ca.pem",),
        server_name="instance.hubble-relay.cilium.io",
        certificate=f"{folder}/client.pem",
        key=f"{folder}/client.key",
    )
    with goldmane(credentials=tls(asks=True)) as server:
        with Follower(server, security=known) as follower:
            until(lambda: follower.ports == [] and len(server.streams) == 1)
            server.tell(flow(2, 1))
            follower.wait(2)
        with Follower(server) as follower:
            until(lambda: bool(follower.ports or follower.tail.troubles))
            (why,) = follower.tail.troubles.values()
    assert why == "it closed the connection; if it speaks TLS, say --tls"


def test_nobody_there_is_a_trouble_in_words_about_goldmane() -> None:
    with goldmane() as server:
        port = server.port
    with Follower(Goldmane(port=port)) as follower:
        until(lambda: bool(follower.ports or follower.tail.troubles))
        (why,) = follower.tail.troubles.values()
    assert why.startswith("nothing listens there; check the address; from outside of the cluster run `kubectl port-for")


def test_what_is_no_mark_is_told() -> None:
    marks: dict[str, Any] = {"goldmane": b"\xc1"}
    with goldmane() as server, pytest.raises(SourceError, match="how far it was followed cannot be read"):
        Follower(server, marks)
