"""Staged policies of Calico, and objects as Calico stores them, parsed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from firedoor.model.calico import NetworkSet, StagedKubernetesPolicy
from firedoor.model.calico_selectors import Has
from firedoor.model.calico_stored import ANNOTATION
from firedoor.model.labels import LabelSelector
from firedoor.model.metadata import ObjectMeta
from firedoor.model.networkpolicy import IngressRule, NetworkPolicyPeer
from tests.model.calico_objects import API, STORED, doubted, parse, policy, refused

GLOBAL = "GlobalNetworkPolicy"
ALLOW = {"action": "Allow"}


def stored(**metadata: Any) -> dict[str, str]:
    """Return the annotations of a stored object that has this metadata in the API."""
    return {ANNOTATION: json.dumps(metadata)}


@pytest.mark.parametrize(
    ("name", "tier"),
    [
        ("default.p", None),
        ("p", "default"),
        ("security.p", "security"),
        ("knp.default.p", None),
        ("ossg.default.p", None),
        ("kcnp.kube-admin.p", "kube-admin"),
        ("kcnp.kube-baseline.p", "kube-baseline"),
    ],
)
def test_the_name_of_a_stored_policy_begins_with_its_tier(name: str, tier: str | None) -> None:
    found = policy({"tier": tier}, GLOBAL, STORED, ObjectMeta(name))
    assert (found.tier, found.metadata.name) == (tier or "default", name)


@pytest.mark.parametrize(("name", "tier"), [("security.p", None), ("p", "security"), ("default.p", "security")])
def test_a_stored_policy_that_is_named_after_another_tier_is_unsure(name: str, tier: str | None) -> None:
    found, fault = doubted({"tier": tier}, GLOBAL, STORED, ObjectMeta(name))
    assert (found.unsure, found.tier) == (True, tier or "default")
    assert fault.path == "spec.tier"
    assert f"found tier {tier or 'default'}, and the policy is named {name}" in fault.reason


def test_a_stored_policy_that_keeps_its_name_in_the_api_is_in_the_tier_that_it_names() -> None:
    metadata = ObjectMeta("default.p", "shop", annotations=stored(name="p", creationTimestamp="2026-01-01T00:00:00Z"))
    found = policy({"tier": "security"}, api=STORED, metadata=metadata)
    assert (found.tier, found.metadata) == ("security", ObjectMeta("p", "shop"))


def test_the_labels_of_a_stored_object_are_those_it_has_in_the_api() -> None:
    annotations = stored(labels={"kind": "office", "a": "new"}, annotations={"why": "because"}) | {"own": "kept"}
    metadata = ObjectMeta("office", "shop", {"a": "old", "b": "c"}, annotations)
    found, faults = parse({}, "NetworkSet", STORED, metadata)
    assert isinstance(found, NetworkSet)
    assert faults == ()
    assert found.labels == {"a": "new", "b": "c", "kind": "office"}
    assert found.metadata.annotations == {"own": "kept", "why": "because"}


def test_what_the_api_gives_has_its_labels_in_their_place() -> None:
    metadata = ObjectMeta("office", "shop", {"a": "old"}, stored(labels={"a": "new"}))
    found, _ = parse({}, "NetworkSet", API, metadata)
    assert isinstance(found, NetworkSet)
    assert found.metadata == metadata


@pytest.mark.parametrize("text", ["", "{", "[]", '{"labels": {"a": 3}}', "\ud800", "[" * 10_000, '{"x":' * 10_000])
def test_unreadable_metadata_of_a_stored_object_makes_it_unsure(text: str) -> None:
    metadata = ObjectMeta("office", "shop", {"a": "b"}, {ANNOTATION: text})
    found, fault = doubted({}, "NetworkSet", STORED, metadata)
    assert (found.unsure, found.labels) == (True, {"a": "b"})
    assert fault.path == "metadata.annotations[projectcalico.org/metadata]"


@pytest.mark.parametrize("kind", ["StagedNetworkPolicy", "StagedGlobalNetworkPolicy"])
def test_a_staged_policy_says_what_is_to_become_of_it(kind: str) -> None:
    spec = {"tier": "security", "selector": "has(a)", "ingress": [ALLOW]}
    found = policy(spec, kind)
    assert (found.staged, found.staged_action, found.selector) == (True, "Set", Has("a"))
    assert policy({"stagedAction": "Learn"}, kind).staged_action == "Learn"
    assert (
        policy({"stagedAction": "Delete", "tier": "a", "selector": "", "order": None}, kind).staged_action == "Delete"
    )
    fault = refused({"stagedAction": "set"}, kind)
    assert (fault.path, fault.remedy) == ("spec.stagedAction", "write Set")
    assert not policy({}).staged


@pytest.mark.parametrize(("field", "value"), [("order", 0), ("selector", "all()"), ("types", ["Ingress"])])
def test_a_staged_deletion_says_nothing_else(field: str, value: Any) -> None:
    fault = refused({"stagedAction": "Delete", field: value}, "StagedNetworkPolicy")
    assert (fault.path, fault.reason) == (
        f"spec.{field}",
        f"found {field} beside stagedAction Delete, expected nothing",
    )


def test_a_staged_policy_of_kubernetes_becomes_the_policy_that_it_previews() -> None:
    spec: dict[str, Any] = {
        "podSelector": {"matchLabels": {"a": "b"}},
        "ingress": [{"from": [{"podSelector": {}}]}],
        "egress": None,
    }
    found, faults = parse(spec, "StagedKubernetesNetworkPolicy")
    assert isinstance(found, StagedKubernetesPolicy)
    assert faults == ()
    assert (found.staged_action, found.unsure) == ("Set", False)
    assert found.policy.name == "shop/p"
    assert found.policy.spec.pod_selector == LabelSelector({"a": "b"})
    assert found.policy.spec.ingress == (IngressRule((NetworkPolicyPeer(LabelSelector()),)),)


def test_a_staged_policy_of_kubernetes_without_a_pod_selector_selects_every_pod() -> None:
    found, faults = parse({}, "StagedKubernetesNetworkPolicy")
    assert isinstance(found, StagedKubernetesPolicy)
    assert faults == ()
    assert found.policy.spec.pod_selector == LabelSelector()


def test_a_staged_policy_of_kubernetes_with_a_value_that_has_no_meaning_is_unsure() -> None:
    rule = {"from": [{"ipBlock": {"cidr": "10.0.0.0/99"}}]}
    found, fault = doubted({"ingress": [rule]}, "StagedKubernetesNetworkPolicy")
    assert found.unsure
    assert fault.path == "spec.ingress[0].from[0].ipBlock.cidr"


def test_a_staged_policy_of_kubernetes_of_other_types_is_refused() -> None:
    assert refused({"ingress": [{"from": 3}]}, "StagedKubernetesNetworkPolicy").path == "spec.ingress[0].from"


def test_a_staged_deletion_of_a_policy_of_kubernetes_says_nothing_else() -> None:
    kind = "StagedKubernetesNetworkPolicy"
    assert refused({"stagedAction": "Delete", "policyTypes": ["Egress"]}, kind).path == "spec.policyTypes"
    found, _ = parse({"stagedAction": "Delete", "podSelector": {}}, kind)
    assert isinstance(found, StagedKubernetesPolicy)
    assert found.staged_action == "Delete"
