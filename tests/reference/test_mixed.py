"""The order in which policies of several APIs are asked, and what must agree."""

from __future__ import annotations

import pytest

from tests.reference.calico_samples import gnp, tier
from tests.reference.calico_samples import rule as calico_rule
from tests.reference.cilium_samples import clusterwide_policy
from tests.reference.cnp_samples import EVERYONE, anp, arriving, banp, baseline, cnp
from tests.reference.cnp_samples import rule as cluster_rule
from tests.reference.istio_samples import authorization
from tests.reference.manifests import Manifest
from tests.reference.mixed import decide, decide_direction
from tests.reference.networkpolicy import Direction, Options, Verdict
from tests.reference.samples import connection, host_pod, node, pod, policy

ACCEPTED, DENIED, UNKNOWN = Verdict.ACCEPTED, Verdict.DENIED, Verdict.UNKNOWN
PODS = [pod("web"), pod("db", nodeName="n1"), node("n1", "192.168.0.1")]
NOBODY = policy("default", podSelector={}, policyTypes=["Ingress"])
CILIUM_DENIES = clusterwide_policy(ingressDeny=[{"fromEndpoints": [{}]}])
CILIUM_ALLOWS = clusterwide_policy(ingress=[{"fromEndpoints": [{}]}])
MESH_DENIES = authorization(action="DENY", rules=[{}])


def admin(action: str, priority: int = 10, name: str = "cluster") -> Manifest:
    return cnp(name=name, priority=priority, egress=[], ingress=[arriving(cluster_rule(action))])


def base(action: str, priority: int = 10) -> Manifest:
    return baseline(name="base", priority=priority, egress=[], ingress=[arriving(cluster_rule(action))])


def calico(action: str, of_tier: str = "default", **spec: object) -> Manifest:
    return gnp(f"{of_tier}.{action.lower()}", tier=of_tier, ingress=[calico_rule(action)], **spec)


def verdict(*objects: Manifest, src: str = "default/web", protocol: str = "TCP", enforced: bool = True) -> Verdict:
    """Return the verdict from a pod, or from elsewhere, to ``db``."""
    cluster = [*PODS, *objects]
    asked = connection(cluster, src, "default/db", 80, protocol)
    found = decide(cluster, asked, Options(enforced=enforced))
    assert found is decide_direction(cluster, asked, Direction.INGRESS, Options(enforced=enforced))
    return found


def test_the_admin_tier_is_asked_before_calico() -> None:
    assert verdict(calico("Deny")) is DENIED
    assert verdict(calico("Deny"), admin("Accept")) is ACCEPTED
    assert verdict(calico("Allow"), admin("Deny")) is DENIED


def test_the_admin_tier_passes_to_calico() -> None:
    assert verdict(admin("Pass"), calico("Deny")) is DENIED
    assert verdict(admin("Pass"), calico("Allow"), base("Deny")) is ACCEPTED


def test_calico_passes_to_the_baseline_tier() -> None:
    assert verdict(calico("Pass"), base("Deny")) is DENIED
    assert verdict(calico("Pass"), base("Accept")) is ACCEPTED
    assert verdict(calico("Pass"), banp(egress=[], ingress=[arriving(cluster_rule("Deny"))])) is DENIED


def test_the_baseline_tier_is_not_asked_about_what_calico_decides() -> None:
    assert verdict(calico("Allow"), base("Deny")) is ACCEPTED
    assert verdict(gnp(types=["Ingress"]), base("Accept")) is DENIED


def test_a_calico_tier_stands_before_between_or_behind_those_of_the_cluster_by_its_order() -> None:
    denies = calico("Deny", "own")
    assert verdict(tier("own", 999), denies, admin("Accept")) is DENIED
    assert verdict(tier("own", 1001), denies, admin("Accept")) is ACCEPTED
    assert verdict(tier("own", 9_999_999), denies, base("Accept")) is DENIED
    assert verdict(tier("own", 10_000_001), denies, base("Accept")) is ACCEPTED


@pytest.mark.parametrize(("name", "expected"), [("a", DENIED), ("z", ACCEPTED)])
def test_tiers_of_equal_order_are_asked_by_name(name: str, expected: Verdict) -> None:
    assert verdict(tier(name, 1000), calico("Deny", name), admin("Accept")) is expected


def test_a_tier_before_the_admin_tier_may_pass_to_it() -> None:
    assert verdict(tier("own", 1), calico("Pass", "own"), admin("Deny")) is DENIED


@pytest.mark.parametrize(("tier_name", "cluster_policy"), [("kube-admin", admin), ("kube-baseline", base)])
def test_calico_policies_in_a_cluster_tier_stand_in_one_order_with_its_own(
    tier_name: str, cluster_policy: object
) -> None:
    assert callable(cluster_policy)
    accepts = cluster_policy("Accept", priority=10)
    assert verdict(calico("Deny", tier_name, order=9.5), accepts) is DENIED
    assert verdict(calico("Deny", tier_name, order=10), accepts) is UNKNOWN
    assert verdict(calico("Deny", tier_name, order=10.5), accepts) is ACCEPTED
    assert verdict(calico("Deny", tier_name), accepts) is ACCEPTED


def test_policies_of_one_order_agree_or_leave_the_verdict_open() -> None:
    equal = [calico("Deny", "kube-admin", order=10), calico("Allow", "kube-admin", order=10)]
    # Those of Calico have an order among them: allow goes before deny by name.
    assert verdict(*equal) is ACCEPTED
    assert verdict(*equal, admin("Accept")) is ACCEPTED
    assert verdict(*equal, admin("Deny")) is UNKNOWN


def test_the_baseline_admin_policy_comes_after_whatever_has_an_order() -> None:
    accepts = banp(egress=[], ingress=[arriving(cluster_rule("Allow"))])
    assert verdict(calico("Deny", "kube-baseline", order=5000), accepts) is DENIED
    assert verdict(calico("Deny", "kube-baseline"), accepts) is UNKNOWN


def test_the_admin_and_baseline_tiers_stand_around_cilium() -> None:
    accepts, denies = admin("Accept"), admin("Deny")
    assert verdict(CILIUM_DENIES, accepts) is ACCEPTED
    assert verdict(CILIUM_ALLOWS, denies) is DENIED
    assert verdict(CILIUM_ALLOWS, base("Deny")) is ACCEPTED
    assert verdict(clusterwide_policy(egress=[{}]), base("Deny")) is DENIED


def test_the_older_kinds_stand_in_the_same_tiers() -> None:
    accepts = anp(egress=[], ingress=[arriving(cluster_rule("Allow", EVERYONE))])
    assert verdict(NOBODY, accepts) is ACCEPTED
    assert verdict(calico("Deny"), accepts) is ACCEPTED
    assert verdict(CILIUM_DENIES, accepts) is ACCEPTED


def test_calico_and_cilium_must_agree() -> None:
    assert verdict(calico("Allow"), CILIUM_ALLOWS) is ACCEPTED
    assert verdict(calico("Deny"), CILIUM_ALLOWS) is DENIED
    assert verdict(calico("Allow"), CILIUM_DENIES) is DENIED
    # Each asks the NetworkPolicies as well.
    assert verdict(calico("Allow"), clusterwide_policy(egress=[{}]), NOBODY) is DENIED
    assert verdict(calico("Allow", order=1), CILIUM_ALLOWS, NOBODY) is ACCEPTED


def test_beside_calico_the_admin_tier_does_not_overrule_cilium() -> None:
    assert verdict(calico("Deny"), CILIUM_ALLOWS, admin("Accept")) is ACCEPTED
    assert verdict(calico("Allow"), CILIUM_DENIES, admin("Accept")) is DENIED


def test_tiers_without_policies_do_not_tell_that_calico_is_there() -> None:
    assert verdict(tier("own", 1), CILIUM_DENIES, admin("Accept")) is ACCEPTED


@pytest.mark.parametrize("accepting", [[], [admin("Accept")], [calico("Allow")], [CILIUM_ALLOWS]])
def test_the_mesh_must_agree_whatever_the_network_says(accepting: list[Manifest]) -> None:
    assert verdict(*accepting) is ACCEPTED
    assert verdict(*accepting, MESH_DENIES) is DENIED
    assert verdict(*accepting, MESH_DENIES, protocol="UDP") is ACCEPTED


def test_the_mesh_accepting_does_not_overrule_the_network() -> None:
    allows = authorization(rules=[{}])
    for denying in (NOBODY, admin("Deny"), calico("Deny"), CILIUM_DENIES):
        assert verdict(allows, denying) is DENIED


def test_what_the_network_does_not_enforce_leaves_the_mesh() -> None:
    everything = [NOBODY, admin("Deny"), calico("Deny"), CILIUM_DENIES]
    assert verdict(*everything, enforced=False) is ACCEPTED
    assert verdict(*everything, MESH_DENIES, enforced=False) is DENIED


def test_the_own_node_is_kept_out_by_denying_rules_of_cilium_only() -> None:
    others = [NOBODY, admin("Deny"), base("Deny"), calico("Deny"), MESH_DENIES]
    assert verdict(*others, src="192.168.0.1") is ACCEPTED
    assert verdict(*others, CILIUM_ALLOWS, src="192.168.0.1") is ACCEPTED
    keeps_out = clusterwide_policy(ingressDeny=[{"fromEntities": ["host"]}])
    assert verdict(*others, keeps_out, src="192.168.0.1") is DENIED


def test_a_host_that_may_be_the_own_node_leaves_the_verdict_open() -> None:
    agent = host_pod("agent")
    for denying in ([calico("Deny")], [calico("Deny"), CILIUM_ALLOWS], [NOBODY, MESH_DENIES]):
        assert verdict(agent, *denying, src="default/agent") is UNKNOWN
