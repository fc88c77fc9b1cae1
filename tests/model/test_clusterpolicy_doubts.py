"""What an API server lets through in cluster-wide policies although its effect is not known."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.model.clusterpolicy import ClusterPolicy, ClusterPort, ClusterRule, PodsPeer, UnknownPeer
from firedoor.model.clusterpolicy_dialects import DIALECTS
from firedoor.model.clusterpolicy_parsing import parse_cluster_policy
from firedoor.model.faults import Fault
from firedoor.model.metadata import ObjectMeta
from firedoor.model.policies import PolicyObject

EVERY_POD: dict[str, Any] = {"namespaces": {}}
RULE: dict[str, Any] = {"action": "Deny", "to": [EVERY_POD]}
CNP = {"tier": "Admin", "priority": 5, "subject": EVERY_POD}


def let_through(
    spec: dict[str, Any], kind: str = "ClusterNetworkPolicy", version: str = "v1alpha2"
) -> tuple[ClusterPolicy, Fault]:
    policy = PolicyObject(f"policy.networking.k8s.io/{version}", kind, ObjectMeta("default"), spec)
    parsed, (fault,) = parse_cluster_policy(policy)
    assert parsed is not None
    assert not fault.rejects
    return parsed, fault


def doubted(**rule: Any) -> tuple[ClusterRule, str]:
    """Return the first of two egress rules, of which the second is not in doubt, and the path of the fault."""
    parsed, fault = let_through({**CNP, "egress": [{**RULE, **rule}, RULE]})
    assert not parsed.egress[1].unsure
    return parsed.egress[0], fault.path


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ({"ports": [{"number": 80}]}, "ports"),
        ({"to": [{"pods": {"podSelector": {}, "podSelektor": {}}}]}, "to[0].pods.podSelektor"),
        ({"to": [{"namespaces": {"matchFields": {}}}]}, "to[0].namespaces.matchFields"),
        ({"to": [{"namespaces": {}, "serviceAccounts": {}}]}, "to[0].serviceAccounts"),
        ({"to": [{"domainNames": ["a.example"]}]}, "to[0].domainNames"),
        ({"action": "Pass", "to": [{"domainNames": ["a.example"]}]}, "to[0].domainNames"),
        ({"protocols": [{"icmp": {}}]}, "protocols[0].icmp"),
        ({"protocols": [{"tcp": {"flags": "SYN"}}]}, "protocols[0].tcp.flags"),
        ({"protocols": [{"tcp": {"destinationPort": {"name": "a"}}}]}, "protocols[0].tcp.destinationPort.name"),
        ({"protocols": [{"destinationNamedPort": ""}]}, "protocols[0].destinationNamedPort"),
    ],
)
def test_a_part_of_a_rule_without_a_known_effect_makes_the_rule_unsure(rule: dict[str, Any], path: str) -> None:
    found, where = doubted(**rule)
    assert found.unsure
    assert where == f"spec.egress[0].{path}"


@pytest.mark.parametrize(
    ("selector", "path"),
    [
        ({"matchLabels": {"a b": "x"}}, "matchLabels[a b]"),
        ({"matchLabels": {"a": "x y"}}, "matchLabels[a]"),
        ({"matchLabels": {"a": None}}, "matchLabels[a]"),
        ({"matchLabels": {3: "x"}}, "matchLabels[3]"),
        ({"matchLabels": {"/a": "x"}}, "matchLabels[/a]"),
        ({"matchLabels": {"A.example/a": "x"}}, "matchLabels[A.example/a]"),
        ({"matchLabels": {"a" * 64: "x"}}, f"matchLabels[{'a' * 64}]"),
        ({"matchExpressions": [{"key": "a", "operator": "in", "values": ["x"]}]}, "matchExpressions[0].operator"),
        ({"matchExpressions": [{"key": "a", "operator": "In"}]}, "matchExpressions[0].values"),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": []}]}, "matchExpressions[0].values"),
        ({"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["x"]}]}, "matchExpressions[0].values"),
        ({"matchExpressions": [{"key": "a/", "operator": "Exists"}]}, "matchExpressions[0].key"),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["-"]}]}, "matchExpressions[0].values[0]"),
        ({"matchExpressions": [{"key": "a", "operator": "Exists", "value": "x"}]}, "matchExpressions[0].value"),
    ],
)
def test_a_requirement_that_no_selector_can_have_is_left_out_and_doubted(selector: dict[str, Any], path: str) -> None:
    found, where = doubted(to=[{"namespaces": selector}])
    assert found.unsure
    assert found.peers == (PodsPeer(),)
    assert where == f"spec.egress[0].to[0].namespaces.{path}"


@pytest.mark.parametrize(
    "spec",
    [
        {**CNP, "policyTypes": ["Egress"]},
        {**CNP, "subject": {"namespaces": {}, "nodes": {}}},
        {**CNP, "subject": {"namespaces": {"matchExpressions": [{"key": "a", "operator": "is"}]}}},
    ],
)
def test_a_doubt_about_the_policy_makes_all_of_its_rules_unsure(spec: dict[str, Any]) -> None:
    parsed, _ = let_through({**spec, "egress": [RULE], "ingress": [{"action": "Deny", "from": [EVERY_POD]}]})
    assert [each.unsure for each in (*parsed.ingress, *parsed.egress)] == [True, True]


def test_a_version_that_is_not_known_is_read_like_the_newest_and_doubted() -> None:
    parsed, fault = let_through({**CNP, "egress": [RULE]}, version="v1")
    assert parsed.egress[0].unsure
    assert fault.path == "apiVersion"
    assert "v1alpha2 or v1beta1" in fault.reason


@pytest.mark.parametrize("peer", [{"identities": ["a"]}, {"a": 1, "b": None}])
def test_a_peer_that_the_api_does_not_have_fails_closed_and_that_is_sure(peer: dict[str, Any]) -> None:
    rule, path = doubted(to=[EVERY_POD, peer])
    assert rule.peers == (PodsPeer(), UnknownPeer())
    assert rule.fails_closed
    assert not rule.unsure
    assert path == "spec.egress[0].to[1]"


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("AdminNetworkPolicy", {"ingress": [{"action": "Allow", "from": [{"networks": ["10.0.0.0/8"]}]}]}),
        ("BaselineAdminNetworkPolicy", {"egress": [{"action": "Allow", "to": [{"domainNames": ["a.example"]}]}]}),
    ],
)
def test_a_peer_of_another_direction_or_kind_is_unknown(kind: str, rule: dict[str, Any]) -> None:
    spec = {"subject": EVERY_POD, **rule} | ({"priority": 1} if kind == "AdminNetworkPolicy" else {})
    parsed, _ = let_through(spec, kind, "v1alpha1")
    assert [each.peers for each in (*parsed.ingress, *parsed.egress)] == [(UnknownPeer(),)]


@pytest.mark.parametrize(
    ("entry", "ports"),
    [
        ({"portRange": {"start": 80, "end": 80}}, (ClusterPort("TCP", 80, 80),)),
        ({"portRange": {"start": 90, "end": 80}}, (ClusterPort("TCP", 80, 90),)),
        ({"portRange": {"protocol": "tcp", "start": 80, "end": 90}}, ()),
        ({"portNumber": {"protocol": "ICMP", "port": 8}}, ()),
        ({"portNumber": {"port": 80, "name": "a"}}, (ClusterPort("TCP", 80),)),
        ({"port": 80}, ()),
    ],
)
def test_ports_that_v1alpha1_lets_through_without_a_meaning_are_doubted(
    entry: dict[str, Any], ports: tuple[ClusterPort, ...]
) -> None:
    spec = {"priority": 1, "subject": EVERY_POD, "egress": [{**RULE, "ports": [entry]}]}
    parsed, _ = let_through(spec, "AdminNetworkPolicy", "v1alpha1")
    assert parsed.egress[0].unsure
    assert parsed.egress[0].ports == ports


def test_the_pattern_of_v1alpha1_for_domain_names_is_wider() -> None:
    peer = {"domainNames": ["_a.example"]}
    spec = {"priority": 1, "subject": EVERY_POD, "egress": [{"action": "Allow", "to": [peer]}]}
    policy = PolicyObject("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", ObjectMeta("p"), spec)
    parsed, faults = parse_cluster_policy(policy)
    assert parsed is not None
    assert faults == ()


SPEC_FIELDS = ["tier", "priority", "subject", "ingress", "egress"]
RULE_FIELDS = ["action", "name", "from", "to", "protocols", "ports"]
PEER_FIELDS = [
    "namespaces",
    "pods",
    "nodes",
    "networks",
    "domainNames",
    "namespaceSelector",
    "podSelector",
    "matchLabels",
    "matchExpressions",
    "key",
    "operator",
    "values",
]
PORT_FIELDS = [
    "tcp",
    "portNumber",
    "portRange",
    "namedPort",
    "destinationNamedPort",
    "destinationPort",
    "number",
    "range",
    "start",
    "end",
    "protocol",
    "port",
    "x",
]
FIELDS = st.sampled_from([*SPEC_FIELDS, *RULE_FIELDS, *PEER_FIELDS, *PORT_FIELDS])
LEAVES = st.sampled_from(
    ["Admin", "Deny", "Accept", "TCP", "10.0.0.0/8", "a.example", "In", "Exists", "", 0, 80, 1.5, None, True, -1]
)
NEAR = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=5))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=10,
)


@given(
    kind=st.sampled_from([*DIALECTS, "Other"]),
    version=st.sampled_from(["v1alpha1", "v1alpha2", "v1beta1", ""]),
    spec=JSON | st.dictionaries(FIELDS, NEAR, max_size=6) | st.fixed_dictionaries({}, optional={"egress": NEAR}),
)
def test_whatever_stands_in_the_specification_only_faults_come_of_it(kind: str, version: str, spec: Any) -> None:
    parsed, faults = parse_cluster_policy(PolicyObject(version, kind, ObjectMeta("default"), spec))
    assert (parsed is None) is any(each.rejects for each in faults)
    assert all(each.path and each.reason for each in faults)


@given(rules=st.lists(st.dictionaries(FIELDS, NEAR, max_size=6) | JSON, max_size=3))
def test_whatever_stands_in_rules_only_faults_come_of_it(rules: list[Any]) -> None:
    spec = {**CNP, "egress": rules}
    policy = PolicyObject("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", ObjectMeta("p"), spec)
    parsed, faults = parse_cluster_policy(policy)
    assert (parsed is None) is any(each.rejects for each in faults)
