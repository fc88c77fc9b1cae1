"""Volumes of a cluster: persistent ones are listed, those of pods are kept, and what is forbidden is a gap."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from firedoor.model.decoding import DECODERS
from firedoor.model.places import GapKind
from firedoor.model.tokens import API_ACCESS_ANY
from tests.adapters.cluster.worlds import gaps_of, pod, read, small_cluster
from tests.fake_api_server import FakeAPIServer, Fault, Manifest, plural_of

VOLUME = {
    "apiVersion": "v1",
    "kind": "PersistentVolume",
    "metadata": {"name": "disk"},
    "spec": {"hostPath": {"path": "/data"}, "claimRef": {"namespace": "shop", "name": "db"}},
}
CLAIM = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"namespace": "shop", "name": "db"},
    "spec": {"volumeName": "disk"},
}
DOCUMENTED = Path(__file__).parents[3] / "docs/howto/live-cluster.md"


def test_persistent_volumes_and_claims_are_read(tmp_path: Path) -> None:
    with FakeAPIServer([*small_cluster(), VOLUME, CLAIM]) as server:
        snapshot = read(server, tmp_path)
    (volume,), (claim,) = snapshot.persistent_volumes, snapshot.persistent_volume_claims
    assert (volume.metadata.namespace, volume.metadata.name) == ("", "disk")
    assert (claim.metadata.namespace, claim.metadata.name) == ("shop", "db")
    assert volume.spec.host_path is not None
    assert (volume.spec.host_path.path, claim.spec.volume_name) == ("/data", "disk")
    assert volume.place.source == "/api/v1/persistentvolumes/disk"
    assert snapshot.gaps == ()


@pytest.mark.parametrize(
    ("path", "missing"),
    [
        ("/api/v1/persistentvolumes", "which claims lead to a path on a node is unknown"),
        ("/persistentvolumeclaims", "which pods use a volume that lies on a node is unknown"),
    ],
)
def test_what_is_forbidden_is_a_gap_that_makes_no_verdict_unknown(tmp_path: Path, path: str, missing: str) -> None:
    with FakeAPIServer([*small_cluster(), VOLUME, CLAIM]) as server:
        server.fail(path, Fault(status=403))
        snapshot = read(server, tmp_path)
    gap = gaps_of(snapshot, GapKind.FORBIDDEN)[0]
    assert gap.source.endswith(path)
    assert missing in gap.reason
    assert path.rpartition("/")[2] in gap.remedy
    assert gap.scope is None


def with_token(name: str, token: str) -> Manifest:
    made: dict[str, Any] = pod("shop", name)
    source = {"projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}
    made["metadata"]["uid"] = name
    made["spec"] = {
        "volumes": [{"name": token, **source}],
        "containers": [{"name": "main", "volumeMounts": [{"name": token, "mountPath": "/t"}]}],
    }
    return made


def test_replicas_share_what_they_have_in_common(tmp_path: Path) -> None:
    pods = [with_token("a", "kube-api-access-abcde"), with_token("b", "kube-api-access-fghij")]
    with FakeAPIServer(pods) as server:
        first, second = read(server, tmp_path).pods
    assert first.spec.containers is second.spec.containers
    assert [each.name for each in first.spec.volumes] == [API_ACCESS_ANY]
    assert second.place.source == "/api/v1/namespaces/shop/pods/b"


def test_the_documented_role_lists_every_built_in_kind_and_no_secrets() -> None:
    text = DOCUMENTED.read_text().partition("```yaml\n")[2].partition("```")[0]
    rules = yaml.safe_load(text)["rules"]
    listed = {(group, resource) for rule in rules for group in rule["apiGroups"] for resource in rule["resources"]}
    assert {(group, plural_of(kind)) for group, kind in DECODERS} <= listed
    assert ("", "secrets") not in listed
