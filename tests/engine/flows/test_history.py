from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec.structs import replace

from firedoor.engine.flows.history import Backend, History, Seen
from firedoor.model.flows import FlowPeer, PeerKind
from firedoor.model.members import with_addresses
from firedoor.model.metadata import ObjectMeta, OwnerReference
from firedoor.model.services import (
    Endpoint,
    EndpointPort,
    EndpointSlice,
    LoadBalancerIngress,
    LoadBalancerStatus,
    Service,
    ServicePort,
    ServiceSpec,
    ServiceStatus,
)
from firedoor.model.snapshot import Snapshot
from firedoor.model.workloads import Container, ContainerPort, Node, NodeAddress, NodeStatus, Pod, PodSpec, PodStatus


def read(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def clock(minute: int) -> int:
    return read("2026-01-01T00:00:00+00:00") + minute * 60


def pod(name: str, address: str, minute: int | None = 0, **more: Any) -> Pod:
    created = None if minute is None else f"2026-01-01T00:{minute:02d}:00+00:00"
    owner = (OwnerReference("ReplicaSet", more.pop("owner"), controller=True),) if "owner" in more else ()
    metadata = ObjectMeta(
        name,
        "shop",
        labels=more.pop("labels", {}),
        owner_references=owner,
        creation_timestamp=created,
        uid=f"{name}{minute}",
    )
    phase = more.pop("phase", "Running")
    return with_addresses(Pod(metadata, PodSpec(**more), PodStatus(phase)), (address,) if address else ())


def node(name: str, address: str) -> Node:
    return Node(ObjectMeta(name), status=NodeStatus((NodeAddress("InternalIP", address),)))


def peer(name: str, owner: str = "Pod") -> FlowPeer:
    return FlowPeer(PeerKind.WORKLOAD, "shop", owner, name)


def history(*seen: tuple[Snapshot, int | None], grace: int = 0) -> History:
    return History(
        [Seen(snapshot, None if minute is None else clock(minute)) for snapshot, minute in seen], read, grace
    )


def test_an_address_is_a_pods_from_its_creation_until_it_was_last_seen() -> None:
    known = history((Snapshot(pods=(pod("a", "10.0.0.1", 10),)), 30))
    assert [known.peer("10.0.0.1", clock(at)) for at in (9, 10, 30, 31)] == [None, peer("a"), peer("a"), None]
    assert known.peer("10.0.0.9", clock(10)) is None


def test_grace_is_for_how_long_it_stays_true() -> None:
    known = history((Snapshot(pods=(pod("a", "10.0.0.1", 10),)), 30), grace=300)
    assert [known.peer("10.0.0.1", clock(at)) for at in (35, 36)] == [peer("a"), None]


def test_several_snapshots_make_one_interval_of_one_pod() -> None:
    snapshot = Snapshot(pods=(pod("a", "10.0.0.1", 10),))
    known = history((snapshot, 20), (snapshot, 50))
    assert known.peer("10.0.0.1", clock(40)) == peer("a")


def test_an_address_that_two_pods_had_is_each_ones_in_its_time() -> None:
    known = history((Snapshot(pods=(pod("a", "10.0.0.1", 10),)), 20), (Snapshot(pods=(pod("b", "10.0.0.1", 30),)), 50))
    assert [known.peer("10.0.0.1", clock(at)) for at in (15, 25, 40)] == [peer("a"), None, peer("b")]


def test_an_address_that_two_claim_at_once_is_nobodys() -> None:
    known = history((Snapshot(pods=(pod("a", "10.0.0.1"), pod("b", "10.0.0.1"))), 20))
    assert known.peer("10.0.0.1", clock(5)) is None


def test_a_snapshot_of_unknown_time_is_always_true() -> None:
    known = history((Snapshot(pods=(pod("a", "10.0.0.1", None),)), None))
    assert known.peer("10.0.0.1", 1) == known.peer("10.0.0.1", clock(10**6)) == peer("a")


def test_a_pod_without_a_creation_time_is_there_when_it_is_seen() -> None:
    known = history((Snapshot(pods=(pod("a", "10.0.0.1", None),)), 20))
    assert [known.peer("10.0.0.1", clock(at)) for at in (19, 20)] == [None, peer("a")]


def test_finished_pods_and_those_on_their_node_hold_no_address() -> None:
    pods = (pod("a", "10.0.0.1", phase="Succeeded"), pod("b", "10.0.0.2", host_network=True))
    known = history((Snapshot(pods=pods), 20))
    assert known.peer("10.0.0.1", clock(5)) is known.peer("10.0.0.2", clock(5)) is None
    assert known.pod("shop", "a") == peer("a")


def test_a_pod_is_known_by_name_where_all_snapshots_agree() -> None:
    one = Snapshot(pods=(pod("a", "10.0.0.1", owner="x"),))
    two = Snapshot(pods=(pod("a", "10.0.0.1", owner="y"),))
    assert history((one, 1)).pod("shop", "a") == peer("x", "ReplicaSet")
    assert history((one, 1), (two, 2)).pod("shop", "a") is None
    assert history((one, 1)).pod("shop", "b") is None


def test_nodes_have_their_addresses() -> None:
    own = node("n1", "192.168.0.1")
    assert history((Snapshot(nodes=(own,)), None)).peer("192.168.0.1", 5) == FlowPeer(PeerKind.NODE, name="n1")


def service(port: ServicePort, **spec: Any) -> Service:
    return Service(ObjectMeta("api", "shop"), ServiceSpec(cluster_ip="10.96.0.1", ports=(port,), **spec))


def test_a_service_leads_to_the_pods_that_its_selector_chooses() -> None:
    pods = (
        pod(
            "a",
            "10.0.0.1",
            labels={"app": "api"},
            owner="api",
            containers=(Container(ports=(ContainerPort(8080, name="http"),)),),
        ),
        pod("b", "10.0.0.2", labels={"app": "web"}),
    )
    for target, expected in (("http", 8080), (9090, 9090), (None, 80)):
        own = service(
            ServicePort(80, target_port=target, node_port=30080), selector={"app": "api"}, external_ips=("1.2.3.4",)
        )
        known = history((Snapshot(pods=pods, services=(own,), nodes=(node("n1", "192.168.0.1"),)), None))
        found = frozenset({Backend(peer("api", "ReplicaSet"), expected)})
        for address, port in (("10.96.0.1", 80), ("1.2.3.4", 80), ("192.168.0.1", 30080)):
            assert known.backends(address, "TCP", port, 5) == found
        assert known.backends("10.96.0.1", "UDP", 80, 5) is None
        assert known.service_addresses("shop", "api") == ("10.96.0.1",)
    assert known.service_addresses("shop", "other") == ()


def test_the_addresses_of_a_load_balancer_lead_where_its_service_does() -> None:
    pods = (pod("a", "10.0.0.1", labels={"app": "api"}, owner="api"),)
    own = replace(
        service(ServicePort(80, target_port=8080), selector={"app": "api"}, type="LoadBalancer"),
        status=ServiceStatus(
            LoadBalancerStatus(
                (
                    LoadBalancerIngress("198.51.100.1"),
                    LoadBalancerIngress("198.51.100.2", "Proxy"),
                    LoadBalancerIngress(),
                )
            )
        ),
    )
    known = history((Snapshot(pods=pods, services=(own,)), None))
    found = frozenset({Backend(peer("api", "ReplicaSet"), 8080)})
    assert known.backends("198.51.100.1", "TCP", 80, 5) == found
    # What a load balancer takes for itself comes back to a node port, and may be refused before.
    assert known.backends("198.51.100.2", "TCP", 80, 5) is None
    assert known.service_addresses("shop", "api") == ("10.96.0.1",)


def test_a_service_without_selector_and_slices_leads_nowhere() -> None:
    known = history((Snapshot(services=(service(ServicePort(80)),)), None))
    assert known.backends("10.96.0.1", "TCP", 80, 5) == frozenset()


def test_endpoint_slices_say_where_a_service_leads() -> None:
    own = service(ServicePort(80, name="http"), selector={"app": "none"})
    piece = EndpointSlice(
        ObjectMeta("api-x", "shop", labels={"kubernetes.io/service-name": "api"}),
        endpoints=(Endpoint(("10.0.0.1",)), Endpoint(("10.0.0.9",))),
        ports=(EndpointPort(8080, "http"), EndpointPort(9000, "metrics"), EndpointPort(None, "http")),
    )
    known = history((Snapshot(pods=(pod("a", "10.0.0.1"),), services=(own,), endpoint_slices=(piece,)), None))
    nobody = FlowPeer(PeerKind.UNATTRIBUTED, address="10.0.0.9")
    assert known.backends("10.96.0.1", "TCP", 80, 5) == frozenset({Backend(peer("a"), 8080), Backend(nobody, 8080)})


def test_a_service_may_lead_to_a_node() -> None:
    piece = EndpointSlice(
        ObjectMeta("api-x", "shop", labels={"kubernetes.io/service-name": "api"}),
        endpoints=(Endpoint(("192.168.0.1",)),),
        ports=(EndpointPort(6443),),
    )
    own = Snapshot(nodes=(node("n1", "192.168.0.1"),), services=(service(ServicePort(443)),), endpoint_slices=(piece,))
    found = history((own, None)).backends("10.96.0.1", "TCP", 443, 5)
    assert found == frozenset({Backend(FlowPeer(PeerKind.NODE, name="n1"), 6443)})


def test_a_service_leads_where_it_did_at_that_time() -> None:
    own = service(ServicePort(80), selector={"app": "api"})
    old = Snapshot(pods=(pod("a", "10.0.0.1", labels={"app": "api"}),), services=(own,))
    new = Snapshot(pods=(pod("b", "10.0.0.2", labels={"app": "api"}),), services=(own,))
    known = history((old, 10), (old, 20), (new, 30))
    assert known.backends("10.96.0.1", "TCP", 80, clock(15)) == frozenset({Backend(peer("a"), 80)})
    assert known.backends("10.96.0.1", "TCP", 80, clock(30)) == frozenset({Backend(peer("b"), 80)})
    assert known.backends("10.96.0.1", "TCP", 80, clock(40)) is None
