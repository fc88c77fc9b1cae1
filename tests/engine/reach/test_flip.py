from __future__ import annotations

from tests.loading import snapshot_of

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.reach.flip import flip
from firedoor.engine.reach.network import Network
from firedoor.model.verdicts import Verdict

PODS = """
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: shop, labels: {app: a, pod-template-hash: x1}}
spec: {containers: [{name: c, image: x/c:1}]}
---
apiVersion: v1
kind: Pod
metadata: {name: b, namespace: shop, labels: {app: b}}
spec: {containers: [{name: c, image: x/c:1}]}
---
"""
POLICY = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: shop}
spec: {podSelector: {matchLabels: {app: b}}, ingress: %s}
"""


def test_opening_adds_exactly_the_missing_rule_without_labels_of_one_rollout() -> None:
    change = flip(Network(load_text(PODS + POLICY % "[]")), 0, 1, "TCP", 80)
    assert change is not None
    (manifest,) = change.manifests
    assert manifest["spec"] == {
        "podSelector": {"matchLabels": {"app": "b"}},
        "policyTypes": ["Ingress"],
        "ingress": [
            {
                "from": [{"podSelector": {"matchLabels": {"app": "a"}}}],
                "ports": [{"protocol": "TCP", "port": 80}],
            }
        ],
    }


def test_closing_removes_the_rule_that_accepts() -> None:
    change = flip(Network(load_text(PODS + POLICY % "[{ports: [{port: 80}]}, {ports: [{port: 81}]}]")), 0, 1, "TCP", 80)
    assert change is not None
    assert "spec.ingress[0]" in change.summary
    assert "spec.ingress[1]" not in change.summary


def test_a_pod_and_itself_cannot_be_flipped() -> None:
    assert flip(Network(load_text(PODS + POLICY % "[]")), 1, 1, "TCP", 80) is None


def test_an_added_policy_never_takes_a_name_that_is_taken() -> None:
    text = """
    {apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db}}}
    ---
    {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: db-deny-ingress, namespace: shop},
     spec: {podSelector: {matchLabels: {app: other}}}}
    """
    change = flip(Network(snapshot_of(text)), "192.0.2.1", 0, "TCP", 80)
    assert change is not None
    assert "db-deny-ingress-2" in change.summary


def test_what_the_own_node_of_a_pod_sends_is_closed_by_no_policy() -> None:
    pods = """
{apiVersion: v1, kind: Pod, metadata: {name: agent, namespace: shop, labels: {app: agent}},
 spec: {hostNetwork: true, nodeName: node-1, containers: [{name: c, image: x/c:1}]}, status: {podIP: 10.9.0.1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: b, namespace: shop, labels: {app: b}},
 spec: {nodeName: node-1, containers: [{name: c, image: x/c:1}]}, status: {podIP: 10.0.0.2}}
---"""
    network = Network(load_text(pods + POLICY % "[]"))
    names = [each.name for each in network.members]
    source, destination = names.index("agent"), names.index("b")
    assert network.verdict(source, destination, "TCP", 80) is Verdict.ACCEPTED
    assert flip(network, source, destination, "TCP", 80) is None
