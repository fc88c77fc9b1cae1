"""Which pods the selectors of Cilium peers find: sources of labels, namespaces, service accounts, the cluster."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reference.cilium import Verdict
from tests.reference.cilium_labels import peer_matches, pod_labels, reserved
from tests.reference.cilium_samples import cilium_policy, clusterwide_policy, verdict
from tests.reference.endpoints import pods
from tests.reference.manifests import Manifest
from tests.reference.samples import OUTSIDE, host_pod, namespace_object, node, pod, workload

ACCEPTED, DENIED = Verdict.ACCEPTED, Verdict.DENIED
NAMESPACE = "k8s:io.kubernetes.pod.namespace"
TEAM = "io.cilium.k8s.namespace.labels.team"
WEB = pod("web", labels={"app": "web"})
PODS = [
    WEB,
    pod("db", labels={"app": "db"}),
    pod("web", "other", labels={"app": "web"}),
    namespace_object("other", team="red"),
]


def to_db(selector: Manifest, make: Any = cilium_policy) -> list[Manifest]:
    """Return a cluster whose pods in ``default`` accept only what one selector finds."""
    subject = {"matchLabels": {"io.kubernetes.pod.namespace": "default"}} if make is clusterwide_policy else {}
    return [*PODS, make(endpointSelector=subject, ingress=[{"fromEndpoints": [selector]}])]


@pytest.mark.parametrize(
    ("selector", "here", "there"),
    [
        ({}, ACCEPTED, DENIED),
        ({"matchLabels": None, "matchExpressions": None}, ACCEPTED, DENIED),
        ({"matchLabels": {"app": "web"}}, ACCEPTED, DENIED),
        ({"matchLabels": {NAMESPACE: "other"}}, DENIED, ACCEPTED),
        ({"matchLabels": {"any:io.kubernetes.pod.namespace": "other"}}, DENIED, ACCEPTED),
        ({"matchLabels": {"io.kubernetes.pod.namespace": "other", "app": "web"}}, DENIED, ACCEPTED),
        ({"matchLabels": {"io.kubernetes.pod.namespace": "other", "app": "db"}}, DENIED, DENIED),
        ({"matchExpressions": [{"key": NAMESPACE, "operator": "Exists"}]}, ACCEPTED, ACCEPTED),
        ({"matchExpressions": [{"key": NAMESPACE, "operator": "In", "values": ["other"]}]}, DENIED, ACCEPTED),
        ({"matchExpressions": [{"key": NAMESPACE, "operator": "NotIn", "values": ["default"]}]}, DENIED, ACCEPTED),
        ({"matchExpressions": [{"key": NAMESPACE, "operator": "DoesNotExist"}]}, DENIED, DENIED),
        ({"matchLabels": {TEAM: "red"}}, DENIED, ACCEPTED),
        ({"matchLabels": {f"k8s:{TEAM}": "red"}}, DENIED, ACCEPTED),
        ({"matchLabels": {TEAM: "red", NAMESPACE: "default"}}, DENIED, DENIED),
        ({"matchExpressions": [{"key": TEAM, "operator": "DoesNotExist"}]}, ACCEPTED, DENIED),
        ({"matchExpressions": [{"key": f"reserved:{TEAM}", "operator": "DoesNotExist"}]}, ACCEPTED, ACCEPTED),
    ],
)
def test_a_selector_looks_in_the_namespace_of_its_policy_unless_it_asks_for_namespaces(
    selector: Manifest, here: Verdict, there: Verdict
) -> None:
    assert verdict(to_db(selector), "default/web", "default/db") is here
    assert verdict(to_db(selector), "other/web", "default/db") is there


@pytest.mark.parametrize(
    ("selector", "here", "there"),
    [
        ({}, ACCEPTED, ACCEPTED),
        ({"matchLabels": {"app": "web"}}, ACCEPTED, ACCEPTED),
        ({"matchLabels": {NAMESPACE: "other"}}, DENIED, ACCEPTED),
        ({"matchLabels": {TEAM: "red"}}, DENIED, ACCEPTED),
        ({"matchExpressions": [{"key": TEAM, "operator": "NotIn", "values": ["red"]}]}, ACCEPTED, DENIED),
    ],
)
def test_a_selector_of_a_clusterwide_policy_looks_in_every_namespace(
    selector: Manifest, here: Verdict, there: Verdict
) -> None:
    cluster = to_db(selector, clusterwide_policy)
    assert verdict(cluster, "default/web", "default/db") is here
    assert verdict(cluster, "other/web", "default/db") is there


@pytest.mark.parametrize("make", [cilium_policy, clusterwide_policy])
@pytest.mark.parametrize(
    "selector",
    [
        {},
        {"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]},
        {"matchExpressions": [{"key": NAMESPACE, "operator": "NotIn", "values": ["default"]}]},
        {"matchExpressions": [{"key": TEAM, "operator": "DoesNotExist"}]},
    ],
)
def test_a_selector_finds_only_pods_of_the_pod_network(selector: Manifest, make: Any) -> None:
    agent = host_pod("agent", metadata={"labels": {"app": "web"}}, nodeName="n2")
    cluster = [*PODS, agent, node("n2", "192.168.0.11"), make(egress=[{"toEndpoints": [selector]}])]
    for destination in (OUTSIDE, "192.168.0.11", "default/agent"):
        assert verdict(cluster, "default/db", destination) is DENIED


@pytest.mark.parametrize(
    ("key", "expected"),
    [("app", ACCEPTED), ("k8s:app", ACCEPTED), ("any:app", ACCEPTED), (":app", ACCEPTED), ("container:app", DENIED)],
)
def test_a_key_may_name_the_source_of_its_label(key: str, expected: Verdict) -> None:
    assert verdict(to_db({"matchLabels": {key: "web"}}), "default/web", "default/db") is expected


@pytest.mark.parametrize(
    ("name", "matched"),
    [("world", {OUTSIDE}), ("remote-node", {"192.168.0.11"}), ("host", {"192.168.0.10"}), ("health", set())],
)
def test_a_selector_may_name_reserved_labels_and_is_then_taken_as_it_is(name: str, matched: set[str]) -> None:
    nodes = [node("n1", "192.168.0.10"), node("n2", "192.168.0.11")]
    rule = {"toEndpoints": [{"matchLabels": {f"reserved:{name}": ""}}]}
    cluster = [*nodes, pod("db", nodeName="n1"), WEB, cilium_policy(egress=[rule])]
    for peer in (OUTSIDE, "192.168.0.10", "192.168.0.11", "default/web"):
        assert verdict(cluster, "default/db", peer) is (ACCEPTED if peer in matched else DENIED)


def test_a_selector_of_reserved_labels_may_exclude_one_and_find_all_else() -> None:
    but_world = {"matchExpressions": [{"key": "reserved:world", "operator": "DoesNotExist"}]}
    cluster = to_db(but_world)
    assert verdict(cluster, OUTSIDE, "default/db") is DENIED
    assert verdict(cluster, "other/web", "default/db") is ACCEPTED


@pytest.mark.parametrize(
    ("spec", "account"),
    [
        ({}, "default"),
        ({"serviceAccountName": ""}, "default"),
        ({"serviceAccountName": "reader"}, "reader"),
        ({"serviceAccount": "reader"}, "reader"),
    ],
)
def test_a_service_account_is_a_label(spec: Manifest, account: str) -> None:
    cluster = [pod("reader", **spec), *to_db({"matchLabels": {"io.cilium.k8s.policy.serviceaccount": account}})]
    assert verdict(cluster, "default/reader", "default/db") is ACCEPTED
    other = {"matchLabels": {"k8s:io.cilium.k8s.policy.serviceaccount": "other"}}
    assert verdict([pod("reader", **spec), *to_db(other)], "default/reader", "default/db") is DENIED


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "CronJob"])
def test_a_service_account_is_read_from_the_template_of_a_workload(kind: str) -> None:
    template = {"spec": {"serviceAccountName": "reader", "containers": [{"name": "main"}]}}
    spec: Manifest = {"jobTemplate": {"spec": {"template": template}}} if kind == "CronJob" else {"template": template}
    holder = workload(kind, "batch/v1" if kind == "CronJob" else "apps/v1") | {"spec": spec}
    (found,) = pods([holder])
    assert pod_labels([holder], found)["k8s", "io.cilium.k8s.policy.serviceaccount"] == "reader"


@pytest.mark.parametrize(("name", "expected"), [("default", ACCEPTED), ("elsewhere", DENIED)])
def test_the_name_of_the_cluster_is_a_label(name: str, expected: Verdict) -> None:
    selector = {"matchLabels": {"k8s:io.cilium.k8s.policy.cluster": name}}
    assert verdict(to_db(selector), "default/web", "default/db") is expected


def test_labels_that_cilium_adds_replace_those_of_the_pod() -> None:
    fake = pod("fake", labels={"io.kubernetes.pod.namespace": "other", "io.cilium.k8s.policy.serviceaccount": "root"})
    found = pod_labels([fake], pods([fake])[0])
    assert found["k8s", "io.kubernetes.pod.namespace"] == "default"
    assert found["k8s", "io.cilium.k8s.policy.serviceaccount"] == "default"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ({"operator": "In", "values": ["a", "b"]}, True),
        ({"operator": "In", "values": ["b"]}, False),
        ({"operator": "NotIn", "values": ["b"]}, True),
        ({"operator": "NotIn", "values": ["a"]}, False),
        ({"operator": "Exists"}, True),
        ({"operator": "DoesNotExist"}, False),
    ],
)
def test_match_expressions(expression: Manifest, *, expected: bool) -> None:
    labels = {("k8s", "k"): "a", ("k8s", "io.kubernetes.pod.namespace"): "default"}
    assert peer_matches({"matchExpressions": [{"key": "k", **expression}]}, "default", labels) is expected


def test_an_operator_that_no_api_server_accepts_is_an_error() -> None:
    with pytest.raises(ValueError, match="Gt"):
        peer_matches({"matchExpressions": [{"key": "reserved:k", "operator": "Gt"}]}, None, reserved("world"))


def test_several_elements_are_alternatives() -> None:
    rule = {"fromEndpoints": [{"matchLabels": {"app": "web"}}, {"matchLabels": {NAMESPACE: "other"}}]}
    cluster = [*PODS, cilium_policy(ingress=[rule])]
    assert verdict(cluster, "default/web", "default/db") is ACCEPTED
    assert verdict(cluster, "other/web", "default/db") is ACCEPTED
    assert verdict(cluster, "default/db", "default/web") is DENIED
