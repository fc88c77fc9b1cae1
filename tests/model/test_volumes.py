"""What lies in a pod by its volumes, and where persistent volumes lie."""

from __future__ import annotations

from typing import Any

from firedoor.model.decoding import decode
from firedoor.model.places import Place
from firedoor.model.volumes import PersistentVolume, PersistentVolumeClaim, Volume, VolumeDetails
from firedoor.model.workloads import Pod, Workload

PLACE = Place("x.yaml", 1, 1)


def volumes(*written: dict[str, Any]) -> tuple[Volume, ...]:
    found = decode({"apiVersion": "v1", "kind": "Pod", "spec": {"volumes": written}}, PLACE, "shop")
    assert isinstance(found, Pod)
    return found.spec.volumes


def test_every_volume_says_of_what_type_its_source_is() -> None:
    found = volumes(
        {"name": "h", "hostPath": {"path": "/var/run", "type": ""}},
        {"name": "e", "emptyDir": {"medium": "Memory"}},
        {"name": "c", "csi": {"driver": "d.example", "readOnly": True}},
        {"name": "p", "persistentVolumeClaim": {"claimName": "data"}},
        {"name": "n", "nfs": {"server": "10.0.0.1", "path": "/export"}},
        {"name": "new", "someDayOnly": {"items": [1]}},
        {"emptyDir": {}},
        {"name": "none"},
        {"name": "both", "emptyDir": {}, "hostPath": {"path": "/"}},
    )
    assert [(each.name, each.source) for each in found] == [
        ("h", "hostPath"),
        ("e", "emptyDir"),
        ("c", "csi"),
        ("p", "persistentVolumeClaim"),
        ("n", "nfs"),
        ("new", "someDayOnly"),
        ("", "emptyDir"),
        ("none", "emptyDir"),
        ("both", "emptyDir"),
        ("both", "hostPath"),
    ]
    assert found[0].details == VolumeDetails("/var/run", "")
    assert found[2].details == VolumeDetails(driver="d.example", read_only=True)
    assert found[3].details.claim_name == "data"


def test_a_source_that_is_no_object_has_no_details_and_a_name_that_is_one_is_no_name() -> None:
    (path,) = volumes({"name": {}, "hostPath": "/"})
    assert path == Volume("", "hostPath")


def test_the_secrets_of_a_volume_are_known_by_their_names() -> None:
    key, no_name, several, azure = volumes(
        {"name": "a", "secret": {"secretName": "key", "items": [{"key": "k", "path": "p"}]}},
        {"name": "b", "secret": {}},
        {
            "name": "c",
            "projected": {"sources": [{"secret": {"name": n}} for n in ("z", "a", "")] + [{"configMap": {}}]},
        },
        {"name": "d", "azureFile": {"secretName": "storage", "shareName": "s"}},
    )
    assert key.secret_names == ("key",)
    assert no_name.secret_names == ()
    assert several.secret_names == ("a", "z")
    assert azure.secret_names == ()


def test_a_token_is_for_the_api_server_where_no_audience_is_named() -> None:
    own, other = volumes(
        {"name": "a", "projected": {"sources": [{"serviceAccountToken": {"path": "t", "expirationSeconds": 600}}]}},
        {"name": "b", "projected": {"sources": [{"serviceAccountToken": {"path": "t", "audience": "vault"}}]}},
    )
    assert own.has_api_token
    assert not other.has_api_token
    token = own.details.sources[0].service_account_token
    assert token is not None
    assert (token.path, token.expiration_seconds) == ("t", 600)


def test_a_template_has_volumes_as_well() -> None:
    template = {"spec": {"volumes": [{"name": "h", "hostPath": {"path": "/"}}], "containers": []}}
    found = decode({"apiVersion": "apps/v1", "kind": "DaemonSet", "spec": {"template": template}}, PLACE, "shop")
    assert isinstance(found, Workload)
    assert found.template.spec.volumes == (Volume("h", "hostPath", VolumeDetails("/")),)


def test_a_persistent_volume_has_no_namespace_and_says_where_on_a_node_it_lies() -> None:
    spec = {
        "hostPath": {"path": "/data"},
        "claimRef": {"kind": "PersistentVolumeClaim", "namespace": "shop", "name": "db"},
        "storageClassName": "manual",
        "capacity": {"storage": "1Gi"},
    }
    metadata = {"name": "pv", "namespace": "wrong"}
    found = decode({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": metadata, "spec": spec}, PLACE, "shop")
    assert isinstance(found, PersistentVolume)
    assert (found.metadata.name, found.metadata.namespace, found.place) == ("pv", "", PLACE)
    assert found.spec.host_path == VolumeDetails("/data")
    assert found.spec.local is None
    assert found.spec.claim_ref is not None
    assert (found.spec.claim_ref.namespace, found.spec.claim_ref.name) == ("shop", "db")
    assert found.spec.storage_class_name == "manual"
    local = decode({"apiVersion": "v1", "kind": "PersistentVolume", "spec": {"local": {"path": "/ssd"}}}, PLACE, "")
    assert isinstance(local, PersistentVolume)
    assert local.spec.local == VolumeDetails("/ssd")


def test_a_claim_says_which_volume_it_got() -> None:
    document = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "db"}}
    found = decode({**document, "spec": {"volumeName": "pv", "accessModes": ["ReadWriteOnce"]}}, PLACE, "shop")
    assert isinstance(found, PersistentVolumeClaim)
    assert (found.metadata.namespace, found.spec.volume_name) == ("shop", "pv")
