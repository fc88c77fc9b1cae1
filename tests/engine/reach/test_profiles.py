"""Members that policies cannot tell apart share a profile."""

from __future__ import annotations

from firedoor.engine.reach.network import Network
from firedoor.model.metadata import ObjectMeta
from firedoor.model.snapshot import Snapshot
from firedoor.model.workloads import Pod, PodStatus


def test_pods_that_share_their_labels_share_their_profile() -> None:
    shared = {"app": "web"}
    pods = tuple(Pod(ObjectMeta(name, "shop", shared), status=PodStatus("Running")) for name in ("a", "b", "c"))
    network = Network(Snapshot(pods=(*pods, Pod(ObjectMeta("d", "other", shared), status=PodStatus("Running")))))
    of = {member.name: network.profile_of[position] for position, member in enumerate(network.members)}
    assert of["a"] == of["b"] == of["c"] != of["d"]
