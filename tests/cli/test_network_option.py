"""``--network`` of ``reach`` and ``explain``."""

from __future__ import annotations

import pytest

from tests.cli.command import firedoor

MANIFESTS = b"""
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}, annotations: {k8s.v1.cni.cncf.io/networks: storage}}
spec: {containers: [{name: a, image: a}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}, annotations: {k8s.v1.cni.cncf.io/networks: storage}}
spec: {containers: [{name: a, image: a}]}
---
apiVersion: v1
kind: Pod
metadata: {name: plain, namespace: shop}
spec: {containers: [{name: a, image: a}]}
---
apiVersion: k8s.cni.cncf.io/v1beta1
kind: MultiNetworkPolicy
metadata: {name: db, namespace: shop, annotations: {k8s.v1.cni.cncf.io/policy-for: storage}}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]
"""
NETWORK = ("--network", "shop/storage")


def _inside(*options: str) -> dict[tuple[str, str], object]:
    document = firedoor("reach", "-", "-o", "json", *options, stdin=MANIFESTS).document
    return {
        (each["src"]["workload"], each["dst"]["workload"]): each["traffic"]
        for each in document["connections"]
        if "workload" in each["src"] and "workload" in each["dst"]
    }


def test_reach_lists_the_pods_on_the_network_and_what_its_policies_accept() -> None:
    found = _inside(*NETWORK)
    assert set(found) == {("shop/web", "shop/db"), ("shop/db", "shop/web")}
    assert "5432" in str(found["shop/web", "shop/db"])
    assert len(_inside()) == 6


@pytest.mark.parametrize(("port", "verdict"), [("5432", "accepted"), ("80", "denied")])
def test_explain_asks_the_policies_of_the_network(port: str, verdict: str) -> None:
    ends = ("--from", "shop/web", "--to", "shop/db", "--port", port)
    document = firedoor("explain", "-", *ends, *NETWORK, "-o", "json", stdin=MANIFESTS).document
    assert document["verdict"] == verdict
    assert firedoor("explain", "-", *ends, "-o", "json", stdin=MANIFESTS).document["verdict"] == "accepted"


def test_a_network_without_pods_is_refused_with_those_that_there_are() -> None:
    ran = firedoor("reach", "-", "--network", "shop/backup", stdin=MANIFESTS)
    assert "no pod is attached to a secondary network shop/backup" in ran.error
    assert "shop/storage" in ran.error


def test_exposure_is_a_matter_of_the_cluster_network() -> None:
    ran = firedoor("reach", "-", "--exposed", *NETWORK, stdin=MANIFESTS)
    assert "--network does not go with --exposed" in ran.error
