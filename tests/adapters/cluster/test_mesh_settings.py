"""Of all ConfigMaps only that with the settings of Istio is asked for, by its name, and only where Istio is used."""

from __future__ import annotations

from pathlib import Path

from firedoor.adapters.manifests.mesh_settings import read_mesh_settings
from firedoor.model.places import GapKind
from tests.adapters.cluster.worlds import gaps_of, read, small_cluster
from tests.fake_api_server import FakeAPIServer, Fault, Manifest

PATH = "/api/v1/namespaces/istio-system/configmaps/istio"
POLICY: Manifest = {
    "apiVersion": "security.istio.io/v1",
    "kind": "AuthorizationPolicy",
    "metadata": {"name": "x", "namespace": "shop"},
    "spec": {},
}


def settings(mesh: str) -> Manifest:
    metadata = {"name": "istio", "namespace": "istio-system"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"mesh": mesh}}


def test_the_settings_are_read_where_there_are_policies_of_istio(tmp_path: Path) -> None:
    with FakeAPIServer([*small_cluster(), POLICY, settings("trustDomain: td.test")]) as server:
        (found,) = read(server, tmp_path, mesh=read_mesh_settings).mesh_configs
    assert (found.trust_domain, found.place.source) == ("td.test", PATH)
    assert [path for path in server.paths if "configmaps" in path] == [PATH]


def test_nothing_is_asked_for_where_istio_is_not_used(tmp_path: Path) -> None:
    with FakeAPIServer([*small_cluster(), settings("trustDomain: td.test")]) as server:
        snapshot = read(server, tmp_path, mesh=read_mesh_settings)
    assert not snapshot.mesh_configs
    assert not snapshot.gaps
    assert not [path for path in server.paths if "configmaps" in path]


def test_a_cluster_without_the_settings_has_the_defaults(tmp_path: Path) -> None:
    with FakeAPIServer([*small_cluster(), POLICY]) as server:
        server.fail(PATH, Fault(status=404))
        snapshot = read(server, tmp_path, mesh=read_mesh_settings)
    assert not snapshot.mesh_configs
    assert not snapshot.gaps


def test_forbidden_settings_are_a_gap_that_names_the_one_object(tmp_path: Path) -> None:
    with FakeAPIServer([*small_cluster(), POLICY]) as server:
        server.fail(PATH, Fault(status=403))
        snapshot = read(server, tmp_path, mesh=read_mesh_settings)
    (gap,) = gaps_of(snapshot, GapKind.FORBIDDEN)
    assert (gap.source, gap.scope) == (PATH, None)
    assert 'resourceNames: ["istio"], verbs: ["get"]' in gap.remedy


def test_settings_that_are_no_settings_are_a_gap(tmp_path: Path) -> None:
    with FakeAPIServer([*small_cluster(), POLICY, settings("[]")]) as server:
        snapshot = read(server, tmp_path, mesh=read_mesh_settings)
    assert [gap.source for gap in gaps_of(snapshot, GapKind.UNREADABLE)] == [PATH]
