from __future__ import annotations

from typing import Any

import pytest

from firedoor.model.cilium_peers import EndpointPeer, NodePeer
from firedoor.model.cilium_selector import CiliumSelector
from tests.model.cilium_objects import CCNP, CNP, EVERYONE, let_through, only_rule, policy

NAMESPACE = "io.kubernetes.pod.namespace"
NAMESPACE_LABELS = "io.cilium.k8s.namespace.labels."
REQUIREMENTS = (
    "namespace_names",
    "namespace_labels",
    "labels",
    "service_accounts",
    "clusters",
    "reserved",
    "others",
)


def subject(selector: dict[str, Any], kind: str = CNP) -> CiliumSelector:
    found = only_rule({"endpointSelector": selector, "ingress": [{}]}, kind).endpoint_selector
    assert found is not None
    return found


def peer(selector: dict[str, Any], kind: str = CNP, whom: dict[str, Any] | None = None) -> CiliumSelector:
    rule = only_rule({"endpointSelector": whom or {}, "ingress": [{"fromEndpoints": [selector]}]}, kind)
    assert rule.ingress[0].peers is not None
    (found,) = rule.ingress[0].peers
    assert isinstance(found, EndpointPeer)
    return found.selector


def parts(selector: CiliumSelector) -> dict[str, list[str]]:
    """Return the requirements that are there, as texts."""
    found = {field: [str(each) for each in getattr(selector, field)] for field in REQUIREMENTS}
    return {field: texts for field, texts in found.items() if texts}


def one(key: str, value: str = "x") -> dict[str, Any]:
    return {"matchLabels": {key: value}}


def exists(key: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": "Exists"}]}


def test_the_subject_of_a_policy_is_in_its_own_namespace() -> None:
    assert parts(subject({})) == {"namespace_names": [f"{NAMESPACE}=shop"]}
    assert parts(subject({}, CCNP)) == {}


@pytest.mark.parametrize("key", [NAMESPACE, f"any:{NAMESPACE}"])
def test_another_namespace_of_the_subject_stays_and_selects_nothing(key: str) -> None:
    found = subject(one(key, "other"))
    assert parts(found) == {"namespace_names": [f"{NAMESPACE}=other", f"{NAMESPACE}=shop"]}
    assert not any(found.selects_pod(each, {}, {}, "") for each in ("shop", "other"))


def test_another_namespace_of_the_subject_with_the_source_is_replaced() -> None:
    spec = {"endpointSelector": one(f"k8s:{NAMESPACE}", "other"), "ingress": [{}]}
    found, fault = let_through(spec)
    assert fault.path == f"spec.endpointSelector.matchLabels[k8s:{NAMESPACE}]"
    selector = found.rules[0].endpoint_selector
    assert selector is not None
    assert parts(selector) == {"namespace_names": [f"{NAMESPACE}=shop"]}
    assert not found.rules[0].unsure
    assert parts(subject(one(f"k8s:{NAMESPACE}", "shop"))) == {"namespace_names": [f"{NAMESPACE}=shop"]}


def test_an_expression_about_the_namespace_of_the_subject_stays() -> None:
    expression = {"key": f"k8s:{NAMESPACE}", "operator": "In", "values": ["other"]}
    selector = {"matchLabels": {f"k8s:{NAMESPACE}": "shop"}, "matchExpressions": [expression]}
    assert parts(subject(selector)) == {"namespace_names": [f"{NAMESPACE}=other", f"{NAMESPACE}=shop"]}


@pytest.mark.parametrize("selector", [{}, one("app"), one("k8s:app"), one("any:app"), exists("app")])
def test_a_peer_that_does_not_speak_of_the_namespace_is_in_that_of_the_policy(selector: dict[str, Any]) -> None:
    assert parts(peer(selector))["namespace_names"] == [f"{NAMESPACE}=shop"]
    assert parts(peer(selector, CCNP))["namespace_names"] == [NAMESPACE]


@pytest.mark.parametrize("key", [NAMESPACE, f"any:{NAMESPACE}", f"k8s:{NAMESPACE}"])
@pytest.mark.parametrize("kind", [CNP, CCNP])
def test_a_peer_that_names_the_namespace_is_left_alone(key: str, kind: str) -> None:
    assert parts(peer(one(key, "other"), kind)) == {"namespace_names": [f"{NAMESPACE}=other"]}
    assert parts(peer(exists(key), kind)) == {"namespace_names": [NAMESPACE]}


def test_a_namespace_under_another_source_does_not_count() -> None:
    found = parts(peer(one(f"container:{NAMESPACE}")))
    assert found == {"namespace_names": [f"{NAMESPACE}=shop"], "others": [f"container:{NAMESPACE}=x"]}


@pytest.mark.parametrize("source", ["", "any:", "k8s:"])
def test_a_peer_by_labels_of_the_namespace_is_in_any_namespace(source: str) -> None:
    selector = one(f"{source}{NAMESPACE_LABELS}team", "a")
    assert parts(peer(selector)) == {"namespace_labels": ["team=a"]}
    assert parts(peer(selector, CCNP)) == {"namespace_names": [NAMESPACE], "namespace_labels": ["team=a"]}


@pytest.mark.parametrize("kind", [CNP, CCNP])
def test_a_peer_with_a_reserved_label_gets_no_namespace(kind: str) -> None:
    assert parts(peer(one("reserved:host", ""), kind)) == {"reserved": ["host="]}


def test_a_peer_of_endpoints_without_labels_gets_no_namespace_in_a_cluster_wide_policy() -> None:
    init = exists("reserved:init")
    assert parts(peer(one("app"), CCNP, init)) == {"labels": ["app=x"]}
    assert parts(peer(one("app"), CNP, init)) == {"labels": ["app=x"], "namespace_names": [f"{NAMESPACE}=shop"]}


@pytest.mark.parametrize(
    ("key", "field", "bare"),
    [
        ("app", "labels", "app"),
        ("any:app", "labels", "app"),
        ("k8s:app.kubernetes.io/name", "labels", "app.kubernetes.io/name"),
        ("io.cilium.k8s.policy.serviceaccount", "service_accounts", "io.cilium.k8s.policy.serviceaccount"),
        ("k8s:io.cilium.k8s.policy.cluster", "clusters", "io.cilium.k8s.policy.cluster"),
        ("node:zone", "others", "node:zone"),
        ("cidr:zone", "others", "cidr:zone"),
        ("other:io.cilium.k8s.policy.cluster", "others", "other:io.cilium.k8s.policy.cluster"),
        ("reserved:ingress", "reserved", "ingress"),
        (
            "k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name",
            "namespace_labels",
            "kubernetes.io/metadata.name",
        ),
    ],
)
def test_each_key_belongs_to_what_it_is_about(key: str, field: str, bare: str) -> None:
    found = subject(one(key), CCNP)
    assert parts(found) == {field: [f"{bare}=x"]}
    assert str(found) == f"{key}=x"
    assert found.written.match_labels == {key: "x"}


def test_a_pod_must_meet_every_kind_of_requirement() -> None:
    keys = ("app", f"{NAMESPACE_LABELS}team", "io.cilium.k8s.policy.serviceaccount")
    found = peer({"matchLabels": dict.fromkeys(keys, "x")}, CCNP)
    pod: tuple[str, dict[str, str], dict[str, str], str] = ("a", {"team": "x"}, {"app": "x"}, "x")
    assert found.selects_pod(*pod)
    changed = [("a", {}, pod[2], "x"), ("a", pod[1], {}, "x"), ("a", pod[1], pod[2], "y")]
    assert not any(found.selects_pod(*each) for each in changed)
    assert not peer({}).selects_pod("a", {}, {}, "")


@pytest.mark.parametrize("key", ["reserved:host", "container:app"])
def test_no_pod_has_labels_that_are_reserved_or_of_another_source(key: str) -> None:
    bare = key.partition(":")[2]
    assert not subject(exists(key)).selects_pod("shop", {}, {bare: ""}, "")
    absent = {"matchExpressions": [{"key": key, "operator": "DoesNotExist"}]}
    assert subject(absent).selects_pod("shop", {}, {bare: ""}, "")


@pytest.mark.parametrize(
    ("expression", "selected"),
    [
        ({"key": "app", "operator": "In", "values": ["a", "b"]}, [True, False, False]),
        ({"key": "app", "operator": "NotIn", "values": ["a", "b"]}, [False, True, True]),
        ({"key": "app", "operator": "Exists"}, [True, True, False]),
        ({"key": "app", "operator": "DoesNotExist"}, [False, False, True]),
    ],
)
def test_expressions_have_the_meaning_of_kubernetes(expression: dict[str, Any], selected: list[bool]) -> None:
    found = subject({"matchExpressions": [expression]}, CCNP)
    pods: list[dict[str, str]] = [{"app": "a"}, {"app": "c"}, {}]
    assert [found.selects_pod("n", {}, labels, "") for labels in pods] == selected


def nodes(selector: dict[str, Any]) -> CiliumSelector:
    found, fault = let_through({**EVERYONE, "ingress": [{"fromNodes": [selector]}]})
    assert found.options == ("enable-node-selector-labels",)
    assert fault.path == "spec.ingress[0].fromNodes"
    assert found.rules[0].ingress[0].peers is not None
    (only,) = found.rules[0].ingress[0].peers
    assert isinstance(only, NodePeer)
    return only.selector


def test_peers_by_the_labels_of_nodes_are_other_nodes() -> None:
    found = nodes(one("zone", "a"))
    assert parts(found) == {"labels": ["zone=a"], "reserved": ["remote-node"]}
    assert found.selects_node({"zone": "a"}, {"remote-node": ""})
    assert not found.selects_node({"zone": "a"}, {"host": ""})
    assert not found.selects_node({}, {"remote-node": ""})


@pytest.mark.parametrize(("source", "is_selected"), [("node:", True), ("any:", True), ("k8s:", False)])
def test_other_nodes_have_their_labels_from_the_source_node(source: str, is_selected: bool) -> None:
    found = nodes(one(f"{source}zone", "a"))
    assert found.selects_node({"zone": "a"}, {"remote-node": ""}) is is_selected


def test_a_policy_for_endpoints_only_needs_no_option() -> None:
    assert policy({**EVERYONE, "ingress": [{}]}).options == ()


def test_a_null_label_is_dropped_as_the_api_server_does() -> None:
    assert parts(subject({"matchLabels": {"app": None, "b": "c"}}, CCNP)) == {"labels": ["b=c"]}
    assert parts(subject({"matchLabels": None, "matchExpressions": None}, CCNP)) == {}


def test_a_key_with_and_without_the_source_any_is_doubted() -> None:
    found, fault = let_through({"endpointSelector": {"matchLabels": {"a": "1", "any:a": "2"}}, "ingress": [{}]})
    assert fault.path == "spec.endpointSelector.matchLabels"
    assert found.rules[0].unsure
