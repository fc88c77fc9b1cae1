"""Pods of a large list share equal parts, and stay apart where they must."""

from __future__ import annotations

import json
from typing import Any

from firedoor.model.bulk_decoding import MOST_FOLLOWED, KindWay, PodWay
from firedoor.model.population import members
from firedoor.model.snapshot import Snapshot
from firedoor.model.workloads import Pod

NOT_IMPLIED = ("", "")


def _pod(name: str, owner: str, **metadata: Any) -> dict[str, Any]:
    owners = [{"apiVersion": "v1", "kind": owner, "name": "owner", "uid": "o", "controller": True}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": "shop",
            "uid": name,
            "labels": {"app": "web"},
            "ownerReferences": owners,
            **metadata,
        },
        "spec": {"containers": [{"name": "main", "ports": [{"containerPort": 80, "name": "http"}]}]},
        "status": {"phase": "Running", "podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}]},
    }


def _read(*manifests: dict[str, Any]) -> list[Pod]:
    way = PodWay("list.json", "default")
    found = [way.decode(json.dumps(each).encode(), line, NOT_IMPLIED) for line, each in enumerate(manifests, start=1)]
    return [each for each in found if each is not None]


def test_replicas_share_what_they_have_in_common() -> None:
    first, second = _read(_pod("a", "ReplicaSet"), _pod("b", "ReplicaSet"))
    assert first.metadata.labels is second.metadata.labels
    assert first.metadata.owner_references is second.metadata.owner_references
    assert first.spec.containers is second.spec.containers
    one, other = members(Snapshot(pods=(first, second)))
    assert (one.name, other.name) == ("a", "b")
    assert one.workload is other.workload
    assert one.ports == (("http", "TCP", 80),)
    assert one.addresses == ("10.0.0.1",)


def test_pods_that_a_node_owns_are_workloads_of_their_own() -> None:
    found = members(Snapshot(pods=tuple(_read(_pod("a", "Node"), _pod("b", "Node")))))
    assert [(each.workload.kind, each.workload.name) for each in found] == [("Pod", "a"), ("Pod", "b")]


def test_what_was_never_served_or_is_not_plain_is_not_read_this_way() -> None:
    assert not _read(_pod("a", "Job", uid=""), _pod("a", "Job", labels=None), {**_pod("a", "Job"), "kind": "Node"})
    assert not _read({**_pod("a", "Job"), "status": {"phase": 5}})
    way = KindWay("", "Node", "list.json", "default")
    assert way.decode(b'{"apiVersion": "v1", "kind": "Node", "metadata": {"uid": 5}}', 1, NOT_IMPLIED) is None
    assert way.decode(b'{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a"}}', 1, NOT_IMPLIED) is None


def test_an_element_need_not_repeat_the_kind_of_its_list() -> None:
    way = KindWay("", "Node", "list.json", "default")
    found = way.decode(b'{"metadata": {"uid": "u", "name": "a"}}', 3, ("v1", "Node"))
    assert found is not None
    assert (found.metadata.name, str(found.place)) == ("a", "list.json:3")


def test_what_reads_pods_one_by_one_says_when_it_knows_too_many_workloads() -> None:
    way = PodWay("", "default")
    for number in range(MOST_FOLLOWED):
        assert not way.is_full
        for replica in "ab":
            labels = {"app": f"web-{number}"}
            each = _pod(f"web-{number}-{replica}", "ReplicaSet", labels=labels)
            assert way.decode(json.dumps(each).encode(), 1, NOT_IMPLIED)
    assert way.is_full
