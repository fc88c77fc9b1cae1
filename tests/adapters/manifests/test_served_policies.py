"""Policies and namespaces of large lists: what is in order goes the fast way, every fault is reported."""

from __future__ import annotations

import json
from typing import Any

import pytest

from firedoor.adapters.manifests import json_lists, source
from firedoor.adapters.manifests.served_policies import NamespaceWay, PolicyWay
from firedoor.adapters.manifests.source import load_text
from firedoor.model.places import GapKind
from firedoor.model.snapshot import Snapshot

NOT_IMPLIED = ("", "")
GOOD: dict[str, Any] = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "good", "namespace": "shop", "uid": "u", "labels": {"example.com/a": "b"}, "generation": 1},
    "spec": {
        "podSelector": {"matchLabels": {"app": "web"}},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [
            {
                "from": [{"podSelector": {"matchLabels": {"app": "web"}}, "namespaceSelector": {}}],
                "ports": [{"port": "http", "protocol": "TCP"}, {"port": 80, "endPort": 90}],
            }
        ],
        "egress": [
            {"to": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}]},
            {"to": [{"namespaceSelector": {"matchExpressions": [{"key": "env", "operator": "Exists"}]}}]},
            {},
        ],
    },
}
NAMESPACE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Namespace",
    "metadata": {"name": "shop", "uid": "u", "labels": {"kubernetes.io/metadata.name": "shop"}},
    "spec": {"finalizers": ["kubernetes"]},
    "status": {"phase": "Active"},
}
METADATA_FAULTS: list[dict[str, Any]] = [
    {"name": "Bad"},
    {"name": ""},
    {"labels": {"-a": "b"}},
    {"labels": {"a": "b c"}},
    {"annotations": {"a b": ""}},
]
SPEC_FAULTS: list[dict[str, Any]] = [
    {"podSelector": {"matchLabels": {"a": "b c"}}},
    {"podSelector": {"matchExpressions": [{"key": "a", "values": ["b"]}]}},
    {"policyTypes": ["ingress"]},
    {"policyTypes": ["Ingress", "Egress", "Ingress"]},
    {"ingress": [{"from": [{}]}]},
    {"ingress": [{"from": [{"podSelector": {"matchLabels": {"a": "b c"}}}]}]},
    {"ingress": [{"from": [{"podSelector": {}, "ipBlock": {"cidr": "10.0.0.0/8"}}]}]},
    {"egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.1/8"}}]}]},
    {"egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["11.0.0.0/16"]}}]}]},
    {"egress": [{"ports": [{"port": 70000}]}]},
    {"egress": [{"ports": [{"port": "no--name"}]}]},
    {"egress": [{"ports": [{"protocol": "tcp"}]}]},
    {"egress": [{"ports": [{"endPort": 1}]}]},
    {"ingress": [None]},
    {"ingress": "all"},
]


@pytest.fixture(autouse=True)
def _every_list_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "LARGE_JSON", 1)


def _changed(manifest: dict[str, Any], section: str, change: dict[str, Any]) -> dict[str, Any]:
    return {**manifest, section: {**manifest[section], **change}}


def _named(manifest: dict[str, Any], name: str) -> dict[str, Any]:
    return _changed(manifest, "metadata", {"name": name})


def _load(*items: dict[str, Any]) -> Snapshot:
    return load_text('{"apiVersion":"v1","kind":"List","items":[\n' + ",\n".join(map(json.dumps, items)) + "\n]}")


def _policy(manifest: dict[str, Any]) -> Any:
    return PolicyWay("a.json", "default", "1.37").decode(json.dumps(manifest).encode(), 1, NOT_IMPLIED)


def _namespace(manifest: dict[str, Any]) -> Any:
    return NamespaceWay("a.json", "1.37").decode(json.dumps(manifest).encode(), 1, NOT_IMPLIED)


def test_a_policy_in_order_needs_no_general_way(monkeypatch: pytest.MonkeyPatch) -> None:
    general = _load(GOOD).network_policies
    monkeypatch.setattr(json_lists, "_read_item", None)
    assert _load(GOOD).network_policies == general
    assert general[0].spec.ingress[0].peers[0].namespace_selector is not None
    assert len(general[0].spec.egress) == 3


@pytest.mark.parametrize("change", METADATA_FAULTS)
def test_metadata_that_break_a_rule_are_reported_and_the_others_count(change: dict[str, Any]) -> None:
    assert _policy(_changed(GOOD, "metadata", change)) is None
    snapshot = _load(_named(GOOD, "a"), _changed(_named(GOOD, "b"), "metadata", change), _named(GOOD, "c"))
    assert [each.metadata.name for each in snapshot.network_policies] == ["a", "c"]
    assert {(gap.kind, gap.source) for gap in snapshot.gaps if gap.path} == {(GapKind.REJECTED, "<stdin>:3")}


@pytest.mark.parametrize("change", SPEC_FAULTS)
def test_a_specification_that_breaks_a_rule_is_reported_and_the_others_count(change: dict[str, Any]) -> None:
    assert _policy(_changed(GOOD, "spec", change)) is None
    snapshot = _load(_named(GOOD, "a"), _changed(_named(GOOD, "b"), "spec", change), _named(GOOD, "c"))
    assert {each.metadata.name for each in snapshot.network_policies} >= {"a", "c"}
    assert [gap.source for gap in snapshot.gaps if gap.object is not None and gap.object.name == "b"] == ["<stdin>:3"]


@pytest.mark.parametrize(
    "change", [{"ownerReferences": []}, {"uid": ""}, {"labels": None}, {"generation": 2**63}, {"namespace": "Bad"}]
)
def test_metadata_of_another_form_are_left_to_the_general_way(change: dict[str, Any]) -> None:
    assert _policy(_changed(GOOD, "metadata", change)) is None
    assert _namespace(_changed(NAMESPACE, "metadata", change)) is None


def test_other_kinds_and_versions_are_left_to_the_general_way() -> None:
    assert _policy({**GOOD, "apiVersion": "extensions/v1beta1"}) is None
    assert _policy({**GOOD, "kind": "Ingress"}) is None
    assert _namespace({**NAMESPACE, "kind": "Node"}) is None


def test_a_namespace_in_order_needs_no_general_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lists, "_read_item", None)
    snapshot = _load(NAMESPACE)
    assert [each.metadata.labels for each in snapshot.namespaces] == [NAMESPACE["metadata"]["labels"]]


@pytest.mark.parametrize(
    ("section", "change"),
    [*(("metadata", each) for each in METADATA_FAULTS), ("spec", {"finalizers": 5}), ("status", {"phase": 7})],
)
def test_a_namespace_with_a_fault_is_left_to_the_general_way(section: str, change: dict[str, Any]) -> None:
    assert _namespace(_changed(NAMESPACE, section, change)) is None


def test_equal_parts_of_policies_are_one_and_the_same() -> None:
    first, second = _load(_named(GOOD, "a"), _named(GOOD, "b")).network_policies
    assert first.spec is second.spec
