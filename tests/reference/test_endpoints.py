"""Which endpoints the reference finds, written down by hand."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest

from tests.reference.endpoints import NamedPort, pods
from tests.reference.manifests import Manifest
from tests.reference.samples import host_pod, node, pod, serving, workload


def names(*cluster: Manifest) -> list[str]:
    return [f"{found.kind}/{found.name}" for found in pods(list(cluster))]


def owned_by(kind: str, version: str, name: str, **metadata: Any) -> Manifest:
    owner = {"apiVersion": version, "kind": kind, "name": name, "controller": True}
    return {"ownerReferences": [owner], **metadata}


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        (None, True),
        ({"phase": "Running"}, True),
        ({"phase": "Unknown"}, True),
        ({"phase": "Pending"}, False),
        ({"phase": "Pending", "podIP": None}, False),
        ({"phase": "Pending", "podIP": "10.0.0.1"}, True),
        ({"phase": "Pending", "podIPs": [{"ip": "10.0.0.1"}]}, True),
        ({"phase": "Pending", "hostIP": "192.168.0.10"}, False),
        ({"phase": "Succeeded", "podIP": "10.0.0.1"}, False),
        ({"phase": "Failed", "podIP": "10.0.0.1"}, False),
    ],
)
def test_a_pod_counts_until_it_finished_and_once_it_may_have_an_address(
    status: Manifest | None, *, counts: bool
) -> None:
    assert names(pod("a", status=status)) == (["Pod/a"] if counts else [])


def test_a_terminating_pod_still_counts() -> None:
    terminating = pod("a", metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"})
    assert names(terminating) == ["Pod/a"]


@pytest.mark.parametrize("namespace", [None, ""])
def test_a_pod_without_namespace_lives_in_default(namespace: str | None) -> None:
    assert pods([pod("a", namespace)])[0].namespace == "default"


def test_a_null_label_value_is_the_empty_string() -> None:
    assert pods([pod("a", labels={"app": None})])[0].labels == {"app": ""}


@pytest.mark.parametrize(
    ("kind", "version"),
    [
        ("Deployment", "apps/v1"),
        ("ReplicaSet", "apps/v1"),
        ("DaemonSet", "apps/v1"),
        ("ReplicationController", "v1"),
    ],
)
def test_a_workload_without_live_pods_is_represented_by_one_pod_of_its_template(kind: str, version: str) -> None:
    (found,) = pods([workload(kind, version, labels={"app": "x"}, replicas=3)])
    assert (found.kind, found.name, found.labels) == (kind, "app", {"app": "x"})


def test_a_job_labels_its_pods_with_its_name() -> None:
    (found,) = pods([workload("Job", "batch/v1")])
    assert found.labels == {"app": "x", "job-name": "app", "batch.kubernetes.io/job-name": "app"}


def test_a_cronjob_is_represented_by_the_template_inside_its_job_template() -> None:
    job = workload("Job", "batch/v1")["spec"]
    cron = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "app"},
        "spec": {"jobTemplate": {"spec": job}},
    }
    (found,) = pods([cron])
    assert (found.kind, found.labels) == ("CronJob", {"app": "x"})


@pytest.mark.parametrize(
    ("spec", "ordinals"),
    [
        ({}, ["0"]),
        ({"replicas": None, "ordinals": None}, ["0"]),
        ({"replicas": 2}, ["0", "1"]),
        ({"replicas": 2, "ordinals": {"start": 5}}, ["5", "6"]),
        ({"replicas": 0}, []),
    ],
)
def test_a_statefulset_has_one_named_pod_per_replica(spec: Manifest, ordinals: list[str]) -> None:
    found = pods([workload("StatefulSet", "apps/v1", **spec)])
    assert [p.name for p in found] == [f"app-{ordinal}" for ordinal in ordinals]
    for replica, ordinal in zip(found, ordinals, strict=True):
        assert replica.labels == {
            "app": "x",
            "statefulset.kubernetes.io/pod-name": f"app-{ordinal}",
            "apps.kubernetes.io/pod-index": ordinal,
        }


def test_a_live_pod_replaces_the_template_of_its_owner() -> None:
    live = pod("app-x1", metadata=owned_by("DaemonSet", "apps/v1", "app"))
    assert names(workload("DaemonSet", "apps/v1"), live) == ["Pod/app-x1"]


def test_a_finished_pod_does_not_replace_the_template_of_its_owner() -> None:
    finished = pod("app-x1", metadata=owned_by("DaemonSet", "apps/v1", "app"), status={"phase": "Failed"})
    assert names(workload("DaemonSet", "apps/v1"), finished) == ["DaemonSet/app"]


@pytest.mark.parametrize(
    "owner",
    [
        owned_by("DaemonSet", "apps/v1", "other"),
        owned_by("StatefulSet", "apps/v1", "app"),
        owned_by("DaemonSet", "example.test/v1", "app"),
        owned_by("DaemonSet", "apps/v1", "app", namespace="elsewhere"),
    ],
)
def test_a_pod_of_another_owner_leaves_the_template_in_place(owner: Manifest) -> None:
    assert "DaemonSet/app" in names(workload("DaemonSet", "apps/v1"), pod("app-x1", metadata=owner))


def test_a_live_pod_replaces_the_template_of_a_deployment_through_its_replicaset() -> None:
    replicaset = workload("ReplicaSet", "apps/v1")
    replicaset["metadata"] = {"name": "app-rs", **owned_by("Deployment", "apps/v1", "app")}
    live = pod("app-rs-x1", metadata=owned_by("ReplicaSet", "apps/v1", "app-rs"))
    assert names(workload("Deployment", "apps/v1"), replicaset, live) == ["Pod/app-rs-x1"]


def test_a_live_pod_names_its_deployment_when_the_replicaset_is_not_listed() -> None:
    live = pod(
        "app-5d4f8-x1",
        labels={"pod-template-hash": "5d4f8"},
        metadata=owned_by("ReplicaSet", "apps/v1", "app-5d4f8"),
    )
    assert names(workload("Deployment", "apps/v1"), live) == ["Pod/app-5d4f8-x1"]


def test_a_replicaset_without_pods_is_represented_by_its_deployment() -> None:
    replicaset = workload("ReplicaSet", "apps/v1")
    replicaset["metadata"] = {"name": "app-rs", **owned_by("Deployment", "apps/v1", "app")}
    assert names(workload("Deployment", "apps/v1"), replicaset) == ["Deployment/app"]
    assert names(replicaset) == ["ReplicaSet/app-rs"]


def test_a_kind_of_another_group_is_no_workload() -> None:
    assert names(workload("Job", "batch.volcano.test/v1alpha1")) == []


def test_objects_inside_a_list_count() -> None:
    assert names({"apiVersion": "v1", "kind": "List", "items": [pod("a"), pod("b")]}) == ["Pod/a", "Pod/b"]


def test_containers_and_native_sidecars_declare_named_ports_and_nothing_else_does() -> None:
    (found,) = pods(
        [
            pod(
                "a",
                containers=[serving("web", 80), {"name": "silent", "ports": [{"containerPort": 81}, None]}],
                initContainers=[
                    serving("setup", 82),
                    serving("proxy", 83, "UDP") | {"restartPolicy": "Always"},
                ],
                ephemeralContainers=[serving("debug", 84)],
            )
        ]
    )
    assert found.named_ports == (NamedPort("web", "TCP", 80), NamedPort("proxy", "UDP", 83))


@pytest.mark.parametrize(
    ("status", "more", "expected"),
    [
        (
            {"podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}, {"ip": "fd00::1"}]},
            {},
            ["10.0.0.1", "fd00::1"],
        ),
        ({"podIP": "::ffff:10.0.0.1"}, {}, ["10.0.0.1"]),
        ({"podIP": "", "hostIP": "192.168.0.10"}, {}, []),
        (None, {"nodeName": "n1"}, []),
    ],
)
def test_an_ordinary_pod_has_its_own_addresses_only(
    status: Manifest | None, more: Manifest, expected: list[str]
) -> None:
    (found,) = pods([pod("a", status=status, **more), node("n1", "192.168.0.10")])
    assert found.addresses == tuple(ip_address(text) for text in expected)


@pytest.mark.parametrize(
    ("status", "more", "expected"),
    [
        ({"hostIP": "192.168.0.10"}, {}, ["192.168.0.10"]),
        ({"hostIPs": [{"ip": "192.168.0.10"}]}, {}, ["192.168.0.10"]),
        ({"podIP": "192.168.0.10"}, {}, ["192.168.0.10"]),
        (None, {"nodeName": "n1"}, ["192.168.0.10", "fd00::10"]),
        (None, {"nodeName": "n2"}, []),
        (None, {}, []),
    ],
)
def test_a_pod_on_the_host_network_has_the_addresses_of_its_node(
    status: Manifest | None, more: Manifest, expected: list[str]
) -> None:
    (found,) = pods([host_pod("a", status=status, **more), node("n1", "192.168.0.10", "fd00::10")])
    assert found.addresses == tuple(ip_address(text) for text in expected)
