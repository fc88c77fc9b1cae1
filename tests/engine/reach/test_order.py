"""The tiers of several APIs in one cluster, and in which order they are asked."""

from __future__ import annotations

import pytest
from tests.loading import snapshot_of

from firedoor.engine.reach.network import Network
from firedoor.model.verdicts import Verdict

ACCEPTED, DENIED, UNKNOWN = Verdict.ACCEPTED, Verdict.DENIED, Verdict.UNKNOWN
PODS = """
{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: a, image: a}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: db}, spec: {containers: [{name: a, image: a}]}}
"""


def cluster(action: str, tier: str = "Admin", priority: int = 10, name: str = "cluster") -> str:
    return f"""
    {{apiVersion: policy.networking.k8s.io/v1alpha2, kind: ClusterNetworkPolicy, metadata: {{name: {name}}},
     spec: {{tier: {tier}, priority: {priority}, subject: {{namespaces: {{}}}},
             ingress: [{{action: {action}, from: [{{namespaces: {{}}}}]}}]}}}}
    """


def last(action: str) -> str:
    return f"""
    {{apiVersion: policy.networking.k8s.io/v1alpha1, kind: BaselineAdminNetworkPolicy, metadata: {{name: default}},
     spec: {{subject: {{namespaces: {{}}}}, ingress: [{{action: {action}, from: [{{namespaces: {{}}}}]}}]}}}}
    """


def calico(action: str, tier: str, order: float | None = None) -> str:
    asked = "" if order is None else f"order: {order}, "
    return f"""
    {{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {{name: {tier}.{action.lower()}}},
     spec: {{tier: {tier}, {asked}selector: all(), types: [Ingress], ingress: [{{action: {action}}}]}}}}
    """


def tier(name: str, order: float) -> str:
    return f"{{apiVersion: projectcalico.org/v3, kind: Tier, metadata: {{name: {name}}}, spec: {{order: {order}}}}}"


def verdict(*objects: str) -> Verdict:
    network = Network(snapshot_of("\n---\n".join([PODS, *objects])))
    web, db = (
        next(number for number, each in enumerate(network.members) if each.name == name) for name in ("web", "db")
    )
    return network.verdict(web, db, "TCP", 80)


@pytest.mark.parametrize(("name", "expected"), [("before", DENIED), ("later", ACCEPTED)])
def test_a_calico_tier_of_the_order_of_the_admin_tier_is_placed_by_its_name(name: str, expected: Verdict) -> None:
    assert verdict(tier(name, 1000), calico("Deny", name), cluster("Accept")) is expected


@pytest.mark.parametrize(("own", "which"), [("kube-admin", "Admin"), ("kube-baseline", "Baseline")])
def test_a_policy_of_calico_in_a_tier_of_the_cluster_is_asked_by_its_order(own: str, which: str) -> None:
    accepts = cluster("Accept", which)
    assert verdict(calico("Deny", own, 9.5), accepts) is DENIED
    assert verdict(calico("Deny", own, 10), accepts) is UNKNOWN
    assert verdict(calico("Deny", own, 10.5), accepts) is ACCEPTED
    assert verdict(calico("Deny", own), accepts) is ACCEPTED


def test_policies_of_one_order_leave_open_what_they_do_not_agree_on() -> None:
    equal = [calico("Deny", "kube-admin", 10), calico("Allow", "kube-admin", 10)]
    assert verdict(*equal, cluster("Accept")) is ACCEPTED
    assert verdict(*equal, cluster("Deny")) is UNKNOWN
    assert verdict(*equal, cluster("Accept"), cluster("Accept", name="other")) is ACCEPTED


def test_the_baseline_admin_policy_comes_after_whatever_has_an_order() -> None:
    assert verdict(calico("Deny", "kube-baseline", 5000), last("Allow")) is DENIED
    assert verdict(calico("Deny", "kube-baseline"), last("Allow")) is UNKNOWN


def test_a_tier_of_the_cluster_without_a_policy_of_the_cluster_is_one_like_others() -> None:
    assert verdict(calico("Deny", "kube-baseline")) is DENIED
    assert (
        verdict(calico("Pass", "kube-admin"), calico("Allow", "default"), calico("Deny", "kube-baseline")) is ACCEPTED
    )
