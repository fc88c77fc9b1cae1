"""Which pods a Cilium policy is for, what it cuts them off from, and how policies add up."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reference.cilium import Direction, Verdict
from tests.reference.cilium_samples import cilium_policy, clusterwide_policy, verdict
from tests.reference.manifests import Manifest
from tests.reference.samples import OUTSIDE, host_pod, pod, policy, workload

ACCEPTED, DENIED = Verdict.ACCEPTED, Verdict.DENIED
ABSENT: Any = object()

WEB, DB = pod("web", labels={"app": "web"}), pod("db", labels={"app": "db"})
OTHER = pod("web", "other", labels={"app": "web"})
PODS = [WEB, DB, OTHER]
ON_DB: Any = {"endpointSelector": {"matchLabels": {"app": "db"}}}
FROM_WEB = [{"fromEndpoints": [{"matchLabels": {"app": "web"}}]}]
FROM_ALL: list[Manifest] = [{"fromEntities": ["all"]}]


def on_db(**spec: Any) -> list[Manifest]:
    return [*PODS, cilium_policy(**ON_DB, **spec)]


def test_a_pod_that_no_rule_selects_accepts_everyone() -> None:
    assert verdict(PODS, "other/web", "default/db") is ACCEPTED
    assert verdict(on_db(ingress=FROM_WEB), OUTSIDE, "default/web") is ACCEPTED


@pytest.mark.parametrize("section", ["ingress", "ingressDeny"])
@pytest.mark.parametrize(
    ("rules", "expected"),
    [(ABSENT, ACCEPTED), (None, ACCEPTED), ([], ACCEPTED), ([{}], DENIED), ([{"fromEndpoints": []}], DENIED)],
)
def test_a_section_cuts_off_only_if_it_has_an_element_and_an_empty_element_matches_nothing(
    section: str, rules: Any, expected: Verdict
) -> None:
    cluster = on_db(**({} if rules is ABSENT else {section: rules}))
    assert verdict(cluster, "default/web", "default/db") is expected
    assert verdict(cluster, OUTSIDE, "default/db") is expected
    assert verdict(cluster, "default/db", OUTSIDE) is ACCEPTED


@pytest.mark.parametrize("section", ["egress", "egressDeny"])
def test_the_directions_are_cut_off_separately(section: str) -> None:
    cluster = on_db(**{section: [{}]})
    assert verdict(cluster, "default/db", OUTSIDE) is DENIED
    assert verdict(cluster, OUTSIDE, "default/db") is ACCEPTED
    assert verdict(cluster, "default/db", OUTSIDE, direction=Direction.INGRESS) is ACCEPTED


@pytest.mark.parametrize(
    ("switch", "expected"),
    [
        (None, DENIED),
        ({}, DENIED),
        ({"ingress": None}, DENIED),
        ({"ingress": True}, DENIED),
        ({"egress": False}, DENIED),
        ({"ingress": False}, ACCEPTED),
    ],
)
def test_default_deny_may_be_switched_off_by_direction(switch: Any, expected: Verdict) -> None:
    cluster = on_db(ingress=FROM_WEB, enableDefaultDeny=switch)
    assert verdict(cluster, OUTSIDE, "default/db") is expected
    assert verdict(cluster, "default/web", "default/db") is ACCEPTED


def test_default_deny_that_is_switched_on_does_nothing_without_rules() -> None:
    cluster = on_db(enableDefaultDeny={"ingress": True, "egress": True})
    assert verdict(cluster, OUTSIDE, "default/db") is ACCEPTED


def test_a_rule_without_default_deny_still_denies_and_still_allows_what_another_cuts_off() -> None:
    off = {"enableDefaultDeny": {"ingress": False}}
    denying = on_db(ingressDeny=[{"fromEntities": ["world"]}], **off)
    assert verdict(denying, OUTSIDE, "default/db") is DENIED
    assert verdict(denying, "default/web", "default/db") is ACCEPTED
    allowing = [*on_db(ingress=FROM_WEB, **off), cilium_policy("closed", ingress=[{}])]
    assert verdict(allowing, "default/web", "default/db") is ACCEPTED
    assert verdict(allowing, OUTSIDE, "default/db") is DENIED


def test_allows_add_up_over_policies_of_every_kind() -> None:
    cluster = [
        *on_db(ingress=FROM_WEB),
        clusterwide_policy(ingress=[{"fromEntities": ["world"]}]),
        policy(ingress=[{"from": [{"namespaceSelector": {}}], "ports": [{"port": 80}]}]),
    ]
    assert verdict(cluster, "default/web", "default/db", 81) is ACCEPTED
    assert verdict(cluster, OUTSIDE, "default/db", 81) is ACCEPTED
    assert verdict(cluster, "other/web", "default/db", 80) is ACCEPTED
    assert verdict(cluster, "other/web", "default/db", 81) is DENIED


def test_policies_of_any_kind_cut_off_for_all() -> None:
    allowed = cilium_policy(ingress=FROM_WEB, enableDefaultDeny={"ingress": False})
    assert verdict([*PODS, allowed], OUTSIDE, "default/db") is ACCEPTED
    assert verdict([*PODS, allowed, policy()], OUTSIDE, "default/db") is DENIED
    assert verdict([*PODS, allowed, policy()], "default/web", "default/db") is ACCEPTED


@pytest.mark.parametrize("opened", [cilium_policy("open", ingress=FROM_ALL), policy(ingress=[{}])])
@pytest.mark.parametrize("make", [cilium_policy, clusterwide_policy])
def test_a_denying_rule_of_either_kind_beats_whatever_allows(opened: Manifest, make: Any) -> None:
    cluster = [*PODS, opened, make(**ON_DB, ingressDeny=[{"fromEndpoints": [{}], "toPorts": ports(80)}])]
    assert verdict(cluster, "default/web", "default/db", 80) is DENIED
    assert verdict(cluster, "default/web", "default/db", 81) is ACCEPTED
    assert verdict(cluster, OUTSIDE, "default/db", 80) is ACCEPTED


def test_spec_and_specs_hold_rules_alike() -> None:
    several = cilium_policy(**ON_DB, ingress=FROM_WEB) | {
        "specs": [{**ON_DB, "ingress": [{"fromEntities": ["world"]}]}]
    }
    assert verdict([*PODS, several], "default/web", "default/db") is ACCEPTED
    assert verdict([*PODS, several], OUTSIDE, "default/db") is ACCEPTED
    assert verdict([*PODS, several], "other/web", "default/db") is DENIED
    only = {key: value for key, value in several.items() if key != "spec"}
    assert verdict([*PODS, only], OUTSIDE, "default/db") is ACCEPTED
    assert verdict([*PODS, only], "default/web", "default/db") is DENIED


@pytest.mark.parametrize("selector", [{"nodeSelector": {}}, {"endpointSelector": None}, {}])
def test_a_rule_without_endpoint_selector_is_for_no_pod(selector: Manifest) -> None:
    rule = {"ingress": [{}], **selector}
    assert verdict([*PODS, clusterwide_policy() | {"spec": rule}], OUTSIDE, "default/db") is ACCEPTED


def test_a_kind_of_another_group_is_not_this_api() -> None:
    foreign = cilium_policy(ingress=[{}]) | {"apiVersion": "example.org/v2"}
    assert verdict([*PODS, foreign], OUTSIDE, "default/db") is ACCEPTED


def test_a_policy_is_for_its_namespace_and_a_clusterwide_one_for_all() -> None:
    assert verdict([*PODS, cilium_policy(ingress=[{}])], OUTSIDE, "default/db") is DENIED
    assert verdict([*PODS, cilium_policy(ingress=[{}])], OUTSIDE, "other/web") is ACCEPTED
    assert verdict([*PODS, clusterwide_policy(ingress=[{}])], OUTSIDE, "other/web") is DENIED


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({"matchLabels": {"k8s:io.kubernetes.pod.namespace": "other"}}, DENIED),
        ({"matchLabels": {"io.kubernetes.pod.namespace": "other"}}, ACCEPTED),
        ({"matchLabels": {"io.kubernetes.pod.namespace": "default"}}, DENIED),
        ({"matchExpressions": [{"key": "k8s:io.kubernetes.pod.namespace", "operator": "Exists"}]}, DENIED),
    ],
)
def test_the_selector_of_a_namespaced_policy_never_leaves_its_namespace(selector: Manifest, expected: Verdict) -> None:
    cluster = [*PODS, cilium_policy(endpointSelector=selector, ingress=[{}])]
    assert verdict(cluster, OUTSIDE, "default/db") is expected
    assert verdict(cluster, OUTSIDE, "other/web") is ACCEPTED


@pytest.mark.parametrize(
    "selector",
    [
        {"matchLabels": {"k8s:io.kubernetes.pod.namespace": "other"}},
        {"matchLabels": {"io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name": "other"}},
        {"matchExpressions": [{"key": "io.kubernetes.pod.namespace", "operator": "NotIn", "values": ["default"]}]},
    ],
)
def test_the_selector_of_a_clusterwide_policy_may_name_namespaces(selector: Manifest) -> None:
    cluster = [*PODS, clusterwide_policy(endpointSelector=selector, ingress=[{}])]
    assert verdict(cluster, OUTSIDE, "other/web") is DENIED
    assert verdict(cluster, OUTSIDE, "default/web") is ACCEPTED


def test_a_pod_reaches_itself_and_replicas_are_ordinary_pods_to_each_other() -> None:
    closed = cilium_policy(ingress=[{}], egress=[{}], ingressDeny=FROM_ALL)
    replicas = workload("StatefulSet", "apps/v1", replicas=2)
    assert verdict([replicas, closed], "default/app-0", "default/app-0") is ACCEPTED
    assert verdict([replicas, closed], "default/app-0", "default/app-1") is DENIED


def test_a_pod_on_the_host_network_and_an_external_end_are_bound_by_no_policy() -> None:
    cluster = [host_pod("agent"), clusterwide_policy(ingress=[{}], egress=[{}])]
    assert verdict(cluster, OUTSIDE, "default/agent") is ACCEPTED
    assert verdict(cluster, "default/agent", OUTSIDE) is ACCEPTED


def test_both_ends_must_accept() -> None:
    cluster = [*PODS, cilium_policy(**ON_DB, ingress=FROM_WEB), cilium_policy("web", "other", egress=[{}])]
    assert verdict(cluster, "default/web", "default/db") is ACCEPTED
    assert verdict(cluster, "other/web", "default/db") is DENIED
    assert verdict(cluster, "other/web", "default/web", direction=Direction.INGRESS) is ACCEPTED
    assert verdict(cluster, "other/web", "default/web") is DENIED


def test_nothing_is_denied_where_policies_are_not_enforced() -> None:
    cluster = on_db(ingress=[{}], egressDeny=[{"toEntities": ["all"]}])
    assert verdict(cluster, OUTSIDE, "default/db", enforced=False) is ACCEPTED
    assert verdict(cluster, "default/db", OUTSIDE, enforced=False) is ACCEPTED


def ports(number: int) -> list[Manifest]:
    return [{"ports": [{"port": str(number), "protocol": "TCP"}]}]
