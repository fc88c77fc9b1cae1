"""A cluster without faults becomes the snapshot that its objects make, and nothing but GET is sent."""

from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings

from firedoor.interfaces import Silent
from firedoor.model.assembly import SnapshotBuilder, reference
from firedoor.model.decoding import decode
from firedoor.model.places import GapKind, Place
from firedoor.model.snapshot import Origin
from tests.adapters.cluster.worlds import (
    gaps_of,
    names,
    namespace,
    pod,
    policy,
    read,
    small_cluster,
    source,
    write_kubeconfig,
)
from tests.fake_api_server import GIT_VERSION, TOKEN, FakeAPIServer, Manifest, plural_of
from tests.reference.manifests import Manifest as Generated
from tests.strategies.clusters import clusters


class Steps:
    def __init__(self) -> None:
        self.taken: list[tuple[str, int, int | None]] = []

    def step(self, what: str, done: int, total: int | None) -> None:
        self.taken.append((what, done, total))


def test_the_snapshot_says_where_and_when_it_was_taken(tmp_path: Path) -> None:
    with FakeAPIServer(small_cluster()) as server:
        snapshot = read(server, tmp_path)
    assert snapshot.origin == Origin("cluster", (server.url,), "2026-01-02T03:04:05Z", GIT_VERSION)
    assert names(snapshot.pods) == ["data/db", "shop/web"]
    assert snapshot.gaps == ()
    place = snapshot.network_policies[1].place
    assert place == Place("/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/deny-all")


def test_many_pods_come_page_by_page_and_none_is_lost(tmp_path: Path) -> None:
    steps = Steps()
    with FakeAPIServer(pod("shop", f"pod-{number:04}") for number in range(1234)) as server:
        snapshot = source(write_kubeconfig(tmp_path, server.url)).load(steps)
    assert names(snapshot.pods) == [f"shop/pod-{number:04}" for number in range(1234)]
    assert server.paths.count("/api/v1/pods") == 3
    assert [each for each in steps.taken if each[0] == "pods"] == [
        ("pods", 500, 1234),
        ("pods", 1000, 1234),
        ("pods", 1234, 1234),
    ]


def test_nothing_but_get_is_sent_and_secrets_are_never_asked_for(tmp_path: Path) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": "shop", "name": "key"}}
    with FakeAPIServer([*small_cluster(), secret]) as server:
        read(server, tmp_path)
    assert {method for method, _ in server.requests} == {"GET"}
    assert not [path for path in server.paths if "secret" in path]
    assert {headers["authorization"] for headers in server.headers} == {f"Bearer {TOKEN}"}


def _placed(manifest: Generated) -> Generated:
    """Return what the API server would store: with a namespace, and without nulls."""
    metadata = dict(manifest["metadata"])
    if manifest["kind"] not in ("Namespace", "Node"):
        metadata["namespace"] = metadata.get("namespace") or "default"
    labels = metadata.get("labels") or {}
    metadata["labels"] = {key: value or "" for key, value in labels.items()}
    stored: Generated = _without_nulls({**manifest, "metadata": metadata})
    return stored


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    return [{} if each is None else _without_nulls(each) for each in value] if isinstance(value, list) else value


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(clusters())
def test_the_snapshot_equals_the_one_of_the_same_objects_decoded_one_by_one(
    tmp_path: Path, cluster: list[Generated]
) -> None:
    stored = [_placed(each) for each in cluster]
    builder = SnapshotBuilder()
    for each in stored:
        where = each["metadata"].get("namespace", "")
        decoded = decode(each, Place(), where)
        assert decoded is not None
        version = each["apiVersion"]
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        within = f"/namespaces/{where}" if where else ""
        place = Place(f"{root}{within}/{plural_of(each['kind'])}/{reference(decoded).name}")
        msgspec.structs.force_setattr(decoded, "place", place)
        builder.add(decoded)
    with FakeAPIServer(stored) as server:
        snapshot = read(server, tmp_path, page_size=1)
    assert snapshot == builder.build(snapshot.origin)


def test_policies_of_other_apis_are_found_in_the_version_that_serves_them(tmp_path: Path) -> None:
    custom: list[Manifest] = [
        {"apiVersion": "crd.antrea.io/v1beta1", "kind": "NetworkPolicy",
         "metadata": {"namespace": "shop", "name": "a"}, "spec": {"priority": 5}},
        {"apiVersion": "cilium.io/v2", "kind": "CiliumClusterwideNetworkPolicy",
         "metadata": {"name": "b"}, "spec": {"endpointSelector": {}}},
        {"apiVersion": "policy.networking.k8s.io/v1alpha2", "kind": "ClusterNetworkPolicy",
         "metadata": {"name": "c"}, "spec": {"tier": "Admin"}},
        {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
         "metadata": {"namespace": "shop", "name": "d"}, "spec": {"hostnames": ["shop.test"]}},
        {"apiVersion": "example.test/v1", "kind": "Thing", "metadata": {"namespace": "shop", "name": "e"}},
    ]  # fmt: skip
    with FakeAPIServer([*small_cluster(), *custom]) as server:
        snapshot = read(server, tmp_path)
    assert [str(each.ref) for each in snapshot.policy_objects] == [
        "CiliumClusterwideNetworkPolicy b",
        "NetworkPolicy shop/a",
        "ClusterNetworkPolicy c",
    ]
    assert snapshot.policy_objects[0].spec == {"endpointSelector": {}}
    assert [each.hostnames for each in snapshot.gateway_routes] == [("shop.test",)]
    scopes = [(gap.source, gap.scope.namespace) for gap in gaps_of(snapshot, GapKind.UNSUPPORTED) if gap.scope]
    assert ("/apis/crd.antrea.io/v1beta1/namespaces/shop/networkpolicies/a", "shop") in scopes
    assert not [path for path in server.paths if "example.test" in path]


def test_calico_objects_are_read_once_where_both_of_its_apis_are_served(tmp_path: Path) -> None:
    twins: list[Manifest] = [
        {"apiVersion": f"{group}/{version}", "kind": "NetworkPolicy",
         "metadata": {"namespace": "shop", "name": name}, "spec": {}}
        for group, version, name in (
            ("projectcalico.org", "v3", "a"), ("crd.projectcalico.org", "v1", "default.a"),
        )
    ]  # fmt: skip
    with FakeAPIServer(twins) as server:
        both = read(server, tmp_path)
    with FakeAPIServer(twins[1:]) as server:
        storage_only = read(server, tmp_path)
    assert names(both.policy_objects) == ["shop/a"]
    assert names(storage_only.policy_objects) == ["shop/default.a"]


def test_fields_that_the_server_writes_as_null_count_as_absent(tmp_path: Path) -> None:
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
        "metadata": {"name": "admin", "creationTimestamp": None}, "rules": None,
    }  # fmt: skip
    with FakeAPIServer([role]) as server:
        snapshot = read(server, tmp_path)
    assert [(each.metadata.name, each.rules) for each in snapshot.roles] == [("admin", ())]
    assert snapshot.gaps == ()


def test_named_namespaces_restrict_the_lists_and_are_read_by_name(tmp_path: Path) -> None:
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}}
    with FakeAPIServer([*small_cluster(), namespace("other"), pod("other", "x"), node]) as server:
        snapshot = read(server, tmp_path, namespaces=("shop", "data"))
    assert names(snapshot.pods) == ["data/db", "shop/web"]
    assert names(snapshot.namespaces) == ["/data", "/shop"]
    assert names(snapshot.nodes) == ["/n1"]
    assert "/api/v1/pods" not in server.paths
    assert "/api/v1/namespaces" not in server.paths


def test_loading_twice_gives_the_same_snapshot(tmp_path: Path) -> None:
    with FakeAPIServer([*small_cluster(), policy("shop", "b")]) as server:
        reader = source(write_kubeconfig(tmp_path, server.url))
        assert reader.load(Silent()) == reader.load(Silent())
