from __future__ import annotations

from typing import Any

import pytest

from firedoor.model.cilium import CidrGroup
from firedoor.model.cilium_peers import (
    ENTITIES,
    CidrGroupPeer,
    CidrPeer,
    CiliumPeer,
    EndpointPeer,
    EntityPeer,
    FqdnPeer,
    GroupPeer,
    NodePeer,
    ServicePeer,
)
from firedoor.model.cilium_selector import CiliumSelector
from firedoor.model.labels import LabelSelector, LabelSelectorRequirement, Operator
from firedoor.model.metadata import ObjectMeta
from tests.model.cilium_objects import EVERYONE, egress, ingress, let_through, parse

WEB = {"matchLabels": {"app": "web"}}


def peer(field: str, entry: Any) -> CiliumPeer:
    rule = ingress(**{field: [entry]}) if field.startswith("from") else egress(**{field: [entry]})
    assert rule.peers is not None
    (found,) = rule.peers
    return found


@pytest.mark.parametrize("name", ENTITIES)
def test_every_entity_is_a_peer(name: str) -> None:
    assert peer("fromEntities", name) == EntityPeer(name)


@pytest.mark.parametrize("prefix", ["from", "to"])
def test_blocks_may_have_exceptions_within(prefix: str) -> None:
    assert peer(f"{prefix}CIDR", "10.1.2.3/8") == CidrPeer("10.1.2.3/8")
    found = peer(f"{prefix}CIDRSet", {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16", "10.0.0.0/8"]})
    assert found == CidrPeer("10.0.0.0/8", ("10.1.0.0/16", "10.0.0.0/8"))


def test_groups_of_blocks_are_named_or_selected() -> None:
    by_name = peer("fromCIDRSet", {"cidrGroupRef": "a.b-c", "except": ["10.0.0.0/8"]})
    assert by_name == CidrGroupPeer("a.b-c", None, ("10.0.0.0/8",))
    labels = {"matchLabels": {"cidrgroup:a": "b"}, "matchExpressions": [{"key": "k8s:c", "operator": "Exists"}]}
    by_labels = peer("fromCIDRSet", {"cidrGroupSelector": labels})
    written = LabelSelector({"cidrgroup:a": "b"}, (LabelSelectorRequirement("k8s:c", Operator.EXISTS),))
    assert by_labels == CidrGroupPeer("", written)


def test_the_addresses_of_a_group_are_marked_by_its_labels_and_its_name() -> None:
    labels = {"app": "partner", "io.cilium.k8s.policy.cluster": "other"}
    group = CidrGroup(ObjectMeta("g", labels=labels), ("10.0.0.0/8",))
    assert group.marks == {"app": "partner", "io.cilium.policy.cidrgroupname/g": ""}


@pytest.mark.parametrize("same", ["a", "cidrgroup:a"])
def test_a_key_without_a_source_is_that_of_a_group(same: str) -> None:
    twice = {"matchLabels": {"a": "b", same: "b", "any:a": "b"}}
    rule = {**EVERYONE, "egress": [{"toCIDRSet": [{"cidrGroupSelector": twice}]}]}
    _, faults = parse(rule)
    assert [each.path for each in faults] == (
        [] if same == "a" else ["spec.egress[0].toCIDRSet[0].cidrGroupSelector.matchLabels"]
    )


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ({"k8sService": {"serviceName": "web", "namespace": "shop"}}, ServicePeer("shop", "web")),
        ({"k8sService": {"serviceName": "web"}}, ServicePeer("", "web")),
        ({"k8sService": {}}, ServicePeer()),
        ({}, ServicePeer()),
        (
            {"k8sServiceSelector": {"selector": {"matchLabels": {"k8s:app": "web"}}, "namespace": "shop"}},
            ServicePeer("shop", "", LabelSelector({"app": "web"})),
        ),
        (
            {"k8sServiceSelector": {"selector": {}}, "k8sService": {"serviceName": "a"}},
            ServicePeer("", "", LabelSelector()),
        ),
    ],
)
def test_services_are_named_or_selected(service: dict[str, Any], expected: ServicePeer) -> None:
    assert peer("toServices", service) == expected


@pytest.mark.parametrize(
    ("service", "selected"),
    [
        (ServicePeer("shop", "web"), [True, False, False]),
        (ServicePeer("", "web"), [True, True, False]),
        (ServicePeer("shop"), [False, False, False]),
        (ServicePeer("shop", "", LabelSelector({"app": "web"})), [True, False, False]),
        (ServicePeer("", "", LabelSelector({"app": "web"})), [True, False, True]),
    ],
)
def test_a_service_without_a_namespace_is_in_any(service: ServicePeer, selected: list[bool]) -> None:
    services: list[tuple[str, str, dict[str, str]]] = [
        ("shop", "web", {"app": "web"}),
        ("other", "web", {}),
        ("other", "db", {"app": "web"}),
    ]
    assert [service.selects(*each) for each in services] == selected


def test_services_may_be_combined_with_ports() -> None:
    rule = egress(toServices=[{"k8sService": {"serviceName": "web"}}], toPorts=[{"ports": [{"port": "80"}]}])
    assert rule.peers == (ServicePeer("", "web"),)
    assert [str(each) for each in rule.ports or ()] == ["ANY/80"]


@pytest.mark.parametrize("name", ["example.com", "a_b.example.", "a", "A-1"])
def test_dns_names_are_names_or_patterns(name: str) -> None:
    assert peer("toFQDNs", {"matchName": name}) == FqdnPeer(name)
    assert peer("toFQDNs", {"matchPattern": f"**.{name}"}) == FqdnPeer("", f"**.{name}")


@pytest.mark.parametrize(
    ("group", "text"),
    [
        ({}, ""),
        ({"aws": {}}, "aws"),
        ({"aws": {"region": "r", "labels": {"a": "b"}, "securityGroupsIds": ["sg-1"]}}, "aws, a=b, sg-1"),
        ({"aws": {"securityGroupsNames": ["n"]}}, "aws, n"),
    ],
)
def test_groups_of_a_cloud_are_described(group: dict[str, Any], text: str) -> None:
    assert peer("fromGroups", group) == GroupPeer(text)
    assert peer("toGroups", group) == GroupPeer(text)


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (EndpointPeer(CiliumSelector(LabelSelector({"k8s:app": "web"}))), "endpoints k8s:app=web"),
        (EntityPeer("world"), "entity world"),
        (CidrPeer("10.0.0.0/8", ("10.1.0.0/16", "10.2.0.0/16")), "10.0.0.0/8 except 10.1.0.0/16, 10.2.0.0/16"),
        (CidrGroupPeer("a"), "CIDR group a"),
        (CidrGroupPeer("", LabelSelector({"a": "b"}), ("10.0.0.0/8",)), "CIDR groups a=b except 10.0.0.0/8"),
        (ServicePeer("shop", "web"), "service web of namespace shop"),
        (ServicePeer("", "", LabelSelector({"a": "b"})), "services a=b of all namespaces"),
        (ServicePeer(), "no service"),
        (FqdnPeer("a.example"), "DNS name a.example"),
        (FqdnPeer("", "*.example"), "DNS names *.example"),
        (NodePeer(), "other nodes everything"),
        (GroupPeer("aws, sg-1"), "external group aws, sg-1"),
        (GroupPeer(), "external group"),
    ],
)
def test_peers_are_written_in_words(part: CiliumPeer, text: str) -> None:
    assert str(part) == text


def test_services_in_a_deny_rule_are_doubted() -> None:
    rule = {"toServices": [{"k8sService": {"serviceName": "web"}}]}
    found, fault = let_through({**EVERYONE, "egressDeny": [rule]})
    assert fault.path == "spec.egressDeny[0].toServices"
    assert found.rules[0].egress_deny[0].unsure
