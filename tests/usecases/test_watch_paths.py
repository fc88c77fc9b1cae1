"""Attack paths that appear and go while a cluster is watched."""

from __future__ import annotations

from firedoor.engine.reach.cni import SPEC
from firedoor.model.events import Event, EventKind
from firedoor.model.feed import Turn
from firedoor.model.findings import Severity
from firedoor.model.places import ObjectRef
from firedoor.usecases.watch import Watcher
from tests.usecases.test_watch import BALANCER, DENY, SHOP, Clock, changes, state, told, watched, workload

OPENED, CLOSED = EventKind.ATTACK_PATH_OPENED, EventKind.ATTACK_PATH_CLOSED
ADMIN = """
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: all}
rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: all}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: all}
subjects: [{kind: ServiceAccount, name: default, namespace: shop}]
"""
READER = """
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules: [{apiGroups: [""], resources: [secrets], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects: [{kind: ServiceAccount, name: default, namespace: shop}]
"""
SHUT = DENY.replace("namespace: data", "namespace: shop").replace("deny", "shut")


def paths(events: list[Event]) -> list[Event]:
    return [each for each in events if each.kind in {OPENED, CLOSED}]


def test_who_gets_to_every_right_is_told_with_the_steps_and_their_cause() -> None:
    bound, unbound = watched(SHOP + BALANCER, SHOP + BALANCER + ADMIN, SHOP + BALANCER)
    outside, inside = paths(bound)
    assert outside.message == (
        "opened: internet -> cluster-admin, in 3 steps: "
        "internet -> shop/web -> serviceaccount:shop/default -> cluster-admin"
    )
    assert (outside.kind, outside.severity, outside.object.kind) == (OPENED, Severity.CRITICAL, "Cluster")
    assert outside.evidence[0].startswith("internet -> shop/web: comes in over what is exposed to the outside")
    assert "takes the service account's token" in outside.evidence[1]
    assert "ClusterRoleBinding all created" in outside.causes
    assert inside.message.startswith("opened: shop/api, shop/web, data/db -> cluster-admin, in 2 steps: shop/api -> ")
    assert (inside.severity, inside.object) == (Severity.HIGH, ObjectRef("Deployment", "shop", "api"))
    assert inside.evidence[-2:] == ("also from shop/web", "also from data/db")
    closed = paths(unbound)
    assert [(each.kind, each.severity) for each in closed] == [(CLOSED, Severity.INFO)] * 2
    assert closed[0].message == "closed: internet -> cluster-admin"
    assert [each.subject for each in closed] == [each.subject for each in (outside, inside)]
    assert {each.fingerprint for each in closed}.isdisjoint(each.fingerprint for each in (outside, inside))
    assert CLOSED.ended is OPENED


def test_only_the_worst_of_what_is_gained_is_told_and_another_way_is_nothing() -> None:
    reads, more, less = watched(
        SHOP + SHUT, SHOP + SHUT + READER, SHOP + SHUT + READER + ADMIN, SHOP + SHUT + READER + ADMIN + BALANCER
    )
    assert [each.message.partition(",")[0] for each in paths(reads)] == ["opened: shop/api"]
    assert all("-> all Secrets, in 2 steps" in each.message for each in paths(reads))
    assert [each.message.partition(" in ")[0] for each in paths(more)] == [
        "opened: shop/api, shop/web -> cluster-admin,"
    ]
    assert paths(less) == []


def test_many_workloads_are_one_event() -> None:
    many = "".join(workload("shop", f"w{number:02}") for number in range(30))
    (events,) = watched(many, many + ADMIN)
    (event,) = paths(events)
    assert event.message.startswith("opened: shop/w00, shop/w01, shop/w02 and 27 more -> cluster-admin")
    assert sum(each.startswith("also from ") for each in event.evidence) == 19


def test_paths_wait_for_checks_with_the_causes_of_all_that_time_and_are_told_at_the_end() -> None:
    clock = Clock()
    watcher = Watcher(SPEC, clock, pause=60.0)
    states = [state(text) for text in (SHOP, SHOP + ADMIN, SHOP + ADMIN + DENY, SHOP + DENY)]
    watcher.take(Turn(states[0]))
    assert paths(watcher.take(Turn(states[1], changes(states[0], states[1])))) == []
    clock.now = 61
    events = paths(watcher.take(Turn(states[2], changes(states[1], states[2]))))
    assert {each.kind for each in events} == {OPENED}
    assert {"ClusterRoleBinding all created", "NetworkPolicy data/deny created"} <= set(events[0].causes)
    clock.now = 62
    assert paths(watcher.take(Turn(states[3], changes(states[2], states[3])))) == []
    (closed,) = {each.kind for each in paths(watcher.rest())}
    assert closed is CLOSED
    assert paths(watcher.rest()) == []


def test_what_changed_since_it_was_watched_last_is_told_first() -> None:
    watcher = Watcher(SPEC, Clock())
    watcher.begin(state(SHOP))
    assert told(watcher.take(Turn(state(SHOP + ADMIN), None)), OPENED)


def test_an_empty_cluster_has_no_paths() -> None:
    appeared, gone = watched("", SHOP + ADMIN, "")
    assert told(appeared, OPENED)
    assert told(gone, CLOSED)
