"""What a NetworkPolicy means, corner by corner, written down by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reference.manifests import Manifest
from tests.reference.networkpolicy import (
    Direction,
    Verdict,
    policy_types,
    selector_matches,
)
from tests.reference.samples import (
    OUTSIDE,
    namespace_object,
    pod,
    policy,
    verdict,
    workload,
)

ACCEPTED, DENIED = Verdict.ACCEPTED, Verdict.DENIED
ABSENT: Any = object()

WEB, DB = pod("web", labels={"app": "web"}), pod("db", labels={"app": "db"})
OTHER = pod("web", "other", labels={"app": "web"})
PODS = [WEB, DB, OTHER]


def fields(**values: Any) -> Manifest:
    return {name: value for name, value in values.items() if value is not ABSENT}


def on_db(**spec: Any) -> list[Manifest]:
    return [*PODS, policy(podSelector={"matchLabels": {"app": "db"}}, **spec)]


def from_db(*peers: Any, **rule: Any) -> list[Manifest]:
    """Return a cluster whose ``db`` may reach only what one egress rule matches."""
    return on_db(policyTypes=["Egress"], egress=[{"to": list(peers), **rule}])


def test_a_pod_that_no_policy_selects_accepts_everyone() -> None:
    assert verdict(PODS, "other/web", "default/db") is ACCEPTED
    assert verdict(PODS, OUTSIDE, "default/db") is ACCEPTED


@pytest.mark.parametrize(
    ("types", "egress", "expected"),
    [
        (ABSENT, ABSENT, ["Ingress"]),
        (None, None, ["Ingress"]),
        ([], [], ["Ingress"]),
        (ABSENT, [{}], ["Ingress", "Egress"]),
        ([], [None], ["Ingress", "Egress"]),
        (["Ingress"], [{}], ["Ingress"]),
        (["Egress"], ABSENT, ["Egress"]),
    ],
)
def test_policy_types_default_to_ingress_and_to_egress_when_it_has_rules(
    types: Any, egress: Any, expected: list[str]
) -> None:
    assert policy_types(policy(**fields(policyTypes=types, egress=egress))) == expected


@pytest.mark.parametrize("egress", [ABSENT, None, []])
def test_egress_in_types_without_rules_denies_all_egress_and_no_ingress(egress: Any) -> None:
    cluster = on_db(**fields(policyTypes=["Egress"], egress=egress))
    assert verdict(cluster, "default/db", "default/web") is DENIED
    assert verdict(cluster, "default/db", OUTSIDE) is DENIED
    assert verdict(cluster, "default/web", "default/db") is ACCEPTED


def test_ingress_rules_are_ignored_when_types_name_egress_only() -> None:
    cluster = on_db(policyTypes=["Egress"], ingress=[{"ports": [{"port": 1}]}])
    assert verdict(cluster, "default/web", "default/db", port=2) is ACCEPTED


@pytest.mark.parametrize(
    ("ingress", "expected"),
    [
        (ABSENT, DENIED),
        (None, DENIED),
        ([], DENIED),
        ([{}], ACCEPTED),
        ([None], ACCEPTED),
        ([{"from": None, "ports": None}], ACCEPTED),
        ([{"from": [], "ports": []}], ACCEPTED),
    ],
)
def test_no_rule_denies_and_an_empty_rule_accepts_everyone(ingress: Any, expected: Verdict) -> None:
    cluster = on_db(**fields(ingress=ingress))
    assert verdict(cluster, "other/web", "default/db", protocol="SCTP") is expected
    assert verdict(cluster, OUTSIDE, "default/db") is expected


@pytest.mark.parametrize(
    "selector", [ABSENT, None, {}, {"matchLabels": None, "matchExpressions": None}, {"matchLabels": {}}]
)
def test_an_unset_subject_selector_selects_every_pod_of_the_namespace_only(selector: Any) -> None:
    cluster = [*PODS, policy(**fields(podSelector=selector))]
    assert verdict(cluster, "other/web", "default/db") is DENIED
    assert verdict(cluster, "default/db", "default/web") is DENIED
    assert verdict(cluster, "default/db", "other/web") is ACCEPTED


@pytest.mark.parametrize("spec", [{}, None])
def test_a_policy_without_spec_isolates_its_namespace_for_ingress(spec: Any) -> None:
    cluster = [*PODS, policy() | {"spec": spec}]
    assert verdict(cluster, "other/web", "default/db") is DENIED
    assert verdict(cluster, "default/db", OUTSIDE) is ACCEPTED


def test_a_policy_kind_of_another_group_is_not_this_api() -> None:
    foreign = policy() | {"apiVersion": "projectcalico.org/v3"}
    assert verdict([*PODS, foreign], "other/web", "default/db") is ACCEPTED


def test_a_pod_selector_alone_looks_in_the_namespace_of_the_policy() -> None:
    cluster = on_db(ingress=[{"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]}])
    assert verdict(cluster, "default/web", "default/db") is ACCEPTED
    assert verdict(cluster, "other/web", "default/db") is DENIED


def test_an_empty_pod_selector_in_a_peer_is_every_pod_here_and_nobody_outside() -> None:
    cluster = on_db(ingress=[{"from": [{"podSelector": {}, "namespaceSelector": None, "ipBlock": None}]}])
    assert verdict(cluster, "default/web", "default/db") is ACCEPTED
    assert verdict(cluster, "other/web", "default/db") is DENIED
    assert verdict(cluster, OUTSIDE, "default/db") is DENIED


def test_an_empty_namespace_selector_is_every_pod_of_the_cluster_and_nobody_outside() -> None:
    cluster = on_db(ingress=[{"from": [{"namespaceSelector": {}, "podSelector": None}]}])
    assert verdict(cluster, "other/web", "default/db") is ACCEPTED
    assert verdict(cluster, OUTSIDE, "default/db") is DENIED


def test_two_selectors_in_one_peer_must_both_match_but_in_two_peers_either() -> None:
    here = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "other"}}}
    db = {"podSelector": {"matchLabels": {"app": "web"}}}
    both, either = on_db(ingress=[{"from": [here | db]}]), on_db(ingress=[{"from": [here, db]}])
    assert verdict(both, "other/web", "default/db") is ACCEPTED
    assert verdict(both, "default/web", "default/db") is DENIED
    assert verdict(either, "default/web", "default/db") is ACCEPTED
    assert verdict(either, "other/web", "default/db") is ACCEPTED


def test_a_peer_that_sets_nothing_is_not_read_as_everyone() -> None:
    cluster = on_db(ingress=[{"from": [{"podSelector": None}]}])
    assert verdict(cluster, "default/web", "default/db") is DENIED


@pytest.mark.parametrize(
    ("expression", "labels", "expected"),
    [
        ({"operator": "In", "values": ["a", "b"]}, {"k": "b"}, True),
        ({"operator": "In", "values": ["a"]}, {"k": "b"}, False),
        ({"operator": "In", "values": [""]}, {}, False),
        ({"operator": "In", "values": [None]}, {"k": ""}, True),
        ({"operator": "NotIn", "values": ["a"]}, {"k": "b"}, True),
        ({"operator": "NotIn", "values": ["a"]}, {"k": "a"}, False),
        ({"operator": "NotIn", "values": ["a"]}, {}, True),
        ({"operator": "NotIn", "values": [""]}, {}, True),
        ({"operator": "Exists", "values": None}, {"k": ""}, True),
        ({"operator": "Exists"}, {}, False),
        ({"operator": "DoesNotExist", "values": []}, {}, True),
        ({"operator": "DoesNotExist"}, {"k": ""}, False),
    ],
)
def test_match_expressions(expression: Manifest, labels: dict[str, str], *, expected: bool) -> None:
    assert selector_matches({"matchExpressions": [{"key": "k", **expression}]}, labels) is expected


@pytest.mark.parametrize(
    ("match_labels", "labels", "expected"),
    [({"k": None}, {"k": ""}, True), ({"k": ""}, {}, False), ({"k": "a", "l": "b"}, {"k": "a"}, False)],
)
def test_match_labels_need_the_key_and_read_null_as_the_empty_value(
    match_labels: Manifest, labels: dict[str, str], *, expected: bool
) -> None:
    assert selector_matches({"matchLabels": match_labels}, labels) is expected


def test_labels_and_expressions_of_a_selector_must_all_match() -> None:
    selector = {"matchLabels": {"a": "1"}, "matchExpressions": [{"key": "b", "operator": "Exists"}]}
    assert selector_matches(selector, {"a": "1", "b": "2"})
    assert not selector_matches(selector, {"a": "1"})


def test_an_operator_that_no_api_server_accepts_is_an_error() -> None:
    with pytest.raises(ValueError, match="Gt"):
        selector_matches({"matchExpressions": [{"key": "k", "operator": "Gt"}]}, {})


@pytest.mark.parametrize("objects", [[], [namespace_object("other", team="red")]])
def test_every_namespace_has_its_name_as_a_label(objects: list[Manifest]) -> None:
    selector = {"matchLabels": {"kubernetes.io/metadata.name": "other"}}
    cluster = [*objects, *on_db(ingress=[{"from": [{"namespaceSelector": selector}]}])]
    assert verdict(cluster, "other/web", "default/db") is ACCEPTED
    assert verdict(cluster, "default/web", "default/db") is DENIED


def test_a_namespace_selector_asks_the_labels_of_the_namespace_not_of_the_pod() -> None:
    cluster = on_db(ingress=[{"from": [{"namespaceSelector": {"matchLabels": {"app": "web"}}}]}])
    assert verdict(cluster, "other/web", "default/db") is DENIED
    labelled = [namespace_object("other", app="web"), *cluster]
    assert verdict(labelled, "other/web", "default/db") is ACCEPTED


def test_a_namespace_without_object_matches_a_selector_for_the_lack_of_a_label() -> None:
    selector = {"matchExpressions": [{"key": "team", "operator": "NotIn", "values": ["red"]}]}
    cluster = on_db(ingress=[{"from": [{"namespaceSelector": selector}]}])
    assert verdict(cluster, "other/web", "default/db") is ACCEPTED


@pytest.mark.parametrize("policies", [1, 2])
def test_policies_add_up_and_no_rule_denies(policies: int) -> None:
    opened = on_db(ingress=[{"ports": [{"port": 80}]}, {"ports": [{"port": 81}]}])
    closed = on_db()[len(PODS) :] * (policies - 1)
    cluster = [*closed, *opened]
    assert verdict(cluster, OUTSIDE, "default/db", 80) is ACCEPTED
    assert verdict(cluster, OUTSIDE, "default/db", 81) is ACCEPTED
    assert verdict(cluster, OUTSIDE, "default/db", 82) is DENIED


def test_a_rule_needs_both_its_peer_and_its_port() -> None:
    cluster = on_db(ingress=[{"from": [{"podSelector": {}}], "ports": [{"port": 80}]}])
    assert verdict(cluster, "default/web", "default/db", 80) is ACCEPTED
    assert verdict(cluster, "default/web", "default/db", 81) is DENIED
    assert verdict(cluster, OUTSIDE, "default/db", 80) is DENIED


def test_both_ends_must_accept() -> None:
    cluster = on_db(policyTypes=["Ingress", "Egress"], ingress=[{}])
    assert verdict(cluster, "default/web", "default/db") is ACCEPTED
    assert verdict(cluster, "default/db", "default/web") is DENIED
    assert verdict(cluster, "default/db", "default/web", direction=Direction.EGRESS) is DENIED
    assert verdict(cluster, "default/db", "default/web", direction=Direction.INGRESS) is ACCEPTED


def test_an_external_end_is_not_restricted_on_its_side() -> None:
    cluster = from_db({"ipBlock": {"cidr": f"{OUTSIDE}/32"}})
    assert verdict(cluster, "default/db", OUTSIDE, direction=Direction.INGRESS) is ACCEPTED
    assert verdict(cluster, OUTSIDE, "192.0.2.1") is ACCEPTED


def test_a_pod_always_reaches_itself() -> None:
    cluster = on_db(policyTypes=["Ingress", "Egress"])
    assert verdict(cluster, "default/db", "default/db") is ACCEPTED


def test_two_replicas_are_ordinary_pods_to_each_other() -> None:
    replicas = workload("StatefulSet", "apps/v1", replicas=2)
    assert verdict([replicas, policy()], "default/app-0", "default/app-1") is DENIED
    assert verdict([replicas, policy()], "default/app-0", "default/app-0") is ACCEPTED


def test_a_policy_may_select_one_replica_of_a_statefulset() -> None:
    selector = {"matchLabels": {"apps.kubernetes.io/pod-index": "1"}}
    cluster = [workload("StatefulSet", "apps/v1", replicas=2), policy(podSelector=selector)]
    assert verdict(cluster, OUTSIDE, "default/app-0") is ACCEPTED
    assert verdict(cluster, OUTSIDE, "default/app-1") is DENIED


def test_nothing_is_denied_where_policies_are_not_enforced() -> None:
    cluster = on_db(policyTypes=["Ingress", "Egress"])
    assert verdict(cluster, OUTSIDE, "default/db", enforced=False) is ACCEPTED
    assert verdict(cluster, "default/db", OUTSIDE, enforced=False) is ACCEPTED
