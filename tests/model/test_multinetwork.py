from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.model.labels import EVERYTHING, LabelSelector
from firedoor.model.metadata import ObjectMeta
from firedoor.model.multinetwork import POLICY_FOR, MultiNetworkPolicy, parse_multi_network_policy
from firedoor.model.networkpolicy import (
    Direction,
    EgressRule,
    IngressRule,
    IPBlock,
    NetworkPolicyPeer,
    NetworkPolicyPort,
    NetworkPolicySpec,
)
from firedoor.model.policies import PolicyObject

WEB = {"matchLabels": {"app": "web"}}


def policy_object(spec: Any, networks: str | None = "net-a", version: str = "v1beta2") -> PolicyObject:
    annotations = {} if networks is None else {POLICY_FOR: networks}
    metadata = ObjectMeta("p", "shop", annotations=annotations)
    return PolicyObject(f"k8s.cni.cncf.io/{version}", "MultiNetworkPolicy", metadata, spec)


def accepted(spec: Any, networks: str = "net-a", version: str = "v1beta2") -> MultiNetworkPolicy:
    parsed, faults = parse_multi_network_policy(policy_object(spec, networks, version))
    assert faults == ()
    assert parsed is not None
    return parsed


@pytest.mark.parametrize("version", ["v1beta1", "v1beta2"])
def test_it_reads_like_a_network_policy(version: str) -> None:
    spec = {
        "podSelector": WEB,
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": [{"podSelector": {}}, {"namespaceSelector": WEB}], "ports": [{"port": "http"}]}],
        "egress": [
            {},
            {
                "to": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}],
                "ports": [{"protocol": "UDP", "port": 53.0, "endPort": 60}, {"protocol": "SCTP"}],
            },
        ],
    }
    policy = accepted(spec, version=version)
    web = LabelSelector({"app": "web"})
    assert policy.spec.pod_selector == web
    assert policy.rules(Direction.INGRESS) == (
        IngressRule((NetworkPolicyPeer(EVERYTHING), NetworkPolicyPeer(None, web)), (NetworkPolicyPort("TCP", "http"),)),
    )
    block = NetworkPolicyPeer(ip_block=IPBlock("10.0.0.0/8", ("10.1.0.0/16",)))
    ports = (NetworkPolicyPort("UDP", 53, 60), NetworkPolicyPort("SCTP"))
    assert policy.rules(Direction.EGRESS) == (EgressRule(), EgressRule((block,), ports))
    assert policy.unsure == ()


def test_it_selects_pods_of_its_own_namespace_and_calls_itself_by_its_kind() -> None:
    policy = accepted({"podSelector": {}})
    assert policy.selects("shop", {})
    assert not policy.selects("other", {})
    assert policy.isolates(Direction.INGRESS)
    assert str(policy.ref) == "MultiNetworkPolicy shop/p"


@pytest.mark.parametrize(
    ("text", "networks"),
    [
        ("net-a", ("shop/net-a",)),
        (" net-a , infra/net-b ,, net-a", ("shop/net-a", "infra/net-b")),
        ("infra / net-b", ("infra/net-b",)),
    ],
)
def test_networks_are_in_the_namespace_of_the_policy_unless_they_say_otherwise(
    text: str, networks: tuple[str, ...]
) -> None:
    assert accepted({"podSelector": {}}, text).networks == networks


@pytest.mark.parametrize(
    ("text", "faults"), [(None, 1), ("", 1), ("a/b/c", 2), ("/net", 2), ("infra/", 2), ("net-a, a/b/c", 1)]
)
def test_a_network_that_is_not_named_is_none_and_that_is_told(text: str | None, faults: int) -> None:
    parsed, found = parse_multi_network_policy(policy_object({"podSelector": {}}, text))
    assert parsed is not None
    assert parsed.networks == (("shop/net-a",) if text and "net-a" in text else ())
    assert not parsed.is_unsure("spec.ingress[0]")
    assert [each.path for each in found] == [f"metadata.annotations[{POLICY_FOR}]"] * faults
    assert not any(each.rejects for each in found)


def test_no_specification_closes_every_pod_of_the_namespace() -> None:
    policy = accepted(None)
    assert policy.spec == NetworkPolicySpec()
    assert policy.isolates(Direction.INGRESS)
    assert not policy.isolates(Direction.EGRESS)


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ([], "spec"),
        ({}, "spec.podSelector"),
        ({"podSelector": "all"}, "spec.podSelector"),
        ({"podSelector": {}, "policyTypes": "Egress"}, "spec.policyTypes"),
        ({"podSelector": {}, "policyTypes": [1]}, "spec.policyTypes[0]"),
        ({"podSelector": {}, "ingress": {}}, "spec.ingress"),
        ({"podSelector": {}, "ingress": ["all"]}, "spec.ingress[0]"),
        ({"podSelector": {}, "ingress": [{"from": ["all"]}]}, "spec.ingress[0].from[0]"),
        ({"podSelector": {}, "egress": [{"to": [{"ipBlock": {}}]}]}, "spec.egress[0].to[0].ipBlock.cidr"),
        ({"podSelector": {}, "egress": [{"ports": [{"port": True}]}]}, "spec.egress[0].ports[0].port"),
        ({"podSelector": {}, "egress": [{"ports": [{"port": 1.5}]}]}, "spec.egress[0].ports[0].port"),
        ({"podSelector": {}, "egress": [{"ports": [{"port": 1, "endPort": "2"}]}]}, "spec.egress[0].ports[0].endPort"),
        ({"podSelector": {}, "egress": [{"ports": [{"protocol": 6}]}]}, "spec.egress[0].ports[0].protocol"),
    ],
)
def test_what_the_schema_does_not_have_is_refused(spec: Any, path: str) -> None:
    parsed, faults = parse_multi_network_policy(policy_object(spec))
    assert parsed is None
    assert [each.path for each in faults if each.rejects] == [path]


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ({"from": []}, "from"),
        ({"to": [{}]}, "to[0]"),
        ({"to": [{"podSelector": {}, "ipBlock": {"cidr": "10.0.0.0/8"}}]}, "to[0]"),
        ({"to": [{"namespaceSelector": {}, "ipBlock": {"cidr": "10.0.0.0/8"}}]}, "to[0]"),
        ({"to": [{"podSelector": {}, "nodeSelector": {}}]}, "to[0].nodeSelector"),
        ({"to": [{"ipBlock": {"cidr": "10.0.0.0"}}]}, "to[0].ipBlock.cidr"),
        ({"to": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["x"]}}]}, "to[0].ipBlock.except[0]"),
        ({"to": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["11.0.0.0/16"]}}]}, "to[0].ipBlock.except[0]"),
        ({"to": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["::/64"]}}]}, "to[0].ipBlock.except[0]"),
        ({"ports": [{"protocol": "ICMP"}]}, "ports[0].protocol"),
        ({"ports": [{"port": 0}]}, "ports[0].port"),
        ({"ports": [{"port": ""}]}, "ports[0].port"),
        ({"ports": [{"port": 80, "endPort": 79}]}, "ports[0].endPort"),
        ({"ports": [{"port": 80, "endPort": 65536}]}, "ports[0].endPort"),
        ({"ports": [{"port": "http", "endPort": 90}]}, "ports[0].endPort"),
        ({"ports": [{"endPort": 90}]}, "ports[0].endPort"),
        ({"ports": [{"number": 90}]}, "ports[0].number"),
    ],
)
def test_a_part_of_a_rule_without_a_known_effect_makes_the_rule_unsure(rule: dict[str, Any], path: str) -> None:
    parsed, (fault,) = parse_multi_network_policy(policy_object({"podSelector": {}, "egress": [{}, rule]}))
    assert parsed is not None
    assert not fault.rejects
    assert fault.path == f"spec.egress[1].{path}"
    assert [parsed.is_unsure(f"spec.egress[{index}]") for index in (0, 1)] == [False, True]


@pytest.mark.parametrize(
    "spec",
    [
        {"podSelector": {}, "policyTypes": ["egress"]},
        {"podSelector": {}, "networks": []},
        {"podSelector": {"matchExpressions": [{"key": "a", "operator": "is"}]}},
    ],
)
def test_a_doubt_about_the_policy_makes_all_of_its_rules_unsure(spec: dict[str, Any]) -> None:
    parsed, (fault,) = parse_multi_network_policy(policy_object({**spec, "ingress": [{}]}))
    assert parsed is not None
    assert not fault.rejects
    assert parsed.is_unsure("spec.ingress[0]")


FIELDS = st.sampled_from(
    ["podSelector", "policyTypes", "ingress", "egress", "from", "to", "ports", "ipBlock", "cidr", "except", "port"]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["10.0.0.0/8", "Egress"])
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS | st.text(max_size=3), inner, max_size=4),
)


@given(spec=JSON, networks=st.text())
def test_whatever_stands_in_the_object_only_faults_come_of_it(spec: Any, networks: str) -> None:
    parsed, faults = parse_multi_network_policy(policy_object(spec, networks))
    assert (parsed is None) is any(each.rejects for each in faults)


@given(rules=st.lists(JSON, max_size=3))
def test_whatever_stands_in_rules_only_faults_come_of_it(rules: list[Any]) -> None:
    parsed, faults = parse_multi_network_policy(policy_object({"podSelector": {}, "egress": rules}))
    assert (parsed is None) is any(each.rejects for each in faults)
