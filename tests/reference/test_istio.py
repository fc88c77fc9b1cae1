"""What an AuthorizationPolicy decides, and for whom, written down by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reference.istio import decide
from tests.reference.istio_samples import allow, authorization, custom, deny, mesh_verdict
from tests.reference.manifests import Manifest
from tests.reference.networkpolicy import Connection, Options, Verdict
from tests.reference.samples import OUTSIDE, end, host_pod, node, pod, policy

ACCEPTED, DENIED, UNKNOWN = Verdict.ACCEPTED, Verdict.DENIED, Verdict.UNKNOWN

WEB, DB = pod("web", labels={"app": "web"}), pod("db", labels={"app": "db"})
OTHER = pod("web", "other", labels={"app": "web"})
PODS = [WEB, DB, OTHER]

FROM_OTHER = {"namespaces": ["other"]}
MAYBE = {"remoteIpBlocks": ["0.0.0.0/0"]}


def to_db(*policies: Manifest, src: str = "default/web", port: int = 80) -> Verdict:
    return mesh_verdict([*PODS, *policies], src, "default/db", port)


def test_without_policies_everything_is_accepted() -> None:
    assert to_db() is ACCEPTED
    assert to_db(src=OUTSIDE) is ACCEPTED


@pytest.mark.parametrize("spec", [None, {}, {"rules": None}, {"rules": []}, {"action": None}, {"action": "ALLOW"}])
def test_an_allow_policy_without_rules_allows_nothing(spec: Any) -> None:
    empty = authorization() | {"spec": spec}
    assert to_db(empty) is DENIED
    assert to_db(empty, src=OUTSIDE) is DENIED


@pytest.mark.parametrize("rule", [{}, {"from": None, "to": None, "when": None}])
def test_an_empty_rule_matches_everything(rule: Any) -> None:
    assert to_db(authorization(rules=[rule]), src=OUTSIDE) is ACCEPTED
    assert to_db(authorization(rules=[rule], action="DENY"), src=OUTSIDE) is DENIED


def test_a_deny_policy_without_rules_denies_nothing() -> None:
    assert to_db(authorization(action="DENY")) is ACCEPTED


def test_deny_goes_before_allow() -> None:
    assert to_db(authorization(rules=[{}]), deny(FROM_OTHER), src="other/web") is DENIED
    assert to_db(authorization(rules=[{}]), deny(FROM_OTHER), src="default/web") is ACCEPTED


def test_with_deny_policies_only_the_rest_is_allowed() -> None:
    assert to_db(deny(FROM_OTHER)) is ACCEPTED


def test_any_rule_of_any_allow_policy_suffices() -> None:
    rules = [{"from": [{"source": {"namespaces": ["nobody"]}}]}, {"from": [{"source": FROM_OTHER}]}]
    assert to_db(authorization(), authorization(rules=rules), src="other/web") is ACCEPTED
    assert to_db(authorization(), authorization(rules=rules), src="default/web") is DENIED


@pytest.mark.parametrize("action", ["ALLOW", "DENY", "AUDIT"])
def test_a_policy_on_trial_changes_nothing(action: str) -> None:
    trial = authorization(action=action, rules=[{}], metadata={"annotations": {"istio.io/dry-run": "true"}})
    assert to_db(trial) is ACCEPTED
    assert to_db(trial, authorization()) is DENIED


def test_a_policy_is_in_force_where_the_trial_is_declared_off() -> None:
    assert to_db(authorization(metadata={"annotations": {"istio.io/dry-run": "false"}})) is DENIED


def test_an_audit_policy_changes_nothing_and_is_no_allow_policy() -> None:
    audit = authorization(action="AUDIT", rules=[{"from": [{"source": FROM_OTHER}]}])
    assert to_db(audit) is ACCEPTED
    assert to_db(audit, authorization(), src="other/web") is DENIED


def test_a_matching_custom_policy_leaves_the_verdict_to_an_extension() -> None:
    assert to_db(custom(FROM_OTHER), src="other/web") is UNKNOWN
    assert to_db(custom(FROM_OTHER), src="default/web") is ACCEPTED
    assert to_db(custom(), authorization(rules=[{}])) is UNKNOWN


def test_an_extension_cannot_overrule_deny_nor_the_lack_of_allow() -> None:
    assert to_db(custom(), deny()) is DENIED
    assert to_db(custom(), authorization()) is DENIED


def test_a_policy_that_may_match_leaves_the_verdict_open() -> None:
    assert to_db(deny(MAYBE)) is UNKNOWN
    assert to_db(allow(MAYBE)) is UNKNOWN
    assert to_db(custom(MAYBE)) is UNKNOWN


def test_what_may_match_does_not_matter_where_another_policy_decides() -> None:
    assert to_db(deny(MAYBE), deny()) is DENIED
    assert to_db(allow(MAYBE), authorization(rules=[{}])) is ACCEPTED
    assert to_db(deny(MAYBE), authorization()) is DENIED


def test_a_policy_is_for_its_namespace_and_one_in_the_root_namespace_for_all() -> None:
    assert to_db(authorization("other")) is ACCEPTED
    assert to_db(authorization("default")) is DENIED
    assert to_db(authorization("istio-system")) is DENIED
    assert mesh_verdict([*PODS, authorization("istio-system")], "default/db", "other/web") is DENIED


@pytest.mark.parametrize("namespace", ["default", "istio-system"])
def test_a_selector_narrows_the_workloads_of_a_policy(namespace: str) -> None:
    closed = authorization(namespace, selector={"matchLabels": {"app": "db"}})
    assert to_db(closed) is DENIED
    assert mesh_verdict([*PODS, closed], "default/db", "default/web") is ACCEPTED


@pytest.mark.parametrize("selector", [None, {}, {"matchLabels": None}, {"matchLabels": {}}])
def test_an_empty_selector_narrows_nothing(selector: Any) -> None:
    assert to_db(authorization(selector=selector)) is DENIED


def test_a_selector_for_the_empty_value_needs_the_label() -> None:
    assert to_db(authorization(selector={"matchLabels": {"tier": ""}})) is ACCEPTED


GATEWAY = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "waypoint"}


@pytest.mark.parametrize("target", [{"targetRefs": [GATEWAY]}, {"targetRef": GATEWAY}])
def test_a_policy_with_a_target_may_apply_to_pods_of_its_namespace(target: Manifest) -> None:
    assert to_db(authorization(**target)) is UNKNOWN
    assert to_db(authorization("other", **target)) is ACCEPTED
    assert to_db(authorization("istio-system", **target)) is ACCEPTED


def test_whether_a_targeted_policy_applies_matters_only_where_it_changes_the_verdict() -> None:
    target: Any = {"targetRefs": [GATEWAY]}
    assert to_db(authorization(rules=[{}], **target)) is ACCEPTED
    assert to_db(authorization(rules=[{}], **target), authorization(**target)) is UNKNOWN
    assert to_db(authorization(rules=[{}], **target), authorization()) is UNKNOWN
    assert to_db(authorization(**target), authorization(rules=[{}])) is ACCEPTED
    assert to_db(authorization(**target), deny()) is DENIED
    assert to_db(authorization(action="DENY", rules=[{}], **target), authorization(rules=[{}])) is UNKNOWN


def test_a_policy_of_another_group_is_not_this_api() -> None:
    assert to_db(authorization() | {"apiVersion": "example.test/v1"}) is ACCEPTED


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_both_versions_of_the_api_mean_the_same(version: str) -> None:
    assert to_db(authorization() | {"apiVersion": f"security.istio.io/{version}"}) is DENIED


@pytest.mark.parametrize("protocol", ["UDP", "SCTP"])
def test_only_tcp_passes_through_a_proxy(protocol: str) -> None:
    assert mesh_verdict([*PODS, authorization()], "default/web", "default/db", protocol=protocol) is ACCEPTED


def test_only_the_destination_is_asked() -> None:
    closed = authorization("other")
    assert to_db(closed, src="other/web") is ACCEPTED
    assert mesh_verdict([*PODS, closed], "other/web", OUTSIDE) is ACCEPTED


def test_a_pod_always_reaches_itself() -> None:
    assert to_db(authorization(), src="default/db") is ACCEPTED


@pytest.mark.parametrize(
    ("db", "agent", "expected"),
    [("n1", "n1", ACCEPTED), ("n1", "n2", DENIED), ("", "n1", UNKNOWN), ("n1", "", UNKNOWN)],
)
def test_a_pod_always_accepts_its_own_node(db: str, agent: str, expected: Verdict) -> None:
    cluster = [pod("db", nodeName=db), host_pod("agent", nodeName=agent), authorization()]
    assert mesh_verdict(cluster, "default/agent", "default/db") is expected
    assert mesh_verdict([*cluster, authorization(rules=[{}])], "default/agent", "default/db") is ACCEPTED


def test_a_pod_always_accepts_the_addresses_of_its_own_node() -> None:
    cluster = [node("n1", "192.168.0.10"), node("n2", "192.168.0.11"), pod("db", nodeName="n1"), authorization()]
    assert mesh_verdict(cluster, "192.168.0.10", "default/db") is ACCEPTED
    assert mesh_verdict(cluster, "192.168.0.11", "default/db") is DENIED


@pytest.mark.parametrize(
    ("network", "mesh", "expected"),
    [
        ([{}], [{}], ACCEPTED),
        ([], [{}], DENIED),
        ([{}], [], DENIED),
        ([{}], [{"from": [{"source": MAYBE}]}], UNKNOWN),
        ([], [{"from": [{"source": MAYBE}]}], DENIED),
    ],
)
def test_a_connection_needs_the_network_and_the_mesh(network: Any, mesh: Any, expected: Verdict) -> None:
    cluster = [*PODS, policy(ingress=network), authorization(rules=mesh)]
    connection = Connection(end(cluster, "default/web"), end(cluster, "default/db"), "TCP", 80)
    assert decide(cluster, connection, Options()) is expected


def test_the_mesh_is_in_force_where_network_policies_are_not() -> None:
    cluster = [*PODS, policy(), authorization()]
    connection = Connection(end(cluster, "default/web"), end(cluster, "default/db"), "TCP", 80)
    assert decide(cluster, connection, Options(enforced=False)) is DENIED
