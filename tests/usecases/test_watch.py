"""What each change of a watched cluster means, and that nothing is told that did not change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import cast

import msgspec
import pytest

from firedoor.engine.reach.cni import SPEC
from firedoor.errors import SourceError
from firedoor.interfaces import Progress, Silent
from firedoor.model.assembly import reference
from firedoor.model.decoding import ModelObject
from firedoor.model.events import Event, EventKind
from firedoor.model.feed import ObjectChange, Turn
from firedoor.model.findings import Severity
from firedoor.model.places import NOWHERE, Gap, GapKind, ObjectRef, Scope
from firedoor.model.snapshot import Origin, Snapshot
from firedoor.model.watching import Gauge
from firedoor.usecases.diagnose import diagnose
from firedoor.usecases.diff import diff
from firedoor.usecases.leading import Elector
from firedoor.usecases.watch import Watcher
from firedoor.usecases.watch_running import run
from tests.loading import snapshot_of

NOW = "2026-01-02T03:04:05Z"
SERVER = "https://cluster.example"


def workload(namespace: str, name: str) -> str:
    return f"""
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec: {{containers: [{{name: a, image: "a:1", ports: [{{containerPort: 80}}]}}]}}
"""


def pod(namespace: str, name: str, app: str, node: str = "n1") -> str:
    return f"""
---
apiVersion: v1
kind: Pod
metadata:
  name: {name}
  namespace: {namespace}
  labels: {{app: {app}}}
  ownerReferences: [{{apiVersion: apps/v1, kind: Deployment, name: {app}, uid: u, controller: true}}]
spec: {{nodeName: {node}, containers: [{{name: a, image: "a:1", ports: [{{containerPort: 80}}]}}]}}
status: {{phase: Running}}
"""


DENY = """
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: data}
spec: {podSelector: {}, policyTypes: [Ingress]}
"""
LET_WEB_IN = """
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: data}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress: [{from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}], ports: [{port: 80}]}]
"""
SECRETS = """
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules: [{apiGroups: [""], resources: [secrets], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects: [{kind: ServiceAccount, name: web, namespace: shop}]
"""
BALANCER = """
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}
"""
SHOP = workload("shop", "web") + workload("shop", "api") + workload("data", "db")


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def state(text: str) -> Snapshot:
    return msgspec.structs.replace(snapshot_of(text), origin=Origin("cluster", (SERVER,), NOW, "v1.36.3"))


def changes(old: Snapshot, new: Snapshot) -> tuple[ObjectChange, ...]:
    """Return all changes between two snapshots, as a feed would tell them."""
    before, after = (_objects(each) for each in (old, new))
    refs = [ref for ref in {**before, **after} if before.get(ref) != after.get(ref)]
    return tuple(ObjectChange(ref, before.get(ref), after.get(ref)) for ref in refs)


def _objects(snapshot: Snapshot) -> dict[ObjectRef, ModelObject]:
    parts = ("namespaces", "pods", "workloads", "services", "network_policies", "roles", "role_bindings")
    objects = [each for part in parts for each in getattr(snapshot, part)]
    return {reference(each): msgspec.structs.replace(each, place=NOWHERE) for each in objects}


def watched(*texts: str, pause: float = 0.0) -> list[list[Event]]:
    """Return the events of each state after the first."""
    watcher, states = Watcher(SPEC, Clock(), pause=pause), [state(each) for each in texts]
    assert watcher.take(Turn(states[0])) == []
    return [watcher.take(Turn(new, changes(old, new))) for old, new in pairwise(states)]


def told(events: Iterable[Event], *kinds: EventKind) -> dict[str, Severity]:
    return {each.message: each.severity for each in events if each.kind in kinds}


def test_a_policy_that_goes_opens_what_it_closed() -> None:
    closed, opened = watched(SHOP, SHOP + DENY, SHOP)
    everything = "TCP/1-65535, UDP/1-65535, SCTP/1-65535"
    everybody = "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
    assert told(closed, EventKind.CONNECTION_CLOSED, EventKind.CONNECTION_OPENED).keys() == {
        f"closed: 0.0.0.0-255.255.255.255, shop/api, shop/web -> data/db {everything}"
    }
    (event,) = [each for each in opened if each.kind is EventKind.CONNECTION_OPENED]
    assert event.severity is Severity.HIGH
    assert event.object == ObjectRef("Deployment", "data", "db")
    assert event.causes == ("NetworkPolicy data/deny deleted",)
    assert event.time == NOW
    assert "shop/api -> data/db" in event.evidence
    assert everybody not in event.message


def test_what_is_opened_between_pods_alone_weighs_less() -> None:
    (events,) = watched(SHOP + DENY, SHOP + DENY + LET_WEB_IN)
    assert told(events, EventKind.CONNECTION_OPENED) == {"opened: shop/web -> data/db TCP/80": Severity.MEDIUM}


def test_a_workload_that_comes_opens_with_less_weight_and_one_that_goes_closes_with_none() -> None:
    come, gone = watched(SHOP + DENY, SHOP + DENY + workload("new", "job"), SHOP + DENY)
    opened = told(come, EventKind.CONNECTION_OPENED)
    assert opened
    assert set(opened.values()) <= {Severity.LOW, Severity.MEDIUM}
    closed = told(gone, EventKind.CONNECTION_CLOSED)
    assert set(closed.values()) == {Severity.INFO}


def test_one_source_to_many_is_one_event() -> None:
    egress = """
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: quiet, namespace: shop}
spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Egress]}
"""
    (events,) = watched(SHOP, SHOP + egress)
    (message,) = told(events, EventKind.CONNECTION_CLOSED)
    assert message.startswith("closed: shop/web -> 0.0.0.0-255.255.255.255, data/db, shop/api ")


def test_replicas_that_come_and_go_are_nothing_to_tell() -> None:
    one = SHOP + DENY + pod("data", "db-1", "db")
    other = SHOP + DENY + pod("data", "db-2", "db", "n2") + pod("data", "db-3", "db", "n3")
    assert watched(one, other, one, pause=9) == [[], []]


def test_replicas_that_are_unlike_the_others_are_told_of() -> None:
    one = SHOP + DENY + LET_WEB_IN + pod("data", "db-1", "db")
    other = one.replace("name: db-1", "name: db-2").replace("labels: {app: db}", "labels: {app: other}")
    (events,) = watched(one, other, pause=9)
    assert told(events, EventKind.CONNECTION_CLOSED)


def test_rights_are_told_with_the_risk_that_they_are() -> None:
    gained, lost = watched(SHOP, SHOP + SECRETS, SHOP)
    (event,) = [each for each in gained if each.kind is EventKind.RIGHT_GAINED]
    assert event.message == "ServiceAccount shop/web may now in the whole cluster: get secrets"
    assert event.severity.rank >= Severity.MEDIUM.rank
    assert any(each.startswith("new risk: ") for each in event.evidence)
    assert told(lost, EventKind.RIGHT_LOST) == {
        "ServiceAccount shop/web may no longer in the whole cluster: get secrets": Severity.INFO
    }
    assert not told(gained, EventKind.CONNECTION_OPENED, EventKind.CONNECTION_CLOSED)


def test_what_the_outside_gets_to_is_told() -> None:
    opened, closed = watched(SHOP, SHOP + BALANCER, SHOP)
    way = "outside -> shop/web TCP/80 by Service shop/web (LoadBalancer)"
    assert told(opened, EventKind.EXPOSURE_OPENED) == {f"opened: {way}": Severity.HIGH}
    assert told(closed, EventKind.EXPOSURE_CLOSED) == {f"closed: {way}": Severity.INFO}


def test_findings_and_coverage_are_told_when_it_is_time() -> None:
    clock = Clock()
    watcher = Watcher(SPEC, clock, pause=60)
    first, second = state(SHOP + DENY), state(SHOP)
    watcher.take(Turn(first))
    assert not told(watcher.take(Turn(second, changes(first, second))), EventKind.FINDING_APPEARED)
    clock.now = 59
    assert watcher.take(Turn(second, ())) == []
    clock.now = 61
    events = watcher.take(Turn(second, ()))
    messages = told(events, EventKind.FINDING_APPEARED)
    assert any("no NetworkPolicy selects the pods of Deployment data/db" in each for each in messages)
    assert told(events, EventKind.COVERAGE_DROPPED) == {
        "fewer pods are isolated: 0% of 1, from 100% of 1": Severity.MEDIUM
    }
    assert watcher.take(Turn(second, ())) == []


def test_a_finding_that_is_gone_is_told_once() -> None:
    (events,) = watched(SHOP, SHOP + DENY)
    gone = [each for each in events if each.kind is EventKind.FINDING_GONE]
    assert gone
    assert {each.severity for each in gone} == {Severity.INFO}


def test_what_cannot_be_read_any_more_and_what_cannot_be_followed_is_told() -> None:
    watcher = Watcher(SPEC, Clock())
    first = state(SHOP)
    watcher.take(Turn(first))
    gap = Gap(GapKind.FORBIDDEN, "/apis/x", "policies cannot be listed", "grant", scope=Scope())
    second = msgspec.structs.replace(first, gaps=(*first.gaps, gap))
    events = watcher.take(Turn(second, None, 0.0, {"/api/v1/pods": "the connection broke"}))
    assert told(events, EventKind.GAP_APPEARED) == {"/apis/x: policies cannot be listed": Severity.MEDIUM}
    assert told(events, EventKind.FOLLOWING_FAILS) == {
        "/api/v1/pods cannot be followed: the connection broke": Severity.MEDIUM
    }
    assert told(watcher.take(Turn(second, ())), EventKind.FOLLOWING_WORKS) == {
        "/api/v1/pods is followed again": Severity.INFO
    }


def test_the_same_thing_has_the_same_fingerprint_and_another_has_not() -> None:
    first, _, again = watched(SHOP, SHOP + DENY, SHOP, SHOP + DENY)
    assert [each.fingerprint for each in first] == [each.fingerprint for each in again]
    marks = [each.fingerprint for each in first]
    assert len(set(marks)) == len(marks)


@pytest.mark.parametrize("text", [SHOP + DENY + LET_WEB_IN, SHOP + BALANCER, SHOP + DENY + workload("new", "job")])
def test_connections_are_those_of_diff(text: str) -> None:
    (events,) = watched(SHOP, text)
    kinds = (EventKind.CONNECTION_OPENED, EventKind.CONNECTION_CLOSED, EventKind.CONNECTION_UNSURE)
    pairs = {pair for each in events if each.kind in kinds for pair in each.evidence}
    expected = diff((state(SHOP), state(text)), ("a", "b"), SPEC).connections
    assert pairs == {f"{each.src} -> {each.dst}" for each in expected}


@dataclass
class Feed:
    given: list[Turn]

    def turns(self, _progress: Progress) -> Iterator[Turn]:
        yield from self.given


@dataclass
class Memory:
    held: Snapshot | None = None
    saved: list[Snapshot] = field(default_factory=list)

    def load(self, server: str) -> Snapshot | None:
        assert server == SERVER
        return self.held

    def save(self, server: str, snapshot: Snapshot) -> None:
        assert server == SERVER
        self.saved.append(snapshot)


@dataclass
class Meter:
    noted: list[Gauge] = field(default_factory=list)
    stood_by: int = 0

    def note(self, gauge: Gauge) -> None:
        self.noted.append(gauge)

    def stand_by(self) -> None:
        self.stood_by += 1


def _forget(_events: list[Event]) -> None:
    pass


def test_what_changed_since_the_last_run_is_told_and_the_end_is_remembered() -> None:
    memory, meter, events = Memory(state(SHOP + DENY)), Meter(), list[Event]()
    clock = Clock()
    run(Feed([Turn(state(SHOP))]), Watcher(SPEC, clock), memory, meter, events.extend, Silent(), clock)
    assert told(events, EventKind.CONNECTION_OPENED)
    assert [each.network_policies for each in memory.saved] == [()]
    (gauge,) = meter.noted
    assert (gauge.pods, gauge.policies, gauge.exposures) == (0, 0, 0)
    assert sum(gauge.isolation.values()) == 3
    assert gauge.events[EventKind.CONNECTION_OPENED, Severity.HIGH] == 1


def test_a_cluster_is_remembered_only_when_what_it_means_was_told() -> None:
    memory, clock = Memory(), Clock()
    first, second = state(SHOP), state(SHOP + DENY)

    class Broken(Exception):  # noqa: N818 - as a cable is
        pass

    def tell(events: list[Event]) -> None:
        clock.now += 100
        if events:
            raise Broken

    turns = [Turn(first), Turn(second, changes(first, second))]
    with pytest.raises(Broken):
        run(Feed(turns), Watcher(SPEC, clock), memory, Meter(), tell, Silent(), clock)
    assert memory.saved == [first]


def test_a_cluster_that_did_not_change_is_not_written_again() -> None:
    memory, clock = Memory(), Clock()
    first = state(SHOP)
    run(Feed([Turn(first), *[Turn(first, ())] * 3]), Watcher(SPEC, clock), memory, Meter(), _forget, Silent(), clock)
    assert memory.saved == [first]


def test_an_empty_cluster_is_watched_too() -> None:
    meter, clock = Meter(), Clock()
    empty = Snapshot(origin=Origin("cluster", (SERVER,), NOW))
    run(Feed([Turn(empty)]), Watcher(SPEC, clock), Memory(), meter, _forget, Silent(), clock)
    assert meter.noted[0].isolation == {} or sum(meter.noted[0].isolation.values()) == 0


def test_nothing_is_remembered_while_what_it_meant_may_be_lost() -> None:
    memory, clock, safe = Memory(), Clock(), [True, False, False, True]
    first, second = state(SHOP), state(SHOP + DENY)
    turns = [Turn(first), Turn(second, changes(first, second)), Turn(second, ())]
    run(Feed(turns), Watcher(SPEC, clock), memory, Meter(), _forget, Silent(), clock, forward=lambda _: False)
    assert memory.saved == []
    got: list[Event] = []

    def forward(events: list[Event]) -> bool:
        clock.now += 100
        got.extend(events)
        if len(safe) == 2:
            assert memory.saved == [first]
        return safe.pop(0)

    run(Feed(turns), Watcher(SPEC, clock), memory, Meter(), _forget, Silent(), clock, forward=forward)
    assert memory.saved == [first, second]
    assert told(got, EventKind.CONNECTION_CLOSED)
    assert safe == []


def test_findings_that_came_since_the_last_run_are_told_at_once() -> None:
    memory, events, clock = Memory(state(SHOP + DENY)), list[Event](), Clock()
    watcher = Watcher(SPEC, clock)
    run(Feed([Turn(state(SHOP))]), watcher, memory, Meter(), events.extend, Silent(), clock)
    found = [each for each in events if each.kind is EventKind.FINDING_APPEARED]
    assert found
    assert all(each.check and each.message.startswith(f"{each.check}: ") for each in found)
    assert watcher.diagnosis == diagnose(state(SHOP), SPEC)


def test_findings_that_were_not_looked_for_yet_are_told_at_the_end() -> None:
    memory, events, clock = Memory(), list[Event](), Clock()
    first, second = state(SHOP + DENY), state(SHOP)
    turns = [Turn(first), Turn(second, changes(first, second))]
    run(Feed(turns), Watcher(SPEC, clock), memory, Meter(), events.extend, Silent(), clock)
    assert [each for each in events if each.kind is EventKind.FINDING_APPEARED]
    assert memory.saved[-1] == second


def test_what_begins_and_its_end_have_the_same_subject() -> None:
    appeared, gone = (
        {each.subject for events in watched(*texts) for each in events if each.kind is kind}
        for texts, kind in (
            ((SHOP + DENY, SHOP), EventKind.CONNECTION_OPENED),
            ((SHOP, SHOP + DENY), EventKind.CONNECTION_CLOSED),
        )
    )
    assert appeared == gone != set()


@dataclass
class Lot:
    """Who leads at each turn, as an elector tells it."""

    leads: list[bool]
    others_until: float | None = None
    has_led: bool = False

    @property
    def is_leading(self) -> bool:
        self.has_led = self.has_led or self.leads[0]
        return self.leads[0]

    @property
    def lost(self) -> SourceError:
        return SourceError("it leads no longer")


def followed(lot: Lot, clock: Clock, memory: Memory, meter: Meter, *texts: str) -> list[Event]:
    """Return what a replica tells of states that are ten seconds apart."""
    events: list[Event] = []
    states = [state(each) for each in texts]

    class Turns:
        def turns(self, _progress: Progress) -> Iterator[Turn]:
            yield Turn(states[0])
            for old, new in pairwise(states):
                clock.now += 10
                lot.leads.pop(0)
                yield Turn(new, changes(old, new))

    elector = cast("Elector", lot)
    run(Turns(), Watcher(SPEC, clock), memory, meter, events.extend, Silent(), clock, elector=elector)
    return events


def test_who_stands_by_tells_nothing_and_remembers_nothing() -> None:
    memory, meter, lot = Memory(), Meter(), Lot([False] * 3)
    assert followed(lot, Clock(), memory, meter, SHOP, SHOP + DENY, SHOP) == []
    assert memory.saved == []
    assert meter.noted == []
    assert meter.stood_by == 3


def test_who_takes_over_tells_what_changed_since_the_leader_was_last_heard_of() -> None:
    clock, meter = Clock(), Meter()
    quiet = [SHOP + DENY] * 7
    # Heard of for the last time while all was as at first; then a policy went that nobody told of.
    lot = Lot([False] * 8 + [True] * 2, others_until=60.0)
    events = followed(lot, clock, Memory(state(SHOP)), meter, *quiet, SHOP, SHOP, SHOP)
    assert len(told(events, EventKind.CONNECTION_OPENED)) == 1
    assert meter.stood_by == 8
    # The turn that nobody told of, and two of its own.
    assert len(meter.noted) == 3


def test_who_takes_over_tells_what_came_and_went_while_the_leader_may_not_have_told_it() -> None:
    lot = Lot([False] * 4 + [True], others_until=25.0)
    events = followed(lot, Clock(), Memory(), Meter(), SHOP, SHOP + DENY, SHOP, SHOP, SHOP)
    kinds = [each.kind for each in events if each.kind in {EventKind.CONNECTION_OPENED, EventKind.CONNECTION_CLOSED}]
    assert kinds[0] is EventKind.CONNECTION_CLOSED
    assert kinds[-1] is EventKind.CONNECTION_OPENED


def test_what_the_leader_has_surely_told_is_not_told_again() -> None:
    lot = Lot([False] * 50 + [True], others_until=490.0)
    events = followed(lot, Clock(), Memory(), Meter(), SHOP, SHOP + DENY, *[SHOP] * 48, SHOP)
    assert not told(events, EventKind.CONNECTION_CLOSED, EventKind.CONNECTION_OPENED)


def test_who_leads_from_the_start_begins_with_what_was_remembered() -> None:
    events = followed(Lot([True]), Clock(), Memory(state(SHOP + DENY)), Meter(), SHOP)
    assert told(events, EventKind.CONNECTION_OPENED)


def test_who_leads_no_longer_ends_before_it_tells() -> None:
    lot, memory = Lot([True, False]), Memory()
    with pytest.raises(SourceError, match="leads no longer"):
        followed(lot, Clock(), memory, Meter(), SHOP + DENY, SHOP)
    assert memory.saved == []
