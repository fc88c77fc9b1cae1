from __future__ import annotations

from typing import Any

import pytest
from tests.engine.flows.records import T0, A, B, end, sighting
from tests.engine.flows.test_history import node, pod

from firedoor.engine.flows.history import History, Seen
from firedoor.engine.flows.resolving import Resolver
from firedoor.model.flows import FlowEnd, FlowPeer, PeerKind
from firedoor.model.metadata import ObjectMeta
from firedoor.model.services import Service, ServicePort, ServiceSpec
from firedoor.model.snapshot import Snapshot

EXAMPLE = FlowPeer(PeerKind.EXTERNAL, name="a.example", address="1.2.3.4")
EMPTY = History((), int)
API = FlowPeer(PeerKind.WORKLOAD, "shop", "Deployment", "api")


def resolver(*snapshots: Snapshot, **owners: str) -> Resolver:
    return Resolver(History([Seen(each, None) for each in snapshots], lambda _text: 0), owners)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (B, API),
        (end("10.0.0.2", pod="shop/api-1"), FlowPeer(PeerKind.WORKLOAD, "shop", "", "api-1")),
        (end("", workload="Deployment/api", namespace="shop"), API),
        (end("1.2.3.4", role="external", names=("a.example",)), EXAMPLE),
        (end("10.0.0.7", role="external"), FlowPeer(PeerKind.EXTERNAL, address="10.0.0.7")),
        (end("8.8.8.8"), FlowPeer(PeerKind.EXTERNAL, address="8.8.8.8")),
        (end("192.168.0.1", role="node"), FlowPeer(PeerKind.NODE, name="192.168.0.1", address="192.168.0.1")),
        (end("192.168.0.1", role="node", names=("n1",)), FlowPeer(PeerKind.NODE, name="n1", address="192.168.0.1")),
        (end("10.0.0.7"), FlowPeer(PeerKind.UNATTRIBUTED, address="10.0.0.7")),
        (end("nonsense"), FlowPeer(PeerKind.UNATTRIBUTED, address="nonsense")),
        (end("8.8.8.8", role="pod"), FlowPeer(PeerKind.UNATTRIBUTED, address="8.8.8.8")),
    ],
)  # fmt: skip
def test_an_end_is_who_the_source_says_or_nobody(given: FlowEnd, expected: FlowPeer) -> None:
    assert Resolver(EMPTY, {}).peer(given, T0) == expected


def test_the_owner_of_a_pod_comes_from_other_records_or_from_snapshots() -> None:
    bare = end("10.0.0.2", pod="shop/api-1")
    assert resolver(**{"shop/api-1": "Deployment/api"}).peer(bare, T0) == API
    known = resolver(Snapshot(pods=(pod("api-1", "10.0.0.2", owner="api"),)))
    assert known.peer(bare, T0) == FlowPeer(PeerKind.WORKLOAD, "shop", "ReplicaSet", "api")
    assert known.peer(bare, T0) is known.peer(bare, T0)


def test_the_name_that_the_source_tells_outweighs_the_address() -> None:
    known = resolver(Snapshot(pods=(pod("other", "10.0.0.2"),)))
    assert known.peer(B, T0) == API
    assert known.peer(end("10.0.0.2"), T0) == FlowPeer(PeerKind.WORKLOAD, "shop", "Pod", "other")


def test_an_external_address_of_a_node_is_the_node() -> None:
    own = node("n1", "192.168.0.1")
    found = resolver(Snapshot(nodes=(own,))).peer(end("192.168.0.1", role="external"), T0)
    assert found == FlowPeer(PeerKind.NODE, name="n1")


def served(*apps: str) -> Snapshot:
    pods = [pod(f"{app}-1", f"10.0.0.{number}", owner=app, labels={"svc": "x"}) for number, app in enumerate(apps, 1)]
    port = ServicePort(80, target_port=8080)
    service = Service(
        ObjectMeta("x", "shop"), ServiceSpec(selector={"svc": "x"}, cluster_ip="10.96.0.1", ports=(port,))
    )
    return Snapshot(pods=tuple(pods), services=(service,))


def test_a_connection_to_a_service_is_one_to_the_pods_behind_it() -> None:
    found = resolver(served("api")).resolve(sighting(A, end("10.96.0.1", 80)))
    assert (found.destination.name, found.port, found.is_translated, found.is_attributed) == ("api", 8080, True, True)


def test_a_service_is_also_found_by_its_name() -> None:
    named: dict[str, Any] = {"role": "service", "workload": "Service/x", "namespace": "shop"}
    found = resolver(served("api")).resolve(sighting(A, end("", 80, **named)))
    assert (found.destination.name, found.port) == ("api", 8080)
    unknown = resolver().resolve(sighting(A, end("", 80, **named)))
    assert (unknown.destination.kind, unknown.port, unknown.is_translated) == (PeerKind.UNATTRIBUTED, 80, False)


def test_a_service_of_several_workloads_is_not_attributed() -> None:
    found = resolver(served("api", "web")).resolve(sighting(A, end("10.96.0.1", 80)))
    assert found.destination == FlowPeer(PeerKind.UNATTRIBUTED, address="10.96.0.1")
    assert (found.port, found.is_attributed) == (80, False)


def test_what_the_source_says_of_the_translation_is_taken() -> None:
    found = resolver().resolve(sighting(A, end("10.96.0.1", 80), translated=B))
    assert (found.destination, found.port, found.is_translated) == (API, 8080, True)
