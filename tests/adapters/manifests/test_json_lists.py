"""Large lists, as ``kubectl get -o json`` prints them: the fast way finds what the general way finds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from firedoor.adapters.manifests import source
from firedoor.adapters.manifests.source import load_text
from firedoor.model.places import GapKind


@pytest.fixture(autouse=True)
def _every_list_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "LARGE_JSON", 1)


def _pod(name: str, **metadata: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "uid": f"uid-{name}", **metadata},
        "spec": {"containers": [{"name": "main", "image": "registry.test/app:1"}]},
        "status": {"phase": "Running", "podIP": "10.0.0.1"},
    }


def _list(*items: dict[str, Any], kind: str = "List") -> str:
    return json.dumps({"apiVersion": "v1", "items": items, "kind": kind}, indent=2)


def test_a_list_above_a_mebibyte_is_read_item_by_item_with_their_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    pods = [_pod(f"pod-{number:04}", labels={"app": "x" * 60}) for number in range(3000)]
    text = _list(*pods)
    assert len(text) > source.LARGE_JSON
    snapshot = load_text(text)
    assert len(snapshot.pods) == 3000
    assert not snapshot.gaps
    lines = text.splitlines()
    for pod in (snapshot.pods[0], snapshot.pods[1234], snapshot.pods[-1]):
        around = "\n".join(lines[pod.place.line - 1 : pod.place.line + 6])
        assert lines[pod.place.line - 1].strip() == "{"
        assert f'"{pod.metadata.name}"' in around
        assert pod.metadata.namespace == "default"


def test_the_fast_way_and_the_general_way_make_the_same_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "p", "namespace": "a", "uid": "u"},
        "spec": {"podSelector": {}, "ingress": [{"from": [{"podSelector": {}}]}]},
    }
    text = _list(_pod("one", namespace="a"), policy, _pod("two", labels=None))
    fast = load_text(text)
    monkeypatch.undo()
    general = load_text(text)
    assert fast.pods == general.pods or [each.metadata for each in fast.pods] == [
        each.metadata for each in general.pods
    ]
    assert [each.spec for each in fast.network_policies] == [each.spec for each in general.network_policies]
    assert fast.gaps == general.gaps == ()


def test_elements_of_a_typed_list_have_its_kind() -> None:
    bare = {key: value for key, value in _pod("one").items() if key not in {"kind", "apiVersion"}}
    assert [each.metadata.name for each in load_text(_list(bare, kind="PodList")).pods] == ["one"]


def test_an_element_that_is_no_object_is_told_and_the_others_count() -> None:
    snapshot = load_text('{"apiVersion": "v1", "kind": "List", "items": [5, ' + json.dumps(_pod("one")) + "]}")
    assert [each.metadata.name for each in snapshot.pods] == ["one"]
    assert [gap.kind for gap in snapshot.gaps] == [GapKind.FOREIGN]


def test_an_object_without_a_uid_was_never_served_and_is_checked() -> None:
    broken = _pod("one")
    del broken["metadata"]["uid"]
    broken["spec"]["containers"][0]["ports"] = [{"containerPort": 70000}]
    gaps = load_text(_list(broken)).gaps
    assert any("70000" in gap.reason for gap in gaps)


@pytest.mark.parametrize("text", [json.dumps(_pod("one")), json.dumps({**_pod("one"), "items": []})])
def test_a_single_object_is_no_list(text: str) -> None:
    assert [each.metadata.name for each in load_text(text).pods] == ["one"]
