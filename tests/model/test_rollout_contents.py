from __future__ import annotations

from typing import Any

from firedoor.model.rollout import FieldChange, PolicyRef, is_applied
from firedoor.model.rollout_contents import APPLY, content, field_changes, is_ours, is_same, marked, ref_of, restoring


def made(spec: Any = None, **metadata: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"}
    return {**found, "metadata": {"name": "a", "namespace": "shop", **metadata}, "spec": spec or {"podSelector": {}}}


def test_policies_are_applied_and_nothing_else() -> None:
    assert is_applied("networking.k8s.io", "NetworkPolicy")
    assert is_applied("policy.networking.k8s.io", "AdminNetworkPolicy")
    assert is_applied("projectcalico.org", "GlobalNetworkSet")
    assert is_applied("cilium.io", "CiliumNetworkPolicy")
    assert is_applied("security.istio.io", "PeerAuthentication")
    assert not is_applied("projectcalico.org", "HostEndpoint")
    assert not is_applied("crd.antrea.io", "NetworkPolicy")
    assert not is_applied("k8s.cni.cncf.io", "NetworkAttachmentDefinition")
    assert not is_applied("networking.k8s.io", "Ingress")
    assert not is_applied("", "Secret")


def test_content_is_what_people_write() -> None:
    found = {**made(uid="1", resourceVersion="2", generation=3, managedFields=[1], labels={}), "status": {"x": 1}}
    assert content(found) == made()
    assert content(None) is None
    assert is_same(found, made())
    assert not is_same(found, None)
    assert not is_same(made(labels={"a": "b"}), made())


def test_what_is_sent_carries_the_label_and_the_mark() -> None:
    sent = marked(made(labels={"a": "b"}, resourceVersion="7"), "id-1")
    assert sent["metadata"] == {
        "name": "a",
        "namespace": "shop",
        "labels": {"a": "b", "app.kubernetes.io/managed-by": "firedoor"},
        "annotations": {APPLY: "id-1"},
    }
    assert is_ours(sent)
    assert not is_ours(made(labels=None))
    assert str(ref_of(sent)) == "NetworkPolicy shop/a"
    assert ref_of(sent) == PolicyRef("networking.k8s.io/v1", "NetworkPolicy", "shop", "a")


def test_fields_that_differ_are_told_lists_as_a_whole_and_the_mark_not_at_all() -> None:
    old = made({"podSelector": {"matchLabels": {"app.kubernetes.io/name": "x"}}, "ingress": [1]})
    new = made({"podSelector": {"matchLabels": {"app.kubernetes.io/name": "y"}}, "ingress": [1, 2]}, labels={"a": "b"})
    assert field_changes(old, new) == (
        FieldChange("metadata.labels", None, {"a": "b"}),
        FieldChange("spec.ingress", [1], [1, 2]),
        FieldChange("spec.podSelector.matchLabels[app.kubernetes.io/name]", "x", "y"),
    )
    marks = [made(annotations={APPLY: each}) for each in "12"]
    assert field_changes(made(), marks[0]) == field_changes(marks[0], marks[1]) == ()
    both = made(annotations={APPLY: "1", "b": "c"})
    assert field_changes(made(), both) == (FieldChange("metadata.annotations", None, {APPLY: "1", "b": "c"}),)
    assert field_changes(marks[0], both) == (FieldChange("metadata.annotations.b", None, "c"),)
    assert field_changes(both, made(annotations={"b": "c"})) == ()


def test_a_patch_restores_what_was_and_names_the_version_it_is_for() -> None:
    now = made({"podSelector": {}}, resourceVersion="7", labels={"a": "b"}, finalizers=["x"], uid="new")
    before = made({"podSelector": {"matchLabels": {}}}, resourceVersion="3", annotations={"a/b": "c"}, finalizers=["x"])
    now["specs"], now["a/b~c"], before["status"] = [1], 1, {}
    assert restoring(now, before) == [
        {"op": "test", "path": "/metadata/resourceVersion", "value": "7"},
        {"op": "add", "path": "/metadata/annotations", "value": {"a/b": "c"}},
        {"op": "remove", "path": "/metadata/labels"},
        {"op": "remove", "path": "/a~1b~0c"},
        {"op": "add", "path": "/spec", "value": {"podSelector": {"matchLabels": {}}}},
        {"op": "remove", "path": "/specs"},
    ]
