"""Volumes and claims are rejected for what the API server rejects."""

from typing import Any

import pytest

from .samples import assert_rejected, problems_of

V = "spec.volumes[0]"
FILE = {"key": "a", "path": "a"}
NAME = {"fieldRef": {"fieldPath": "metadata.name"}}
CLAIM = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}


def volume(**source: Any) -> list[dict[str, Any]]:
    return [{"name": "data", **source}]


def projected(*sources: dict[str, Any]) -> list[dict[str, Any]]:
    return volume(projected={"sources": list(sources)})


SOURCES: list[tuple[list[dict[str, Any]], str, str]] = [
    (volume(configMap={}), ".configMap.name", "Required value"),
    (volume(secret={}), ".secret.secretName", "Required value"),
    (volume(persistentVolumeClaim={"claimName": ""}), ".persistentVolumeClaim.claimName", "Required value"),
    (volume(nfs={"server": "", "path": "a"}), ".nfs.server", "Required value"),
    (volume(nfs={"server": "a", "path": "a"}), ".nfs.path", "must be an absolute path"),
    (volume(hostPath={"path": ""}), ".hostPath.path", "Required value"),
    (volume(hostPath={"path": "/a/../b"}), ".hostPath.path", "must not contain '..'"),
    (volume(hostPath={"path": "/a", "type": "Dir"}), ".hostPath.type", 'Unsupported value: "Dir"'),
    (volume(emptyDir={"sizeLimit": "-1"}), ".emptyDir.sizeLimit", "must be a valid resource quantity"),
    (volume(emptyDir={"sizeLimit": "x"}), ".emptyDir.sizeLimit", "quantities must match"),
    (volume(emptyDir={}, secret={"secretName": "a"}), ".secret", "may not specify more than 1 volume type"),
    (volume(gitRepo={"repository": "a", "directory": "/a"}), ".gitRepo.directory", "must be a relative path"),
    (
        volume(awsElasticBlockStore={"volumeID": "a", "partition": 256}),
        ".awsElasticBlockStore.partition",
        "must be between 0 and 255",
    ),
    (volume(csi={"driver": "a_b"}), ".csi.driver", "RFC 1123 subdomain"),
    (volume(csi={"driver": "a" * 64}), ".csi.driver", "at most 63 bytes"),
    (volume(csi={"driver": "a", "nodePublishSecretRef": {}}), ".csi.nodePublishSecretRef.name", "Required value"),
    (volume(csi={"driver": "a", "nodePublishSecretRef": {"name": "A"}}), ".csi.name", "RFC 1123 subdomain"),
    (volume(image={"reference": "", "pullPolicy": "Never"}), ".image.reference", "Required value"),
    (volume(image={"reference": "a", "pullPolicy": "x"}), ".image.pullPolicy", "Unsupported value"),
    (volume(fc={}), ".fc.targetWWNs", "must specify either targetWWNs or wwids, but not both"),
    (volume(fc={"targetWWNs": ["a"], "wwids": ["b"]}), ".fc.targetWWNs", "can not be specified simultaneously"),
    (volume(fc={"targetWWNs": ["a"]}), ".fc.lun", "lun is required if targetWWNs is specified"),
    (volume(fc={"targetWWNs": ["a"], "lun": 300}), ".fc.lun", "must be between 0 and 255"),
    (volume(configMap={"name": "a", "defaultMode": 512}), ".configMap.defaultMode", "between 0 and 0777 (octal)"),
    (volume(configMap={"name": "a", "items": [{"key": "", "path": "a"}]}), ".configMap.items[0].key", "Required value"),
    (volume(secret={"secretName": "a", "items": [FILE | {"path": ""}]}), ".secret.items[0].path", "Required value"),
    (
        volume(secret={"secretName": "a", "items": [FILE | {"path": "..a"}]}),
        ".secret.items[0].path",
        "must not start with '..'",
    ),
    (volume(secret={"secretName": "a", "items": [FILE | {"mode": -1}]}), ".secret.items[0].mode", "0777 (octal)"),
    (
        volume(downwardAPI={"items": [{"path": "a"}]}),
        ".downwardAPI",
        "one of fieldRef and resourceFieldRef is required",
    ),
    (volume(downwardAPI={"items": [NAME | {"path": ""}]}), ".downwardAPI.path", "Required value"),
    (
        volume(downwardAPI={"items": [{"path": "a", "resourceFieldRef": {"resource": "limits.cpu"}}]}),
        ".downwardAPI.resourceFieldRef.containerName",
        "Required value",
    ),
    (
        volume(
            downwardAPI={
                "items": [NAME | {"path": "a", "resourceFieldRef": {"resource": "limits.cpu", "containerName": "a"}}]
            }
        ),
        ".downwardAPI",
        "fieldRef and resourceFieldRef can not be specified simultaneously",
    ),
    (
        volume(downwardAPI={"items": [{"path": "a", "fieldRef": {"fieldPath": "status.podIP"}}]}),
        ".downwardAPI.fieldRef.fieldPath",
        "Unsupported value",
    ),
    (projected({"secret": {}}), ".projected.sources[0].secret.name", "Required value"),
    (
        projected({"secret": {"name": "a", "items": [FILE]}}, {"configMap": {"name": "a", "items": [FILE]}}),
        ".projected",
        "conflicting duplicate paths",
    ),
    (
        projected({"secret": {"name": "a"}, "configMap": {"name": "a"}}),
        ".projected.sources[0]",
        "may not specify more than 1 volume type per source",
    ),
    (projected({"downwardAPI": {"items": [{"path": "a"}]}}), ".projected.sources[0].downwardAPI", "is required"),
    (
        projected({"serviceAccountToken": {"path": "a", "expirationSeconds": 60}}),
        ".projected.sources[0].serviceAccountToken.expirationSeconds",
        "may not specify a duration less than 10 minutes",
    ),
    (
        projected({"serviceAccountToken": {"path": "a", "expirationSeconds": 2**33}}),
        ".projected.sources[0].serviceAccountToken.expirationSeconds",
        "may not specify a duration larger than 2^32 seconds",
    ),
    (projected({"serviceAccountToken": {"path": ""}}), ".projected.path", "Required value"),
    (projected({"serviceAccountToken": {"path": "/a"}}), ".projected.path", "must be a relative path"),
    (
        projected({"clusterTrustBundle": {"path": "a"}}),
        ".projected.sources[0].clusterTrustBundle",
        "either name or signerName must be specified",
    ),
    (
        projected({"clusterTrustBundle": {"path": "a", "name": "a", "signerName": "a.b/c"}}),
        ".projected.sources[0].clusterTrustBundle",
        "only one of name and signerName may be used",
    ),
    (
        projected({"clusterTrustBundle": {"path": "", "name": "a", "labelSelector": {}}}),
        ".projected.sources[0].clusterTrustBundle.labelSelector",
        "labelSelector must be unset if name is specified",
    ),
    (volume(ephemeral={}), ".ephemeral.volumeClaimTemplate", "Required value"),
    (
        volume(ephemeral={"volumeClaimTemplate": {"spec": {}}}),
        ".ephemeral.volumeClaimTemplate.spec.accessModes",
        "at least 1 access mode is required",
    ),
    (
        volume(ephemeral={"volumeClaimTemplate": {"metadata": {"name": "a"}, "spec": CLAIM}}),
        ".ephemeral.volumeClaimTemplate.metadata.name",
        "cannot be set",
    ),
    (
        [
            *volume(ephemeral={"volumeClaimTemplate": {"spec": CLAIM}}),
            {"name": "b", "persistentVolumeClaim": {"claimName": "web-data"}},
        ],
        "|spec.volumes[1].persistentVolumeClaim.claimName",
        "must not reference a PVC that gets created for an ephemeral volume",
    ),
    ([{"name": "data"}, {"name": "data"}], "|spec.volumes[1].name", 'Duplicate value: "data"'),
    ([{"name": "data"}, {"name": ""}], "|spec.volumes[1].name", "Required value"),
    ([{"name": "data"}, {"name": "A"}], "|spec.volumes[1].name", "RFC 1123 label"),
]


@pytest.mark.parametrize("case", SOURCES, ids=lambda case: f"{str(case[0])[:80]}{case[1]}")
def test_a_spoiled_volume_is_rejected(case: tuple[list[dict[str, Any]], str, str]) -> None:
    volumes, place, words = case
    path = place[1:] if place.startswith("|") else V + place
    assert_rejected(("Pod", "spec.volumes", volumes, path, words))


def test_a_volume_without_a_source_is_an_empty_directory() -> None:
    assert problems_of("Pod", "spec.volumes", [{"name": "data"}]) == {}


def test_the_name_of_the_claim_of_an_ephemeral_volume_has_a_limit() -> None:
    source = volume(ephemeral={"volumeClaimTemplate": {"spec": CLAIM}})
    assert problems_of("Pod", "spec.volumes", source) == {}
    spec = {"containers": [{"name": "a", "image": "b"}], "volumes": source}
    assert problems_of("PodTemplate", "template.spec", spec) == {}


def claim(**fields: Any) -> dict[str, Any]:
    return CLAIM | fields


CLAIMS: list[tuple[dict[str, Any], str, str]] = [
    (claim(accessModes=[]), "accessModes", "at least 1 access mode is required"),
    (claim(accessModes=["UDP"]), "accessModes", 'Unsupported value: "UDP": supported values: "ReadOnlyMany"'),
    (
        claim(accessModes=["ReadWriteOncePod", "ReadWriteOnce"]),
        "accessModes",
        "may not use ReadWriteOncePod with other",
    ),
    (claim(resources={}), "resources[storage]", "Required value"),
    (claim(resources={"requests": {"storage": 0}}), "resources[storage]", "must be greater than zero"),
    (claim(resources={"requests": {"storage": None}}), "resources[storage]", "must be greater than zero"),
    (claim(resources={"requests": {"storage": "x"}}), "resources.requests.storage", "quantities must match"),
    (claim(storageClassName="A"), "storageClassName", "RFC 1123 subdomain"),
    (claim(volumeMode="File"), "volumeMode", '"Block", "Filesystem"'),
    (claim(selector={"matchLabels": {"a b": "c"}}), "selector.matchLabels", "name part must consist of"),
    (claim(dataSource={"kind": "Old", "name": ""}), "dataSource.name", "Required value"),
    (claim(dataSource={"kind": "Old", "name": "a"}), "dataSource", "must be 'PersistentVolumeClaim' when"),
    (claim(dataSource={"apiGroup": "A", "kind": "Old", "name": "a"}), "dataSource.apiGroup", "RFC 1123 subdomain"),
    (claim(dataSourceRef={"kind": "", "name": "a"}), "dataSourceRef.kind", "Required value"),
    (
        claim(dataSourceRef={"apiGroup": "a.b", "kind": "Old", "name": "a", "namespace": "A"}),
        "dataSourceRef.namespace",
        "RFC 1123 label",
    ),
]


@pytest.mark.parametrize("case", CLAIMS, ids=lambda case: f"{case[1]}:{case[2]}")
def test_a_spoiled_claim_is_rejected(case: tuple[dict[str, Any], str, str]) -> None:
    spec, place, words = case
    assert_rejected(("PersistentVolumeClaim", "spec", spec, f"spec.{place}", words))


def test_claims_of_a_stateful_set_are_checked_since_1_35() -> None:
    claims = [{"metadata": {"name": "more"}, "spec": claim(accessModes=["UDP"])}]
    place = "spec.volumeClaimTemplates"
    assert list(problems_of("StatefulSet", place, claims, "1.35")) == [f"{place}[0].spec.accessModes"]
    assert problems_of("StatefulSet", place, claims, "1.34") == {}


def test_claims_of_a_stateful_set_have_names_and_take_the_place_of_volumes() -> None:
    place = "spec.volumeClaimTemplates"
    for metadata in ({}, {"name": "A"}):
        found = problems_of("StatefulSet", place, [{"metadata": metadata, "spec": CLAIM}])
        assert list(found) == [f"{place}[0].metadata.name"]
    assert problems_of("StatefulSet", place, [{"metadata": {"name": "data"}, "spec": CLAIM}]) == {}
