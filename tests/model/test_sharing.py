"""Pods that come one by one share with their replicas what those of a list share."""

from __future__ import annotations

import msgspec
import pytest

from firedoor.model import sharing as module
from firedoor.model.sharing import PodSharing
from firedoor.model.workloads import Pod
from tests.loading import snapshot_of

POD = """
apiVersion: v1
kind: Pod
metadata:
  name: NAME
  namespace: shop
  labels: {app: web}
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-1, uid: u, controller: true}]
spec: {nodeName: NODE, containers: [{name: a, image: "a:1", ports: [{containerPort: 80}]}]}
status: {phase: Running}
"""


def pod(name: str, node: str = "n1") -> Pod:
    (found,) = snapshot_of(POD.replace("NAME", name).replace("NODE", node)).pods
    return found


def test_replicas_share_what_they_have_in_common() -> None:
    sharing = PodSharing()
    first = pod("one")
    sharing.learn([first])
    second = pod("two", "n2")
    shared = sharing.shared(second)
    assert shared == second
    assert shared.metadata.labels is first.metadata.labels
    assert shared.metadata.owner_references is first.metadata.owner_references
    assert shared.metadata.namespace is first.metadata.namespace
    assert shared.spec.containers is first.spec.containers
    assert shared.spec.node_name == "n2"


def test_what_differs_is_its_own() -> None:
    sharing = PodSharing()
    first, other = pod("one"), pod("two")
    sharing.learn([first])
    spec = msgspec.structs.replace(other.spec, host_network=True)
    metadata = msgspec.structs.replace(other.metadata, labels={"app": "other"})
    other = msgspec.structs.replace(other, spec=spec, metadata=metadata)
    shared = sharing.shared(other)
    assert shared == other
    assert shared.spec.containers is first.spec.containers
    assert shared.metadata.labels == {"app": "other"}


def test_owners_that_are_gone_are_forgotten_one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SPARE", 2)
    sharing = PodSharing()
    sharing.learn([pod("one")])
    alone = [
        msgspec.structs.replace(each, metadata=msgspec.structs.replace(each.metadata, owner_references=()))
        for each in map(pod, ("a", "b", "c"))
    ]
    full = [sharing.is_full]
    for each in alone[:2]:
        assert sharing.shared(each) is each
        full.append(sharing.is_full)
    sharing.learn([])
    assert [*full, sharing.is_full] == [False, False, True, False]
    assert sharing.shared(alone[0]) is alone[0]
