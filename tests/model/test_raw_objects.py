from __future__ import annotations

import json
from typing import Any

import pytest

from firedoor.adapters.manifests.source import ManifestSource
from firedoor.interfaces import Silent
from firedoor.model.custom_checks import CustomCheck, KindPattern
from firedoor.model.findings import Severity
from firedoor.model.places import ObjectRef, Place
from firedoor.model.raw_objects import RawObjects, is_cluster_wide

ANY = KindPattern("*", "Thing")


def taken(*values: dict[str, Any], kinds: tuple[KindPattern, ...] = (ANY,)) -> RawObjects:
    raw = RawObjects(kinds)
    for value in values:
        raw.take(value, Place("f", 1), "default")
    return raw


def thing(name: str = "a", **more: Any) -> dict[str, Any]:
    return {"apiVersion": "x/v1", "kind": "Thing", "metadata": {"name": name}, **more}


def test_objects_of_wanted_kinds_are_kept_in_order_with_the_namespace_they_get() -> None:
    raw = taken(thing("b"), thing("a"), {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}})
    assert [each.ref for each in raw.found] == [ObjectRef("Thing", "default", "a"), ObjectRef("Thing", "default", "b")]
    assert json.loads(raw.found[0].data)["metadata"] == {"name": "a", "namespace": "default"}


def test_a_later_object_replaces_an_earlier_one_and_generated_names_do_not() -> None:
    generated = {"apiVersion": "x/v1", "kind": "Thing", "metadata": {"generateName": "g-"}}
    raw = taken(thing(spec=1), thing(spec=2), generated, generated)
    assert [json.loads(each.data).get("spec") for each in raw.found] == [2, None, None]


def test_objects_outside_namespaces_get_none() -> None:
    raw = taken(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n", "namespace": "odd"}},
        kinds=(KindPattern("v1", "Namespace"),),
    )
    assert raw.found[0].ref == ObjectRef("Namespace", "", "n")
    assert "namespace" not in json.loads(raw.found[0].data)["metadata"]


@pytest.mark.parametrize(
    ("api_version", "kind", "expected"),
    [("v1", "Pod", False), ("v1", "Node", True), ("storage.k8s.io/v1", "StorageClass", True), ("x/v1", "Thing", False),
     ("x/v1", "ClusterThing", True), ("rbac.authorization.k8s.io/v1", "ClusterRole", True)],
)  # fmt: skip
def test_what_is_outside_namespaces_is_known(api_version: str, kind: str, expected: bool) -> None:
    assert is_cluster_wide(api_version, kind) is expected


def test_of_a_secret_no_contents_are_kept() -> None:
    applied = "kubectl.kubernetes.io/last-applied-configuration"
    secret = {
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque", "data": {"a": "eA=="}, "stringData": {"b": "x"},
        "metadata": {"name": "s", "annotations": {applied: "eA==", "team": "t"}},
    }  # fmt: skip
    bare = {"apiVersion": "v1", "kind": "Secret", "metadata": None, "data": {"a": "eA=="}}
    found = taken(secret, bare, kinds=(KindPattern("v1", "Secret"),)).found
    assert [json.loads(each.data) for each in found] == [
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": "default"}},
        {"apiVersion": "v1", "kind": "Secret", "type": "Opaque",
         "metadata": {"name": "s", "namespace": "default", "annotations": {"team": "t"}}},
    ]  # fmt: skip


def test_what_is_no_json_is_a_gap() -> None:
    raw = taken(thing(spec="\ud800"))
    assert raw.found == ()
    (gap,) = raw.gaps
    assert gap.object == ObjectRef("Thing", "default", "a")
    assert "custom checks do not see it" in gap.reason


def test_a_list_of_any_size_keeps_the_same_objects() -> None:
    pods = [
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"p{each}", "uid": uid, "namespace": "shop"},
         "spec": {"containers": [{"name": "c", "image": "x" * size, "args": None}]}}
        for each, uid in enumerate(("", "u1", "u2"))
        for size in (3,)
    ]  # fmt: skip
    kept = []
    for padding in (0, 2_000_000):
        for wrapped in (True, False):
            document: Any = {"apiVersion": "v1", "kind": "List", "items": pods, "metadata": {"x": "y" * padding}}
            if not wrapped:
                document = {"kind": "PodList", "apiVersion": "v1", "metadata": {"x": "y" * padding}, "items": [
                    {key: value for key, value in pod.items() if key not in {"kind", "apiVersion"}} for pod in pods
                ]}  # fmt: skip
            raw = RawObjects([KindPattern("v1", "Pod")])
            snapshot = ManifestSource(("-",), json.dumps(document).encode(), raw=raw).load(Silent())
            assert len(snapshot.pods) == 3
            kept.append([(each.ref, json.loads(each.data)) for each in raw.found])
    assert len(kept[0]) == 3
    assert "args" not in kept[0][0][1]["spec"]["containers"][0]
    assert kept[0] == kept[1] == kept[2] == kept[3]


def test_a_check_is_for_kinds_and_namespaces() -> None:
    kinds = (KindPattern("apps/*", "Deployment"),)
    check = CustomCheck("custom/a", "t", Severity.LOW, "w", "f", kinds, "true", ("team-*",))
    assert check.is_for("apps/v1", ObjectRef("Deployment", "team-a", "x"))
    assert not check.is_for("apps/v1", ObjectRef("Deployment", "shop", "x"))
    assert not check.is_for("apps/v1", ObjectRef("StatefulSet", "team-a", "x"))
    assert not check.is_for("extensions/v1beta1", ObjectRef("Deployment", "team-a", "x"))
    anywhere = CustomCheck("custom/a", "t", Severity.LOW, "w", "f", kinds, "true")
    assert anywhere.is_for("apps/v1", ObjectRef("Deployment", "", "x"))
    assert "References\n----------" in anywhere.docs
