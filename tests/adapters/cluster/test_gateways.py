"""Gateways and what hangs on them are read from a live cluster, and survive being saved."""

from __future__ import annotations

from pathlib import Path

from firedoor.adapters.store import SavedSnapshotSource, describe, save
from firedoor.interfaces import Silent
from tests.adapters.cluster.worlds import read, small_cluster
from tests.fake_api_server import FakeAPIServer, Manifest

OBJECTS: list[Manifest] = [
    {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": {"namespace": "shop", "name": "g"},
     "spec": {"gatewayClassName": "c", "listeners": [{"name": "web", "port": 80, "protocol": "HTTP"}]}},
    {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "GatewayClass", "metadata": {"name": "c"},
     "spec": {"controllerName": "traefik.io/gateway-controller"}},
    {"apiVersion": "gateway.networking.k8s.io/v1beta1", "kind": "ReferenceGrant",
     "metadata": {"namespace": "shop", "name": "r"}, "spec": {"from": [], "to": []}},
    {"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": {"name": "nginx"},
     "spec": {"controller": "k8s.io/ingress-nginx"}},
    {"apiVersion": "networking.istio.io/v1", "kind": "Gateway", "metadata": {"namespace": "shop", "name": "g"},
     "spec": {"selector": {"istio": "gate"}}},
    {"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": {"namespace": "shop", "name": "v"},
     "spec": {"hosts": ["a.example"], "gateways": ["g"]}},
]  # fmt: skip


def test_every_kind_is_listed_and_comes_back_from_a_saved_snapshot(tmp_path: Path) -> None:
    with FakeAPIServer([*small_cluster(), *OBJECTS]) as server:
        snapshot = read(server, tmp_path)
    assert [(each.group, each.full_name) for each in snapshot.gateways] == [
        ("gateway.networking.k8s.io", "shop/g"),
        ("networking.istio.io", "shop/g"),
    ]
    assert [(each.kind, each.controller) for each in snapshot.controller_classes] == [
        ("GatewayClass", "traefik.io/gateway-controller"),
        ("IngressClass", "k8s.io/ingress-nginx"),
    ]
    assert [each.hosts for each in snapshot.virtual_services] == [("a.example",)]
    assert len(snapshot.reference_grants) == 1
    save(snapshot, tmp_path / "saved")
    again = SavedSnapshotSource(tmp_path / "saved").load(Silent())
    assert (again.gateways, again.virtual_services) == (snapshot.gateways, snapshot.virtual_services)
    assert (again.controller_classes, again.reference_grants) == (
        snapshot.controller_classes, snapshot.reference_grants,
    )  # fmt: skip
    counted = describe(snapshot)["objects"]
    assert (counted["Gateway.gateway.networking.k8s.io"], counted["Gateway.networking.istio.io"]) == (1, 1)
