"""A description counts what is there, and a comparison names what is not the same."""

import json
from pathlib import Path
from typing import Any

from hypothesis import given

from firedoor.adapters.store import Change, ObjectChange, describe, diff_info, save
from firedoor.model.places import Gap, GapKind, Scope
from firedoor.model.snapshot import Origin
from tests.adapters.store.samples import snapshot_of
from tests.examples import some
from tests.strategies.clusters import clusters

Manifest = dict[str, Any]


def pod(name: str, image: str = "app:1", **metadata: Any) -> Manifest:
    return {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, **metadata},
        "spec": {"containers": [{"name": "main", "image": image}]},
    }  # fmt: skip


def policy(api_version: str, name: str = "p") -> Manifest:
    return {"apiVersion": api_version, "kind": "NetworkPolicy", "metadata": {"name": name}, "spec": {}}


def test_a_description_counts_objects_by_kind_and_gaps_by_reason(tmp_path: Path) -> None:
    gaps = (Gap(GapKind.FORBIDDEN, "a", "r", scope=Scope()), Gap(GapKind.UNREADABLE, "b", "r"))
    both = [policy("networking.k8s.io/v1"), policy("crd.antrea.io/v1beta1")]
    snapshot = snapshot_of([pod("a"), pod("b"), *both], Origin("cluster", ("s",), "t", "v"), *gaps)
    save(snapshot, tmp_path / "s")
    assert describe(tmp_path / "s") == describe(snapshot)
    assert json.loads(json.dumps(describe(snapshot))) == {
        "origin": {"kind": "cluster", "sources": ["s"], "captured_at": "t", "server_version": "v", "meant_for": ""},
        "objects": {"NetworkPolicy": 1, "NetworkPolicy.crd.antrea.io": 1, "Pod": 2},
        "other_objects": {"ConfigMap": 1},
        "gaps": {"total": 3, "by_kind": {"forbidden": 1, "unreadable": 1, "unsupported": 1}, "undecided": 2},
    }


@some
@given(clusters())
def test_a_snapshot_does_not_differ_from_itself_read_elsewhere(cluster: list[Manifest]) -> None:
    here = snapshot_of(cluster, Origin(), file="here.yaml")
    there = snapshot_of(cluster, Origin("cluster"), file="there.yaml")
    assert diff_info(here, there).changes == ()


def test_added_removed_and_changed_objects_are_named_with_the_parts_that_differ() -> None:
    old = snapshot_of([pod("gone"), pod("same", uid="1"), pod("other"), policy("networking.k8s.io/v1")], Origin())
    changed = pod("other", "app:2", labels={"app": "x"})
    new = snapshot_of([pod("came"), pod("same", uid="2"), changed, policy("projectcalico.org/v3")], Origin())
    diff = diff_info(old, new)
    assert diff.changes == (
        ObjectChange("NetworkPolicy", "default", "p", Change.REMOVED),
        ObjectChange("NetworkPolicy.projectcalico.org", "default", "p", Change.ADDED),
        ObjectChange("Pod", "default", "came", Change.ADDED),
        ObjectChange("Pod", "default", "gone", Change.REMOVED),
        ObjectChange("Pod", "default", "other", Change.CHANGED, ("metadata.labels", "spec.containers")),
    )
    assert diff.by_kind == {
        "NetworkPolicy": {"added": 0, "removed": 1, "changed": 0},
        "NetworkPolicy.projectcalico.org": {"added": 1, "removed": 0, "changed": 0},
        "Pod": {"added": 1, "removed": 1, "changed": 1},
    }


def test_objects_without_a_name_are_told_apart_by_their_order() -> None:
    made = {**pod(""), "metadata": {"generateName": "job-"}}
    one, two = snapshot_of([made], Origin()), snapshot_of([made, made], Origin())
    assert diff_info(one, two).changes == (ObjectChange("Pod", "default", "job-#2", Change.ADDED),)
