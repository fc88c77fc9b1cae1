"""Flows beside a watched cluster: what was denied and why, what is new, and what contradicts the policies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
import pytest

from firedoor.adapters.flows.times import nanoseconds
from firedoor.engine.flows.sightings import Sightings
from firedoor.engine.reach.cni import SPEC
from firedoor.interfaces import Progress, Silent
from firedoor.model.decoding import ModelObject
from firedoor.model.events import Event, EventKind
from firedoor.model.feed import ObjectChange, Turn
from firedoor.model.findings import Severity
from firedoor.model.flow_following import FlowPlace, FollowedFlows, FollowedPart
from firedoor.model.flow_reading import MalformedFlow
from firedoor.model.flows import FlowEdge, FlowEnd, FlowPeer, FlowRecord, FlowVerdict, PeerKind
from firedoor.model.places import ObjectRef
from firedoor.model.snapshot import Origin, Snapshot
from firedoor.usecases.watch import Watcher
from firedoor.usecases.watch_flow_windows import MOST, Windows
from firedoor.usecases.watch_flows import FlowMeans, FlowWatch
from firedoor.usecases.watch_running import run
from tests.loading import snapshot_of
from tests.usecases.test_watch import Memory, Meter

SECOND = 10**9
NOW = "2026-01-02T03:04:05Z"
START = nanoseconds(NOW)
SERVER = "https://cluster.example"
DENIED, ALLOWED, OTHER = FlowVerdict.DENIED, FlowVerdict.ALLOWED, FlowVerdict.OTHER
KINDS = {EventKind.CONNECTION_DENIED, EventKind.CONNECTION_UNSEEN, EventKind.ENFORCEMENT_CONTRADICTS}


def pod(name: str, address: str, created: str = "2026-01-01T00:00:00Z") -> str:
    return f"""
---
apiVersion: v1
kind: Pod
metadata:
  name: {name}
  namespace: shop
  uid: {name}
  creationTimestamp: "{created}"
  labels: {{app: {name}}}
spec: {{nodeName: n1, containers: [{{name: a, image: "a:1"}}]}}
status: {{phase: Running, podIP: {address}, podIPs: [{{ip: {address}}}]}}
"""


PODS = pod("web", "10.0.0.1") + pod("db", "10.0.0.2") + pod("job", "10.0.0.3")
POLICY = """
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 80}]}]
"""
SHOP = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n" + PODS


def state(text: str) -> Snapshot:
    return msgspec.structs.replace(snapshot_of(text), origin=Origin("cluster", (SERVER,), NOW))


@dataclass
class Files:
    """Files whose new lines are given."""

    given: list[FollowedPart] = field(default_factory=list)
    troubles: dict[str, str] = field(default_factory=dict)
    began: Sequence[FlowPlace] | None = None
    marked: Mapping[str, bytes] | None = None
    taken: int = 0

    def begin(self, places: Sequence[FlowPlace], marks: Mapping[str, bytes]) -> None:
        self.began, self.marked = places, marks

    def look(self) -> Iterator[FollowedPart]:
        given, self.given = self.given, []
        self.taken += len(given)
        yield from given

    def places(self) -> tuple[FlowPlace, ...]:
        return (FlowPlace("/flows.log", 1, 2, self.taken, 4, "", 0, "hubble"),)

    def marks(self) -> dict[str, bytes]:
        return {"relay": str(self.taken).encode()}


@dataclass
class Kept:
    held: FollowedFlows = field(default_factory=FollowedFlows)
    saved: list[FollowedFlows] = field(default_factory=list)

    def load(self, server: str) -> FollowedFlows:
        assert server == SERVER
        return self.held

    def save(self, server: str, flows: FollowedFlows) -> None:
        assert server == SERVER
        self.saved.append(flows)


class World:
    """A watch of flows, the time, and what it is given."""

    def __init__(self, text: str = SHOP + POLICY, *, baseline: Iterable[FlowEdge] = (), learn: float = 0) -> None:
        self.time = START
        self.files, self.kept = Files(), Kept()
        self.said: list[str] = []
        means = FlowMeans(self.files, self.kept, nanoseconds, lambda: self.time, self.said.append)
        self.flows = FlowWatch(means, baseline, learn)
        self.watcher = Watcher(SPEC, lambda: 0.0, pause=1e9)
        self.snapshot = state(text)
        self.flows.begin(SERVER, None)
        assert self.turn(None) == []

    def turn(self, changes: tuple[ObjectChange, ...] | None = ()) -> list[Event]:
        turn = Turn(self.snapshot, changes)
        self.watcher.take(turn)
        events = self.flows.take(turn, self.watcher.network)
        self.flows.told()
        return [each for each in events if each.kind in KINDS]

    def change(self, text: str, *changes: ObjectChange) -> None:
        self.snapshot = state(text)
        self.turn(changes)

    def after(self, seconds: float, *records: FlowRecord, form: str = "hubble") -> list[Event]:
        """Return the events of a turn so many seconds later, in which some records are read."""
        self.time += int(seconds * SECOND)
        sightings = Sightings()
        for each in records:
            sightings.add(msgspec.structs.replace(each, start=self.time, end=self.time))
        if records:
            self.files.given.append(FollowedPart("/flows.log", form, sightings.part()))
        return self.turn()


_ports = iter(range(1024, 65536))


def flow(
    source: str,
    destination: str,
    verdict: FlowVerdict = DENIED,
    *,
    port: int = 80,
    side: str = "ingress",
    **more: object,
) -> FlowRecord:
    ends = FlowEnd(source, next(_ports)), FlowEnd(destination, port)
    record = FlowRecord(0, 0, *ends, "TCP", verdict, side, is_reply=False)
    return msgspec.structs.replace(record, **more)


WEB, DB, JOB, OUTSIDE, NOBODY = "10.0.0.1", "10.0.0.2", "10.0.0.3", "1.2.3.4", "10.9.9.9"


def test_a_denial_names_the_policy_that_denies_although_the_source_does_not() -> None:
    (event,) = World().after(1, flow(JOB, DB), flow(JOB, DB))
    assert event.kind is EventKind.CONNECTION_DENIED
    assert event.severity is Severity.MEDIUM
    assert event.object == ObjectRef("Pod", "shop", "db")
    assert event.time == "2026-01-02T03:04:06Z"
    assert event.message.startswith("denied: shop/job -> shop/db TCP/80, 2 connections: NetworkPolicy shop/db isolates")
    assert event.message.endswith("for ingress, and its rule does not match")
    assert any(each.startswith("ingress: NetworkPolicy shop/db") and ":" in each for each in event.evidence)
    assert "the source says denied at ingress" in event.evidence[-1]


def test_what_the_source_names_and_who_is_outside_is_told_without_what_a_terminal_obeys() -> None:
    (event,) = World().after(1, flow(OUTSIDE, DB, policies=("deny\x1b[31m",)))
    assert (event.severity, event.evidence[-1]) == (Severity.LOW, "the source names deny?[31m")
    assert event.message.startswith("denied: 1.2.3.4 -> shop/db TCP/80")


@pytest.mark.parametrize(
    ("text", "record", "because"),
    [
        (SHOP, flow(WEB, DB), "no policy denies it now"),
        (SHOP + POLICY, flow(NOBODY, DB), "10.9.9.9 belongs to nobody that is known, so what denies it is not either"),
        (SHOP + POLICY, flow(WEB, DB, port=0), "the cluster has no such ends or ports, so what denies it is not known"),
    ],
)
def test_where_it_is_not_known_what_denies_that_is_told(text: str, record: FlowRecord, because: str) -> None:
    (event,) = World(text).after(1, record)
    assert event.message.endswith(f": {because}")


def test_a_denial_of_what_may_leave_is_about_the_source() -> None:
    (event,) = World(SHOP + POLICY.replace("Ingress", "Egress").replace("ingress:", "#")).after(
        1, flow(DB, WEB, side="egress")
    )
    assert event.object.name == "db"
    assert "NetworkPolicy shop/db" in event.message


def test_the_same_denial_is_told_once_and_then_with_its_count() -> None:
    world = World()
    (first,) = world.after(1, flow(JOB, DB))
    assert world.after(1, flow(JOB, DB), flow(JOB, DB)) == []
    assert world.after(1, flow(JOB, DB, port=81)) != []
    (again,) = world.after(600, flow(JOB, DB))
    assert again.fingerprint == first.fingerprint
    assert ", 3 connections: " in again.message
    assert world.after(601) == []
    (anew,) = world.after(1, flow(JOB, DB))
    assert anew.fingerprint == first.fingerprint


def test_what_was_counted_and_not_told_is_told_at_the_end() -> None:
    world = World()
    world.after(1, flow(JOB, DB))
    world.after(1, flow(JOB, DB), flow(JOB, DB))
    (event,) = world.flows.rest(world.watcher.network)
    assert ", 2 connections: " in event.message


def test_too_many_different_denials_are_told_together() -> None:
    world = World()
    events = world.after(1, *(flow(JOB, DB, port=port) for port in range(1, MOST + 4)))
    assert len(events) == MOST
    events = world.after(601)
    assert [each.message for each in events] == ["3 connections more, between ends that are too many to be told apart"]
    assert events[0].object.kind == "Cluster"


def test_a_connection_that_goes_on_is_no_new_one() -> None:
    world = World()
    record = flow(JOB, DB)
    assert len(world.after(1, record)) == 1
    world.after(1, record)
    assert world.flows.rest(world.watcher.network) == []


def test_the_cluster_of_the_turn_judges_and_pods_that_are_gone_are_known_for_a_while() -> None:
    world = World()
    policy = ObjectRef("NetworkPolicy", "shop", "db")
    (policies,) = (each.network_policies for each in [world.snapshot])
    world.change(SHOP, ObjectChange(policy, policies[0], None))
    (event,) = world.after(1, flow(JOB, DB))
    assert event.message.endswith("no policy denies it now")
    job = next(each for each in world.snapshot.pods if each.metadata.name == "job")
    gone = ObjectChange(ObjectRef("Pod", "shop", "job"), job, None)
    world.change(SHOP.replace(pod("job", JOB), ""), gone)
    late = msgspec.structs.replace(flow(JOB, DB, port=90))
    sightings = Sightings()
    sightings.add(msgspec.structs.replace(late, start=world.time - SECOND, end=world.time - SECOND))
    world.files.given.append(FollowedPart("/flows.log", "hubble", sightings.part()))
    (event,) = world.turn()
    assert event.message.startswith("denied: shop/job -> shop/db TCP/90")
    (event,) = world.after(1, flow(JOB, DB, port=91))
    assert event.message.startswith("denied: ? 10.0.0.3 -> shop/db TCP/91")


def edge(source: str, destination: str, port: int = 80, verdict: FlowVerdict = ALLOWED) -> FlowEdge:
    one, other = (FlowPeer(PeerKind.WORKLOAD, "shop", "Pod", each) for each in (source, destination))
    return FlowEdge(one, other, "TCP", port, verdict, 1, 1, 1)


def test_a_connection_is_new_once_and_not_where_the_baseline_has_it() -> None:
    world = World(SHOP, baseline=[edge("web", "db"), edge("db", "web", verdict=DENIED)])
    assert world.after(1, flow(WEB, DB, ALLOWED)) == []
    (event,) = world.after(1, flow(DB, WEB, ALLOWED), flow(DB, WEB, ALLOWED, side="egress"))
    assert event.kind is EventKind.CONNECTION_UNSEEN
    assert event.message == "not seen before: shop/db -> shop/web TCP/80, 1 connection"
    assert event.severity is Severity.LOW
    assert world.after(1000, flow(DB, WEB, ALLOWED)) == []
    assert world.after(1, flow(NOBODY, WEB, ALLOWED), flow(JOB, WEB, OTHER)) == []


def test_whoever_comes_from_outside_is_one_and_whom_somebody_goes_to_is_not() -> None:
    world = World(SHOP)
    (event,) = world.after(1, flow(OUTSIDE, WEB, ALLOWED))
    assert event.severity is Severity.MEDIUM
    assert world.after(1, flow("1.2.3.5", WEB, ALLOWED)) == []
    assert len(world.after(1, flow(WEB, OUTSIDE, ALLOWED), flow(WEB, "1.2.3.5", ALLOWED))) == 2


def test_nothing_is_new_while_it_is_learned_also_in_two_parts() -> None:
    world = World(SHOP, learn=60)
    assert world.after(59, flow(WEB, DB, ALLOWED)) == []
    world.flows.told(is_end=True)
    (kept,) = world.kept.saved
    assert kept.learned == 59
    other = World(SHOP, learn=60)
    other.kept.held = kept
    other.flows.begin(SERVER, None)
    assert (other.files.began, other.files.marked) == (kept.places, {"relay": b"1"})
    assert other.after(2, flow(WEB, DB, ALLOWED)) == []
    assert len(other.after(1, flow(JOB, DB, ALLOWED))) == 1


def test_what_is_dropped_although_policies_accept_it_is_told_when_enough_of_it_was_seen() -> None:
    world = World()
    drops = [flow(WEB, DB) for _ in range(4)]
    events = world.after(40, *drops[:2])
    assert [each.kind for each in events] == [EventKind.CONNECTION_DENIED]
    assert world.after(20) == []
    assert world.after(1, drops[2]) == []
    (event,) = world.after(11)
    assert event.kind is EventKind.ENFORCEMENT_CONTRADICTS
    assert event.message == "dropped at ingress, which policies accept: shop/web -> shop/db TCP/80, 3 connections"
    assert event.severity is Severity.MEDIUM


@pytest.mark.parametrize("side", ["ingress", "egress"])
def test_what_is_let_in_although_policies_deny_it_is_told(side: str) -> None:
    world = World(SHOP + POLICY, baseline=[edge("job", "db")])
    assert world.after(40, *(flow(JOB, DB, ALLOWED, side=side) for _ in range(3))) == []
    events = world.after(11)
    # What left its node may have been dropped by the other one.
    assert [each.severity for each in events] == ([Severity.HIGH] if side == "ingress" else [])
    assert all("NetworkPolicy shop/db" in each.evidence[0] for each in events)


@pytest.mark.parametrize(
    ("seconds", "form", "more"),
    [
        (29, "hubble", {}),
        (40, "aws-vpc-flow", {}),
        (40, "hubble", {"direction": ""}),
        (40, "hubble", {"is_reply": True}),
        (40, "hubble", {"verdict": OTHER}),
        (40, "hubble", {"verdict": FlowVerdict.AUDITED}),
    ],
)
def test_no_contradiction_is_told_of_what_may_be_otherwise(seconds: int, form: str, more: dict[str, object]) -> None:
    world = World(SHOP + POLICY, baseline=[edge("job", "db"), edge("db", "job", 1), edge("db", "job", 2)])
    world.after(seconds, *(msgspec.structs.replace(flow(JOB, DB, ALLOWED), **more) for _ in range(3)), form=form)
    kinds = [each.kind for each in world.after(11)]
    assert EventKind.ENFORCEMENT_CONTRADICTS not in kinds


def changed_policy(world: World) -> ObjectChange:
    (policy,) = world.snapshot.network_policies
    return ObjectChange(ObjectRef("NetworkPolicy", "shop", "db"), policy, policy)


def changed_pod(world: World) -> ObjectChange:
    job = next(each for each in world.snapshot.pods if each.metadata.name == "job")
    return ObjectChange(ObjectRef("Pod", "shop", "job"), None, job)


def changed_namespace(world: World) -> ObjectChange:
    (found,) = world.snapshot.namespaces
    return ObjectChange(ObjectRef("Namespace", "", "shop"), found, found)


@pytest.mark.parametrize("what", [changed_policy, changed_pod, changed_namespace])
@pytest.mark.parametrize("is_before", [True, False])
def test_no_contradiction_is_told_around_a_change_that_concerns_it(what: object, is_before: bool) -> None:
    assert callable(what)
    world = World(SHOP + POLICY, baseline=[edge("job", "db")])
    world.time += 100 * SECOND
    if is_before:
        world.turn((what(world),))
    world.after(5, *(flow(JOB, DB, ALLOWED) for _ in range(3)))
    if not is_before:
        world.turn((what(world),))
    assert world.after(11) == []


def test_changes_elsewhere_and_of_state_do_not_matter() -> None:
    world = World(SHOP + POLICY, baseline=[edge("job", "db")])
    world.time += 100 * SECOND
    policy = changed_policy(world)
    elsewhere = msgspec.structs.replace(policy, ref=ObjectRef("NetworkPolicy", "other", "db"))
    job = changed_pod(world)
    alike: ModelObject | None = job.after
    world.turn((elsewhere, msgspec.structs.replace(job, before=alike)))
    world.after(5, *(flow(JOB, DB, ALLOWED) for _ in range(3)))
    assert [each.kind for each in world.after(11)] == [EventKind.ENFORCEMENT_CONTRADICTS]


def test_few_connections_are_forgotten_after_a_while() -> None:
    world = World(SHOP + POLICY, baseline=[edge("job", "db")])
    world.after(40, flow(JOB, DB, ALLOWED), flow(JOB, DB, ALLOWED))
    assert world.after(601) == []
    assert world.after(1, flow(JOB, DB, ALLOWED)) == []
    assert world.after(11) == []


def test_malformed_lines_and_files_that_cannot_be_followed_are_told_once_in_a_while() -> None:
    world = World()
    part = Sightings().part()
    part.tally.malformed = 2
    part.malformed = [MalformedFlow(3, 40, "no JSON", "x"), MalformedFlow(4, 42, "no JSON at all", "y")]
    for _ in range(3):
        world.files.given.append(FollowedPart("/flows.log", "hubble", part))
        world.turn()
    assert world.said == ["2 lines are malformed, the last: /flows.log: line 4, byte 42: no JSON at all"]
    world.time += 60 * SECOND
    world.files.troubles = {"/flows.log": "no such file"}
    turn = Turn(world.snapshot, ())
    (event,) = world.flows.take(turn, world.watcher.network)
    assert event.kind is EventKind.FOLLOWING_FAILS
    assert world.said[1].startswith("4 lines are malformed")
    assert world.flows.take(turn, world.watcher.network) == []


def test_what_sources_lost_is_counted_and_told_once_in_a_while() -> None:
    world = World(SHOP)
    for lost in (3, 4):
        part = Sightings().part()
        part.tally.lost = lost
        world.files.given.append(FollowedPart("relay:4245", "hubble", part))
        world.turn()
        assert world.flows.counts.lost == lost
    assert world.said == ["3 flows were lost before they could be told, the last by relay:4245"]
    world.after(61)
    assert world.said[1:] == ["4 flows were lost before they could be told, the last by relay:4245"]


def test_places_are_remembered_after_their_events_were_told_and_not_all_the_time() -> None:
    world = World()
    world.after(1, flow(JOB, DB))
    assert world.kept.saved == []
    world.after(10)
    assert [each.places[0].offset for each in world.kept.saved] == [1]
    world.after(30, flow(JOB, DB))
    world.after(29)
    assert len(world.kept.saved) == 1
    world.after(1)
    assert len(world.kept.saved) == 2


@dataclass
class Feed:
    world: World

    def turns(self, _progress: Progress) -> Iterator[Turn]:
        turn = Turn(self.world.snapshot)
        for number in (1, 2):
            sightings = Sightings()
            for each in (flow(JOB, DB), flow(NOBODY, DB, port=number)):
                sightings.add(msgspec.structs.replace(each, start=self.world.time, end=self.world.time))
            self.world.files.given.append(FollowedPart("/flows.log", "hubble", sightings.part()))
            yield turn
            turn = Turn(self.world.snapshot, ())


def test_a_watch_tells_and_counts_them_and_all_that_is_left_at_the_end() -> None:
    world, meter, told = World(), Meter(), list[Event]()
    world.kept.saved.clear()
    memory = Memory(held=state(SHOP))
    watcher = Watcher(SPEC, lambda: 0.0)
    run(Feed(world), watcher, memory, meter, told.extend, Silent(), lambda: 0.0, flows=world.flows)
    denied = [each.message.partition(",")[0] for each in told if each.kind is EventKind.CONNECTION_DENIED]
    assert denied == [
        "denied: shop/job -> shop/db TCP/80",
        "denied: ? 10.9.9.9 -> shop/db TCP/1",
        "denied: ? 10.9.9.9 -> shop/db TCP/2",
        "denied: shop/job -> shop/db TCP/80",
    ]
    (first, _) = (each.flows for each in meter.noted)
    assert first is not None
    assert first.denied == {"NetworkPolicy shop/db": 1, "": 1}
    assert (first.connections, first.unattributed) == (2, 1)
    assert [each.places[0].offset for each in world.kept.saved] == [2]


def test_windows_end_one_by_one() -> None:
    windows: Windows[str] = Windows(10, 1)
    assert windows.take("a", "one", 1, 0)
    assert not windows.take("a", "two", 2, 1)
    assert not windows.take("b", "other", 5, 2)
    assert list(windows.due(9)) == []
    assert windows.others(9) == 0
    assert list(windows.due(10)) == [("two", 2)]
    assert windows.others(12) == 5
    assert windows.others(99) == 0
    assert list(windows.due(20)) == []
    assert windows.take("b", "other", 1, 20)
