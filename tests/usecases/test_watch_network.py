"""What a watched network computes for each kind of change, and that it finds what comparing everything finds."""

from __future__ import annotations

import dataclasses

import msgspec
import pytest

from firedoor.engine.difference import differences
from firedoor.engine.reach import unseen
from firedoor.engine.reach.cni import PROFILES, SPEC, CniProfile
from firedoor.engine.reach.network import Network
from firedoor.engine.reach.succession import Anew, pods_of, workloads_of
from firedoor.model.assembly import FIELDS, SnapshotBuilder, reference
from firedoor.model.feed import ObjectChange
from firedoor.model.places import NOWHERE, Gap, GapKind, Scope
from firedoor.model.sharing import PodSharing
from firedoor.model.snapshot import Origin, Snapshot
from firedoor.usecases.watch_network import WatchedNetwork
from tests.loading import snapshot_of
from tests.usecases.test_watch import BALANCER, DENY, LET_WEB_IN, SECRETS, SHOP, pod, workload

NODE = """
---
apiVersion: v1
kind: Node
metadata: {name: n1}
status: {addresses: [{type: InternalIP, address: 192.168.0.1}]}
"""
LABELLED = """
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: a}}
"""
FROM_TEAM = """
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: team, namespace: data}
spec: {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: a}}}]}]}
"""
CILIUM = """
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: c, namespace: data}
spec: {endpointSelector: {}, ingress: [{fromEntities: [world]}]}
"""
CLUSTER = """
---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: no-web}
spec:
  tier: Admin
  priority: 1
  subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: db}}}}
  ingress: [{action: Deny, from: [{namespaces: {matchLabels: {kubernetes.io/metadata.name: shop}}}]}]
"""
AGENT = """
---
apiVersion: v1
kind: Pod
metadata: {name: agent, namespace: data}
spec: {hostNetwork: true, nodeName: n1, containers: [{name: a}]}
status: {phase: Running, hostIP: 192.168.0.1, podIP: 192.168.0.1}
"""
WEB = SHOP + DENY + LET_WEB_IN + pod("shop", "web-1", "web") + pod("data", "db-1", "db")


def state(text: str, *gaps: Gap) -> Snapshot:
    builder = SnapshotBuilder()
    first = snapshot_of(text)
    for field in FIELDS.values():
        for each in getattr(first, field):
            builder.add(msgspec.structs.replace(each, place=NOWHERE))
    for gap in gaps:
        builder.add_gap(gap)
    return builder.build(Origin("cluster"))


def changes(old: Snapshot, new: Snapshot) -> tuple[ObjectChange, ...]:
    before, after = (
        {(type(each), reference(each)): each for field in FIELDS.values() for each in getattr(one, field)}
        for one in (old, new)
    )
    return tuple(
        ObjectChange(key[1], before.get(key), after.get(key))
        for key in {**before, **after}
        if before.get(key) != after.get(key)
    )


def taken(old: Snapshot, new: Snapshot, cni: CniProfile = SPEC) -> tuple[WatchedNetwork, bool]:
    """Return a network that went from one state to another, having told what is different, and if it compared."""
    watched = WatchedNetwork(old, cni)
    found = watched.take(new, changes(old, new))
    full = list(differences(Network(old, cni), Network(new, cni)))
    assert list(found or ()) == full
    assert tuple(watched.network.members) == Network(new, cni).members
    return watched, found is not None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (WEB, WEB + pod("shop", "web-2", "web")),
        (WEB, WEB.replace("name: web-1", "name: web-9")),
        (WEB, WEB + pod("shop", "web-1", "web", "n7").replace("name: web-1", "name: web-7")),
        (WEB, WEB.replace("phase: Running", "phase: Running, startTime: '2026-01-01T00:00:00Z'")),
    ],
)
def test_replicas_that_come_and_go_are_not_compared(before: str, after: str) -> None:
    watched, was_compared = taken(state(before), state(after))
    assert watched.anew is None
    assert not was_compared


@pytest.mark.parametrize(
    ("before", "after", "anew"),
    [
        (WEB, WEB.replace(DENY, ""), None),
        (WEB.replace(DENY, ""), WEB, None),
        (WEB, WEB.replace("ports: [{port: 80}]", "ports: [{port: 81}]"), Anew.VOCABULARY),
        (WEB, WEB + LET_WEB_IN.replace("name: web,", "name: more,"), None),
        (WEB, WEB.replace(workload("shop", "api"), ""), None),
        (WEB + pod("shop", "web-2", "web"), WEB, None),
        (WEB, WEB.replace("labels: {app: web}", "labels: {app: webb}"), None),
        (WEB, WEB + workload("new", "job"), Anew.NAMESPACE),
        (WEB, WEB + workload("shop", "db"), Anew.UNSEEN),
        (WEB + FROM_TEAM, WEB + FROM_TEAM + LABELLED, Anew.NAMESPACE),
        (WEB, WEB + DENY.replace("namespace: data", "namespace: none"), Anew.NAMESPACE),
        (WEB + CLUSTER, (WEB + CLUSTER).replace(DENY, ""), None),
        (WEB + CILIUM, (WEB + CILIUM).replace(DENY, ""), Anew.OTHER_APIS),
        (WEB + CILIUM, WEB + CILIUM + pod("shop", "web-2", "webb"), Anew.OTHER_APIS),
        (WEB + AGENT + NODE, (WEB + AGENT + NODE).replace(DENY, ""), None),
    ],
)
def test_what_is_told_is_the_whole_difference(before: str, after: str, anew: Anew | None) -> None:
    watched, _ = taken(state(before), state(after))
    assert watched.anew is anew


def test_a_name_of_a_port_that_stands_for_another_one_is_compiled_anew() -> None:
    named = WEB.replace("ports: [{port: 80}]", "ports: [{port: http}]")
    named = named.replace("ports: [{containerPort: 80}]", "ports: [{name: http, containerPort: 80}]")
    watched, _ = taken(state(named), state(named.replace("containerPort: 80}", "containerPort: 8080}")))
    assert watched.anew is Anew.PORTS


@pytest.mark.parametrize(
    ("before", "after"),
    [(WEB, WEB + BALANCER), (WEB, WEB + SECRETS), (WEB + CILIUM, WEB + CILIUM + SECRETS)],
)
def test_what_decides_about_no_connection_is_not_compared(before: str, after: str) -> None:
    _, was_compared = taken(state(before), state(after))
    assert not was_compared


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (WEB, WEB + NODE),
        (WEB, WEB + CILIUM),
        (WEB + CILIUM, WEB + CILIUM + BALANCER),
        (WEB + CILIUM, WEB + CILIUM + LABELLED),
        (WEB, WEB + pod("shop", "web-2", "web").replace("phase: Running", "phase: Running, podIP: 'fd00::1'")),
    ],
)
def test_what_may_concern_everybody_is_compared_for_everybody(before: str, after: str) -> None:
    _, was_compared = taken(state(before), state(after))
    assert was_compared


def test_a_gap_that_comes_makes_verdicts_unknown_everywhere() -> None:
    gap = Gap(GapKind.FORBIDDEN, "/apis/x", "policies cannot be listed", "grant", scope=Scope())
    watched, was_compared = taken(state(WEB), state(WEB + pod("shop", "web-2", "web"), gap))
    assert was_compared
    assert watched.network.is_dark(watched.network.profiles[0], next(iter(watched.network.matrix)))


def test_where_the_changes_are_not_known_everything_is_compared() -> None:
    old, new = state(WEB), state(WEB.replace(DENY, ""))
    watched = WatchedNetwork(old, SPEC)
    assert list(watched.take(new, None) or ()) == list(differences(Network(old), Network(new)))


def test_a_network_that_enforces_nothing_follows_too() -> None:
    _, was_compared = taken(state(WEB), state(WEB.replace(DENY, "")), PROFILES["none"])
    assert not was_compared


def test_where_addresses_of_pods_do_not_count_replicas_are_looked_at_once() -> None:
    cni = dataclasses.replace(SPEC, ipblock_matches_pods=False)
    old = state(WEB)
    new = state(WEB + pod("shop", "web-2", "web") + pod("shop", "web-3", "web"))
    sharing = PodSharing()
    sharing.learn(old.pods)
    new = msgspec.structs.replace(new, pods=tuple(map(sharing.shared, new.pods)))
    watched, was_compared = taken(old, new, cni)
    assert watched.anew is None
    assert not was_compared


def test_what_is_left_over_is_cleared_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unseen, "SPARE_SETS", -(10**6))
    watched, _ = taken(state(WEB), state(WEB.replace(DENY, "")))
    assert watched.anew is Anew.LEFT_OVER


def test_the_state_before_stays_as_it_was() -> None:
    old, new = state(WEB), state(WEB.replace(DENY, ""))
    watched = WatchedNetwork(old, SPEC)
    before = watched.network
    values = [before.value(*pair) for pair in ((0, 1), (1, 0), (0, "8.8.8.8"), ("8.8.8.8", 1))]
    watched.take(new, changes(old, new))
    assert watched.network is not before
    assert before.snapshot is old
    assert [before.value(*pair) for pair in ((0, 1), (1, 0), (0, "8.8.8.8"), ("8.8.8.8", 1))] == values


def test_pods_of_two_families_are_told_apart() -> None:
    six = WEB.replace("phase: Running", "phase: Running, podIP: 'fd00::1'")
    four = six.replace(pod("shop", "web-1", "web").replace("phase: Running", "phase: Running, podIP: 'fd00::1'"), "")
    four += pod("shop", "web-2", "web").replace("phase: Running", "phase: Running, podIP: 10.0.0.1")
    _, was_compared = taken(state(six), state(four))
    assert was_compared


def test_the_objects_of_a_namespace_are_found_in_a_sorted_snapshot() -> None:
    snapshot = state(WEB + workload("zoo", "z"))
    assert [each.metadata.name for each in pods_of(snapshot, "data")] == ["db-1"]
    assert pods_of(snapshot, "none") == ()
    assert [each.metadata.name for each in workloads_of(snapshot, "shop")] == ["api", "web"]
    assert list(workloads_of(snapshot, "none")) == []
