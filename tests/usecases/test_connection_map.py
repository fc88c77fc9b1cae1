from __future__ import annotations

import pytest

from firedoor.engine.reach.cni import SPEC
from firedoor.errors import NothingInScopeError, UsageError
from firedoor.model.connection_map import LinkState, MapLink, MapPlace, PlaceKind
from firedoor.model.flows import FlowEdge, FlowPeer, FlowVerdict, PeerKind
from firedoor.model.snapshot import Snapshot
from firedoor.model.verdicts import Verdict
from firedoor.usecases import connection_map as module
from firedoor.usecases.connection_map import Atlas
from tests.loading import snapshot_of

POD = (
    "{apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: %s, labels: {app: %s}}, "
    "spec: {containers: [{name: a, image: b, ports: [{containerPort: 5432}]}]}}\n---\n"
)
CLOSED = (
    "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: data}, "
    "spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{namespaceSelector: {matchLabels: "
    "{kubernetes.io/metadata.name: shop}}, podSelector: {matchLabels: {app: api}}}], ports: [{port: 5432}]}]}}"
)
CLUSTER = snapshot_of(POD % ("web", "shop", "web") + POD % ("api", "shop", "api") + POD % ("db", "data", "db") + CLOSED)
WEB, API, DB = "shop/Pod/web", "shop/Pod/api", "data/Pod/db"


def workload(place: str) -> FlowPeer:
    namespace, kind, name = place.split("/")
    return FlowPeer(PeerKind.WORKLOAD, namespace=namespace, owner=kind, name=name)


def edge(source: FlowPeer, destination: FlowPeer, verdict: FlowVerdict, port: int = 5432, count: int = 1) -> FlowEdge:
    return FlowEdge(source, destination, "TCP", port, verdict, count, 1, 2)


def states(atlas: Atlas, *expanded: str) -> dict[tuple[str, str], LinkState]:
    found = atlas.map(expanded)
    return {(each.source, each.destination): each.state(is_seen=found.is_seen) for each in found.links}


def test_from_afar_there_are_namespaces_and_the_outside() -> None:
    found = Atlas(CLUSTER, SPEC).map()
    assert found.places == (
        MapPlace("data", PlaceKind.NAMESPACE, "data", "data", "", 1, 1, 0, 1),
        MapPlace("shop", PlaceKind.NAMESPACE, "shop", "shop", "", 2, 2, 2, 2),
        MapPlace("outside", PlaceKind.OUTSIDE, name="outside"),
    )
    assert found.links == (
        MapLink("data", "outside", some=1),
        MapLink("data", "shop", all=2),
        MapLink("outside", "shop", some=2),
        MapLink("shop", "data", some=1),
        MapLink("shop", "outside", some=2),
    )
    assert (found.is_seen, found.gaps) == (False, ())


def test_near_by_there_are_the_workloads_of_what_is_expanded() -> None:
    found = Atlas(CLUSTER, SPEC).map(["shop"])
    assert [each.id for each in found.places] == ["data", API, WEB, "outside"]
    assert found.places[1] == MapPlace(API, PlaceKind.WORKLOAD, "shop", "api", "Pod", 1, 1, 1, 1)
    links = {(each.source, each.destination): each for each in found.links}
    assert links[API, "data"] == MapLink(API, "data", some=1)
    assert (WEB, "data") not in links
    assert links[WEB, API] == MapLink(WEB, API, all=1)


def test_links_of_the_map_are_those_of_reach() -> None:
    from firedoor.usecases.reach import ReachFilter, reach  # noqa: PLC0415 - what it is held against

    found = Atlas(CLUSTER, SPEC).map(["shop", "data"])
    expected = {
        (module.end_id(each.src), module.end_id(each.dst)) for each in reach(CLUSTER, SPEC, ReachFilter()).connections
    }
    assert {(each.source, each.destination) for each in found.links} == expected


def test_flows_tell_what_is_used_never_used_tried_and_against_the_policies() -> None:
    edges = [
        edge(workload(API), workload(DB), FlowVerdict.ALLOWED, count=3),
        edge(workload(API), workload(DB), FlowVerdict.AUDITED, 5433, 2),
        edge(workload(WEB), workload(DB), FlowVerdict.DENIED, count=4),
        edge(workload(DB), FlowPeer(PeerKind.EXTERNAL, address="203.0.113.7"), FlowVerdict.ALLOWED, 443),
        edge(FlowPeer(PeerKind.UNATTRIBUTED, address="10.1.1.1"), workload(DB), FlowVerdict.ALLOWED),
        edge(workload(WEB), workload(API), FlowVerdict.OTHER),
    ]
    atlas = Atlas(CLUSTER, SPEC, edges)
    found = states(atlas, "shop", "data")
    assert found[API, DB] is LinkState.AGAINST
    assert found[WEB, DB] is LinkState.TRIED
    assert found[DB, "outside"] is LinkState.USED
    assert found[WEB, API] is LinkState.UNUSED
    assert atlas.map().unplaced == 1
    links = {(each.source, each.destination): each for each in atlas.map().links}
    assert links["shop", "data"] == MapLink("shop", "data", some=1, used=3, against=2, tried=4)


def test_what_a_node_is_seen_to_send_to_a_pod_is_not_against_the_policies() -> None:
    """A node always reaches its own pods, and flows do not tell where a pod ran."""
    node = FlowPeer(PeerKind.NODE, name="n1", address="10.9.9.9")
    atlas = Atlas(CLUSTER, SPEC, [edge(node, workload(DB), FlowVerdict.ALLOWED)])
    assert states(atlas)["outside", "data"] is LinkState.USED
    (pair,) = atlas.between("outside", "data").pairs
    assert [(each.verdict, each.peer) for each in pair.seen] == [(Verdict.UNKNOWN, "node n1")]


def test_what_is_not_known_is_not_allowed() -> None:
    policy = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nspec: [\n---\n"
    dark = snapshot_of(policy + POD % ("web", "default", "web") + POD % ("db", "data", "db"))
    found = states(Atlas(dark, SPEC))
    assert found["data", "default"] is found["default", "data"] is found["outside", "default"] is LinkState.UNKNOWN
    assert found["data", "outside"] is LinkState.ALLOWED
    assert Atlas(dark, SPEC).map().gaps == dark.gaps


def test_a_namespace_keeps_the_links_that_have_an_end_in_it() -> None:
    more = snapshot_of(POD % ("a", "one", "a") + POD % ("b", "two", "b") + POD % ("c", "three", "c"))
    found = Atlas(more, SPEC, namespace="one").map()
    assert {each.source for each in found.links} | {each.destination for each in found.links} == {
        "one", "two", "three", "outside"
    }  # fmt: skip
    assert all("one" in {each.source, each.destination} for each in found.links)
    with pytest.raises(NothingInScopeError):
        Atlas(more, SPEC, namespace="four")


def test_behind_a_link_are_its_workloads_with_traffic_ports_and_what_was_seen() -> None:
    edges = [
        edge(workload(API), workload(DB), FlowVerdict.ALLOWED, count=3),
        edge(workload(WEB), workload(DB), FlowVerdict.DENIED),
    ]
    found = Atlas(CLUSTER, SPEC, edges).between("shop", "data")
    assert [(each.source, each.destination) for each in found.pairs] == [(API, DB), (WEB, DB)]
    accepted, denied = found.pairs
    assert accepted.connection is not None
    assert accepted.connection.traffic == (("TCP", 5432, 5432),)
    assert accepted.ports == (("TCP", 5432, 5432),)
    assert [(each.was_allowed, each.count, each.verdict) for each in accepted.seen] == [(True, 3, Verdict.ACCEPTED)]
    assert denied.connection is None
    assert [(each.was_allowed, each.verdict) for each in denied.seen] == [(False, Verdict.DENIED)]
    assert not found.is_cut_short


def test_behind_a_link_with_the_outside_are_ranges_of_addresses() -> None:
    atlas = Atlas(CLUSTER, SPEC)
    into = atlas.between("outside", WEB).pairs
    assert [(each.source, each.destination) for each in into] == [("outside", WEB)]
    assert into[0].connection is not None
    assert into[0].connection.src.ips == "0.0.0.0-255.255.255.255"
    assert {(each.source, each.destination) for each in atlas.between("shop", "outside").pairs} == {
        (API, "outside"), (WEB, "outside")
    }  # fmt: skip
    assert atlas.between("outside", "data").pairs == ()


@pytest.mark.parametrize(
    "ends", [("outside", "outside"), ("shop", "shop/Pod/none"), ("none", "shop"), ("shop/", "data")]
)
def test_a_link_that_cannot_be_is_refused(ends: tuple[str, str]) -> None:
    with pytest.raises(UsageError):
        Atlas(CLUSTER, SPEC).between(*ends)


def test_too_many_places_and_pairs_are_not_told_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PLACES", 2)
    with pytest.raises(UsageError, match="3 places are more than a map can show"):
        Atlas(CLUSTER, SPEC).map(["shop"])
    monkeypatch.setattr(module, "MOST_PAIRS", 1)
    found = Atlas(CLUSTER, SPEC).between("data", "shop")
    assert (len(found.pairs), found.is_cut_short) == (1, True)


def test_a_namespace_that_is_not_there_cannot_be_expanded() -> None:
    with pytest.raises(NothingInScopeError, match="there is no namespace shops"):
        Atlas(CLUSTER, SPEC).map(["shops"])
    with pytest.raises(NothingInScopeError):
        Atlas(Snapshot(), SPEC)
