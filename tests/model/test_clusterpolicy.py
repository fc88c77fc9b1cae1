from __future__ import annotations

from typing import Any

import pytest

from firedoor.model.clusterpolicy import (
    Action,
    ClusterPolicy,
    ClusterPort,
    ClusterRule,
    DomainsPeer,
    NetworksPeer,
    NodesPeer,
    PodsPeer,
    Tier,
    UnknownPeer,
)
from firedoor.model.clusterpolicy_parsing import parse_cluster_policy
from firedoor.model.labels import EVERYTHING, LabelSelector, LabelSelectorRequirement, Operator
from firedoor.model.metadata import ObjectMeta
from firedoor.model.networkpolicy import Direction
from firedoor.model.places import Place
from firedoor.model.policies import PolicyObject

EVERY_POD: dict[str, Any] = {"namespaces": {}}
WEB = {"matchLabels": {"app": "web"}}


def accepted(kind: str, version: str, spec: dict[str, Any], name: str = "p") -> ClusterPolicy:
    policy = PolicyObject(f"policy.networking.k8s.io/{version}", kind, ObjectMeta(name), spec, Place("a.yaml", 7))
    parsed, faults = parse_cluster_policy(policy)
    assert faults == ()
    assert parsed is not None
    return parsed


def cluster(**spec: Any) -> ClusterPolicy:
    return accepted("ClusterNetworkPolicy", "v1alpha2", {"tier": "Admin", "priority": 5, "subject": EVERY_POD, **spec})


def test_a_cluster_network_policy_has_a_tier_a_priority_and_a_subject() -> None:
    spec = {"tier": "Baseline", "priority": 0, "subject": {"namespaces": WEB}}
    policy = accepted("ClusterNetworkPolicy", "v1alpha2", spec)
    assert (policy.tier, policy.priority, policy.subject) == (
        Tier.BASELINE,
        0,
        PodsPeer(LabelSelector({"app": "web"})),
    )
    assert (policy.ingress, policy.egress, str(policy.place)) == ((), (), "a.yaml:7")
    assert str(policy.ref) == "ClusterNetworkPolicy p"


def test_an_admin_network_policy_is_of_the_admin_tier_and_allow_means_accept() -> None:
    rule = {"name": "r", "action": "Allow", "from": [EVERY_POD]}
    spec = {"priority": 1000, "subject": EVERY_POD, "ingress": [rule, {**rule, "action": "Pass"}]}
    policy = accepted("AdminNetworkPolicy", "v1alpha1", spec)
    assert (policy.kind, policy.tier, policy.priority) == ("AdminNetworkPolicy", Tier.ADMIN, 1000)
    assert [each.action for each in policy.ingress] == [Action.ACCEPT, Action.PASS]
    assert policy.ingress[0] == ClusterRule(Action.ACCEPT, (PodsPeer(),), None, "r", "spec.ingress[0]")


def test_a_baseline_admin_network_policy_comes_after_the_whole_baseline_tier() -> None:
    spec = {"subject": EVERY_POD, "egress": [{"action": "Deny", "to": [EVERY_POD]}]}
    policy = accepted("BaselineAdminNetworkPolicy", "v1alpha1", spec, "default")
    assert (policy.tier, policy.priority) == (Tier.BASELINE, 1001)
    assert policy.rules(Direction.INGRESS) == ()
    assert policy.rules(Direction.EGRESS) == (ClusterRule(Action.DENY, (PodsPeer(),), path="spec.egress[0]"),)


def test_v1beta1_reads_like_v1alpha2() -> None:
    spec = {
        "tier": "Admin",
        "priority": 1,
        "subject": EVERY_POD,
        "egress": [{"action": "Deny", "to": [{"networks": ["10.0.0.0/8", "fd00::/8"]}]}],
    }
    policy = accepted("ClusterNetworkPolicy", "v1beta1", spec)
    assert policy.egress[0].peers == (NetworksPeer(("10.0.0.0/8", "fd00::/8")),)


def test_a_null_field_is_a_field_that_is_not_there() -> None:
    rule: dict[str, Any] = {
        "name": None,
        "action": "Deny",
        "from": [{"namespaces": {}, "pods": None}],
        "protocols": None,
    }
    policy = cluster(ingress=[rule], egress=None)
    assert policy.ingress[0].peers == (PodsPeer(),)
    assert policy.ingress[0].ports is None


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        ({"namespaces": {}}, PodsPeer()),
        ({"pods": {"podSelector": {}}}, PodsPeer(EVERYTHING, EVERYTHING)),
        ({"pods": {"namespaceSelector": WEB, "podSelector": {}}}, PodsPeer(LabelSelector({"app": "web"}), EVERYTHING)),
        ({"nodes": WEB}, NodesPeer(LabelSelector({"app": "web"}))),
        ({"networks": ["10.1.2.3/8", "::/0"]}, NetworksPeer(("10.1.2.3/8", "::/0"))),
        ({"domainNames": ["*.example.com", "a.b."]}, DomainsPeer(("*.example.com", "a.b."))),
    ],
)
def test_every_kind_of_peer_is_read(peer: dict[str, Any], expected: object) -> None:
    (rule,) = cluster(egress=[{"action": "Accept", "to": [peer]}]).egress
    assert rule.peers == (expected,)
    assert not rule.unsure


def test_every_operator_of_label_selectors_is_read() -> None:
    expressions = [
        {"key": "a.example/b", "operator": "In", "values": ["x", ""]},
        {"key": "b", "operator": "NotIn", "values": ["x"]},
        {"key": "c", "operator": "Exists"},
        {"key": "d", "operator": "DoesNotExist", "values": []},
    ]
    policy = cluster(subject={"namespaces": {"matchExpressions": expressions}})
    assert policy.subject.namespace_selector.match_expressions == (
        LabelSelectorRequirement("a.example/b", Operator.IN, ("x", "")),
        LabelSelectorRequirement("b", Operator.NOT_IN, ("x",)),
        LabelSelectorRequirement("c", Operator.EXISTS),
        LabelSelectorRequirement("d", Operator.DOES_NOT_EXIST),
    )


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"tcp": {"destinationPort": {"number": 80}}}, ClusterPort("TCP", 80)),
        ({"udp": {"destinationPort": {"number": 53.0}}}, ClusterPort("UDP", 53)),
        ({"sctp": {"destinationPort": {"range": {"start": 1, "end": 65535}}}}, ClusterPort("SCTP", 1, 65535)),
        ({"destinationNamedPort": "http"}, ClusterPort(name="http")),
    ],
)
def test_protocols_of_cluster_network_policies_are_read(entry: dict[str, Any], expected: ClusterPort) -> None:
    (rule,) = cluster(ingress=[{"action": "Pass", "from": [EVERY_POD], "protocols": [entry]}]).ingress
    assert rule.ports == (expected,)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"portNumber": {"port": 80}}, ClusterPort("TCP", 80)),
        ({"portNumber": {"protocol": "UDP", "port": 53}}, ClusterPort("UDP", 53)),
        ({"portRange": {"start": 80, "end": 90}}, ClusterPort("TCP", 80, 90)),
        ({"portRange": {"protocol": "SCTP", "start": 80, "end": 90}}, ClusterPort("SCTP", 80, 90)),
        ({"namedPort": "http"}, ClusterPort(name="http")),
    ],
)
def test_ports_of_admin_network_policies_are_read(entry: dict[str, Any], expected: ClusterPort) -> None:
    rule = {"action": "Deny", "to": [EVERY_POD], "ports": [entry]}
    policy = accepted("AdminNetworkPolicy", "v1alpha1", {"priority": 1, "subject": EVERY_POD, "egress": [rule]})
    assert policy.egress[0].ports == (expected,)


def test_a_peer_means_pods_whose_namespace_and_own_labels_match() -> None:
    web = LabelSelector({"app": "web"})
    assert PodsPeer(web).selects({"app": "web"}, {})
    assert not PodsPeer(web).selects({}, {"app": "web"})
    assert PodsPeer(EVERYTHING, web).selects({}, {"app": "web"})
    assert not PodsPeer(EVERYTHING, web).selects({"app": "web"}, {})


def test_one_unknown_peer_makes_the_whole_rule_fail_closed() -> None:
    assert ClusterRule(Action.DENY, (PodsPeer(), UnknownPeer())).fails_closed
    assert not ClusterRule(Action.DENY, (PodsPeer(),)).fails_closed


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (PodsPeer(), "all pods of all namespaces"),
        (PodsPeer(LabelSelector({"a": "b"}), EVERYTHING), "all pods of namespaces a=b"),
        (PodsPeer(EVERYTHING, LabelSelector({"a": "b"})), "pods a=b of all namespaces"),
        (NodesPeer(), "all nodes"),
        (NodesPeer(LabelSelector({"a": "b"})), "nodes a=b"),
        (NetworksPeer(("10.0.0.0/8", "::/0")), "10.0.0.0/8, ::/0"),
        (DomainsPeer(("a.example", "*.b.example")), "a.example, *.b.example"),
        (UnknownPeer(), "peers of an unknown kind"),
        (ClusterPort("TCP", 80), "TCP/80"),
        (ClusterPort("UDP", 80, 90), "UDP/80-90"),
        (ClusterPort(name="http"), "port http"),
    ],
)
def test_parts_of_rules_are_written_in_words(part: object, text: str) -> None:
    assert str(part) == text
