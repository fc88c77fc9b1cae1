"""Pods that do not differ are looked at once."""

from __future__ import annotations

import msgspec
from tests.engine.posture.loading import context_of, load

from firedoor.model.snapshot import Snapshot

OWNED = """
apiVersion: v1
kind: Pod
metadata:
  namespace: shop
  name: NAME
  labels: {app: web}
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-1, uid: u, controller: true}]
spec: {containers: [{name: main, image: "IMAGE"}]}
"""


def pods(*images: str) -> str:
    written = (OWNED.replace("NAME", f"web-{number}").replace("IMAGE", image) for number, image in enumerate(images))
    return "\n---\n".join(written)


def test_replicas_are_one_crew_and_those_with_other_images_another() -> None:
    context = load(pods("web:1", "web:1", "web:2"))
    assert [each.member.name for each in context.crews] == ["web-0", "web-2"]
    assert [each.position for each in context.crews] == [0, 2]
    assert [each.member.name for each in context.first_crews] == ["web-0"]


def test_replicas_of_a_saved_snapshot_which_share_nothing_in_memory_are_one_crew_too() -> None:
    snapshot = load(pods("web:1", "web:1")).snapshot
    saved = msgspec.json.decode(msgspec.json.encode(snapshot), type=Snapshot)
    first, second = saved.pods
    assert first.spec.containers is not second.spec.containers
    assert len(context_of(saved).crews) == 1
