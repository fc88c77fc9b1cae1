from __future__ import annotations

import pytest

from firedoor.engine.reach.cni import SPEC
from firedoor.errors import NothingInScopeError
from firedoor.usecases.explain import explain
from firedoor.usecases.networks import network_of
from firedoor.usecases.reach import ReachFilter, reach
from tests.loading import snapshot_of

POD = """
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, annotations: {k8s.v1.cni.cncf.io/networks: "storage"}}
spec: {containers: []}
---
"""
OTHER = POD.replace("name: web", "name: db")
PLAIN = "{apiVersion: v1, kind: Pod, metadata: {name: plain, namespace: shop}, spec: {containers: []}}\n---\n"
POLICY = """
apiVersion: k8s.cni.cncf.io/v1beta1
kind: MultiNetworkPolicy
metadata: {name: closed, namespace: shop, annotations: {k8s.v1.cni.cncf.io/policy-for: storage}}
spec: {podSelector: {}}
"""
SNAPSHOT = snapshot_of(POD + OTHER + PLAIN + POLICY)


def test_a_secondary_network_is_found_by_its_name() -> None:
    assert [member.name for member in network_of(SNAPSHOT, SPEC, "shop/storage").members] == ["db", "web"]
    assert [member.name for member in network_of(SNAPSHOT, SPEC).members] == ["db", "plain", "web"]


def test_a_network_without_pods_is_an_error_that_names_the_others() -> None:
    with pytest.raises(NothingInScopeError, match="no pod is attached to a secondary network storage") as caught:
        network_of(SNAPSHOT, SPEC, "storage")
    assert caught.value.remedy == "write one of shop/storage"
    with pytest.raises(NothingInScopeError) as caught:
        network_of(snapshot_of(PLAIN), SPEC, "shop/storage")
    assert caught.value.remedy == "leave --network out: there is none"
    with pytest.raises(NothingInScopeError, match="no pod or workload was found"):
        network_of(snapshot_of("{apiVersion: v1, kind: Namespace, metadata: {name: a}}"), SPEC)


def test_reach_and_explain_ask_about_the_secondary_network() -> None:
    found = reach(SNAPSHOT, SPEC, ReachFilter(), network_name="shop/storage")
    assert {str(each.dst) for each in found.connections if each.src.workload is None} == set()
    assert found.cni == "multi-networkpolicy"
    answer = explain(SNAPSHOT, SPEC, "shop/web", "shop/db", "TCP", 80, "", network_name="shop/storage")
    assert (str(answer.verdict), answer.flip) == ("denied", None)
    assert str(explain(SNAPSHOT, SPEC, "shop/web", "shop/db", "TCP", 80, "").verdict) == "accepted"
