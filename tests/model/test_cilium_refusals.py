"""What the schemas of the custom resources and the agents of Cilium refuse."""

from __future__ import annotations

from typing import Any

import pytest

from tests.model.cilium_objects import CCNP, CNP, EVERYONE, GROUP, parse, refused

TCP_80 = [{"port": "80", "protocol": "TCP"}]
UDP_53 = [{"port": "53", "protocol": "UDP"}]
HTTP = {"http": [{"path": "/"}]}
DNS = {"dns": [{"matchPattern": "*"}]}
NAMED: dict[str, Any] = {"name": "a", "envoyConfig": {"name": "b"}}


def refused_within(section: str, rule: Any) -> str:
    """Return the path, from the rule on, of what is refused."""
    path = refused({**EVERYONE, section: [rule]}).path
    assert path.startswith(f"spec.{section}[0]")
    return path.removeprefix(f"spec.{section}[0]").removeprefix(".")


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        (None, "spec"),
        (7, "spec"),
        ("text", "spec"),
        ([None], "specs[0]"),
        ([{**EVERYONE, "ingress": [{}]}, 1], "specs[1]"),
        ({"ingress": [{}]}, "spec"),
        ({"endpointSelector": None, "ingress": [{}]}, "spec"),
        (EVERYONE, "spec"),
        ({**EVERYONE, "ingress": []}, "spec"),
        ({"endpointSelector": [], "ingress": [{}]}, "spec.endpointSelector"),
        ({"nodeSelector": {}, "ingress": [{}]}, "spec.nodeSelector"),
        ({**EVERYONE, "ingress": [{}], "enableDefaultDeny": {"ingress": "no"}}, "spec.enableDefaultDeny.ingress"),
        ({**EVERYONE, "ingress": [{}], "enableDefaultDeny": True}, "spec.enableDefaultDeny"),
        ({**EVERYONE, "ingress": [{}], "description": 1}, "spec.description"),
        ({**EVERYONE, "ingress": [{}], "labels": [{"value": "a"}]}, "spec.labels[0].key"),
        ({**EVERYONE, "ingress": [{}], "labels": [{"key": "a", "source": 1}]}, "spec.labels[0].source"),
        ({**EVERYONE, "ingress": [{}], "log": {"value": "a" * 33}}, "spec.log.value"),
    ],
)
def test_a_specification_has_a_subject_and_rules(spec: Any, path: str) -> None:
    assert refused(spec).path == path


def test_a_rule_is_for_endpoints_or_for_nodes_but_not_for_both() -> None:
    assert refused({"endpointSelector": {}, "nodeSelector": {}, "ingress": [{}]}, CCNP).path == "spec"


@pytest.mark.parametrize("section", ["ingress", "ingressDeny", "egress", "egressDeny"])
@pytest.mark.parametrize("value", [{}, "a", 1, [None], ["a"], [[]]])
def test_a_section_is_a_list_of_objects(section: str, value: Any) -> None:
    _, faults = parse({**EVERYONE, section: value})
    assert faults[0].rejects
    assert faults[0].path.startswith(f"spec.{section}")


@pytest.mark.parametrize(
    ("selector", "path"),
    [
        ({"matchLabels": {"a": 1}}, "matchLabels[a]"),
        ({"matchLabels": {"a": "b c"}}, "matchLabels[a]"),
        ({"matchLabels": {"a": "b" * 64}}, "matchLabels[a]"),
        ({"matchLabels": {"a b": "c"}}, "matchLabels[a b]"),
        ({"matchLabels": {1: "c"}}, "matchLabels[1]"),
        ({"matchLabels": {"": "c"}}, "matchLabels[]"),
        ({"matchLabels": {"k8s:": "c"}}, "matchLabels[k8s:]"),
        ({"matchLabels": {":a": "c"}}, "matchLabels[:a]"),
        ({"matchLabels": {"k8s:a:b": "c"}}, "matchLabels[k8s:a:b]"),
        ({"matchLabels": {"k-s:a": "c"}}, "matchLabels[k-s:a]"),
        ({"matchLabels": {"a/b/c": "c"}}, "matchLabels[a/b/c]"),
        ({"matchLabels": {f"{'a' * 254}/b": "c"}}, f"matchLabels[{'a' * 254}/b]"),
        ({"matchLabels": []}, "matchLabels"),
        ({"matchExpressions": {}}, "matchExpressions"),
        ({"matchExpressions": [1]}, "matchExpressions[0]"),
        ({"matchExpressions": [{"operator": "Exists"}]}, "matchExpressions[0].key"),
        ({"matchExpressions": [{"key": "a"}]}, "matchExpressions[0].operator"),
        ({"matchExpressions": [{"key": "a", "operator": "exists"}]}, "matchExpressions[0].operator"),
        ({"matchExpressions": [{"key": "-", "operator": "Exists"}]}, "matchExpressions[0].key"),
        ({"matchExpressions": [{"key": "a", "operator": "In"}]}, "matchExpressions[0].values"),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": []}]}, "matchExpressions[0].values"),
        ({"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["b"]}]}, "matchExpressions[0].values"),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["-"]}]}, "matchExpressions[0].values[0]"),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": [1, "b"]}]}, "matchExpressions[0].values[0]"),
    ],
)
def test_a_selector_has_keys_and_values_of_labels(selector: dict[str, Any], path: str) -> None:
    assert refused({"endpointSelector": selector, "ingress": [{}]}).path == f"spec.endpointSelector.{path}"
    assert refused_within("egress", {"toEndpoints": [selector]}) == f"toEndpoints[0].{path}"


@pytest.mark.parametrize("section", ["egress", "egressDeny"])
def test_a_rule_has_one_kind_of_peers(section: str) -> None:
    other: dict[str, Any]
    for other in ({"toCIDR": ["10.0.0.0/8"]}, {"toNodes": [{}]}, {"toGroups": [{}]}):
        _, faults = parse({**EVERYONE, section: [{"toEntities": ["world"], **other}]})
        (fault,) = [each for each in faults if each.rejects]
        assert fault.path == f"spec.{section}[0]"
        assert {"toEntities", *other} <= set(fault.reason.replace(",", "").split())
    _, faults = parse({**EVERYONE, "ingress": [{"fromCIDR": ["10.0.0.0/8"], "fromCIDRSet": [{"cidr": "10.0.0.0/8"}]}]})
    assert [each.path for each in faults if each.rejects] == ["spec.ingress[0]"]


@pytest.mark.parametrize(
    ("section", "rule", "path"),
    [
        ("ingress", {"fromEndpoints": {}}, "fromEndpoints"),
        ("ingress", {"fromEndpoints": [None]}, "fromEndpoints[0]"),
        ("ingress", {"fromEntities": ["World"]}, "fromEntities[0]"),
        ("ingress", {"fromEntities": ["world-ipv4"]}, "fromEntities[0]"),
        ("ingress", {"fromEntities": [1]}, "fromEntities[0]"),
        ("ingress", {"fromCIDR": ["10.0.0.1"]}, "fromCIDR[0]"),
        ("ingress", {"fromCIDR": ["10.0.0.0/33"]}, "fromCIDR[0]"),
        ("ingress", {"fromCIDR": ["10.0.0.0/08"]}, "fromCIDR[0]"),
        ("ingress", {"fromCIDR": ["010.0.0.0/8"]}, "fromCIDR[0]"),
        ("ingress", {"fromCIDR": ["10.0.0.0/255.0.0.0"]}, "fromCIDR[0]"),
        ("ingress", {"fromCIDR": ["fe80::1%eth0/64"]}, "fromCIDR[0]"),
        ("ingress", {"fromCIDR": ["nonsense"]}, "fromCIDR[0]"),
        ("ingress", {"fromCIDR": [8]}, "fromCIDR[0]"),
        ("ingress", {"fromCIDRSet": [{}]}, "fromCIDRSet[0]"),
        ("ingress", {"fromCIDRSet": [{"cidr": "10.0.0.0/8", "cidrGroupRef": "a"}]}, "fromCIDRSet[0]"),
        ("ingress", {"fromCIDRSet": [{"cidr": 1}]}, "fromCIDRSet[0].cidr"),
        ("ingress", {"fromCIDRSet": [{"cidr": "a"}]}, "fromCIDRSet[0].cidr"),
        ("ingress", {"fromCIDRSet": [{"cidr": "10.0.0.0/8", "except": ["a"]}]}, "fromCIDRSet[0].except[0]"),
        ("ingress", {"fromCIDRSet": [{"cidr": "10.0.0.0/8", "except": ["0.0.0.0/0"]}]}, "fromCIDRSet[0].except[0]"),
        ("ingress", {"fromCIDRSet": [{"cidr": "10.0.0.0/8", "except": ["11.0.0.0/16"]}]}, "fromCIDRSet[0].except[0]"),
        ("ingress", {"fromCIDRSet": [{"cidr": "10.0.0.0/8", "except": ["fd00::/16"]}]}, "fromCIDRSet[0].except[0]"),
        ("ingress", {"fromCIDRSet": [{"cidrGroupRef": "A"}]}, "fromCIDRSet[0].cidrGroupRef"),
        ("ingress", {"fromCIDRSet": [{"cidrGroupRef": "a" * 254}]}, "fromCIDRSet[0].cidrGroupRef"),
        ("ingress", {"fromCIDRSet": [{"cidrGroupRef": 1}]}, "fromCIDRSet[0].cidrGroupRef"),
        ("ingress", {"fromCIDRSet": [{"cidrGroupSelector": 1}]}, "fromCIDRSet[0].cidrGroupSelector"),
        ("ingress", {"fromRequires": [{}]}, "fromRequires"),
        ("egress", {"toRequires": ["a"]}, "toRequires"),
        ("egress", {"toFQDNs": [{}]}, "toFQDNs[0]"),
        ("egress", {"toFQDNs": [{"matchName": "a", "matchPattern": "b"}]}, "toFQDNs[0]"),
        ("egress", {"toFQDNs": [{"matchName": "*.a"}]}, "toFQDNs[0].matchName"),
        ("egress", {"toFQDNs": [{"matchName": "a..b"}]}, "toFQDNs[0].matchName"),
        ("egress", {"toFQDNs": [{"matchName": ""}]}, "toFQDNs[0].matchName"),
        ("egress", {"toFQDNs": [{"matchName": "a" * 256}]}, "toFQDNs[0].matchName"),
        ("egress", {"toFQDNs": [{"matchName": 1}]}, "toFQDNs[0].matchName"),
        ("egress", {"toFQDNs": [{"matchPattern": "a/b"}]}, "toFQDNs[0].matchPattern"),
        ("egress", {"toFQDNs": [{"matchPattern": "(a|b).c"}]}, "toFQDNs[0].matchPattern"),
        ("egress", {"toServices": [{"k8sService": {"serviceName": 1}}]}, "toServices[0].k8sService.serviceName"),
        ("egress", {"toServices": [{"k8sServiceSelector": {}}]}, "toServices[0].k8sServiceSelector.selector"),
        (
            "egress",
            {"toServices": [{"k8sServiceSelector": {"selector": {}, "namespace": 1}}]},
            "toServices[0].k8sServiceSelector.namespace",
        ),
        ("egress", {"toGroups": [{"aws": {"labels": {"a": 1}}}]}, "toGroups[0].aws.labels[a]"),
        ("egress", {"toGroups": [{"aws": {"region": 1}}]}, "toGroups[0].aws.region"),
        ("ingress", {"authentication": {}}, "authentication.mode"),
        ("ingress", {"authentication": {"mode": "on"}}, "authentication.mode"),
    ],
)
def test_peers_are_what_the_api_knows(section: str, rule: dict[str, Any], path: str) -> None:
    assert refused_within(section, rule) == path


@pytest.mark.parametrize(
    ("entry", "path"),
    [
        ({}, "port"),
        ({"port": ""}, "port"),
        ({"port": None, "protocol": "TCP"}, "port"),
        ({"port": 80}, "port"),
        ({"port": "65536"}, "port"),
        ({"port": "-1"}, "port"),
        ({"port": "09"}, "port"),
        ({"port": "80-90"}, "port"),
        ({"port": "a--b"}, "port"),
        ({"port": "a" * 16}, "port"),
        ({"port": "ä"}, "port"),
        ({"port": "٨٠"}, "port"),
        ({"port": "80", "protocol": "tcp"}, "protocol"),
        ({"port": "80", "protocol": "ICMP"}, "protocol"),
        ({"port": "80", "protocol": "GRE"}, "port"),
        ({"port": "80", "endPort": 65536}, "endPort"),
        ({"port": "80", "endPort": "90"}, "endPort"),
        ({"port": "80", "endPort": True}, "endPort"),
    ],
)
@pytest.mark.parametrize("section", ["ingress", "egressDeny"])
def test_ports_are_what_the_api_knows(entry: dict[str, Any], path: str, section: str) -> None:
    assert refused_within(section, {"toPorts": [{"ports": [entry]}]}) == f"toPorts[0].ports[0].{path}"


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ({}, ".type"),
        ({"type": "Echo Reply"}, ".type"),
        ({"type": "256"}, ".type"),
        ({"type": "08"}, ".type"),
        ({"type": True}, ".type"),
        ({"type": 8, "family": "IPv5"}, ".family"),
        ({"type": "PacketTooBig"}, ".type"),
    ],
)
def test_types_of_icmp_are_what_the_api_knows(field: dict[str, Any], path: str) -> None:
    assert refused_within("ingress", {"icmps": [{"fields": [field]}]}) == f"icmps[0].fields[0]{path}"


def test_a_rule_is_about_icmp_or_about_ports() -> None:
    assert refused_within("egress", {"icmps": [{"fields": [{"type": 8}]}], "toPorts": [{"ports": TCP_80}]}) == ""


def test_an_entry_lists_at_most_40_ports_or_types() -> None:
    assert refused_within("ingress", {"toPorts": [{"ports": TCP_80 * 41}]}) == "toPorts[0].ports"
    assert refused_within("ingress", {"icmps": [{"fields": [{"type": 8}] * 41}]}) == "icmps[0].fields"


@pytest.mark.parametrize(
    ("section", "entry", "path"),
    [
        ("ingress", 1, ""),
        ("ingress", {"rules": {}}, "rules"),
        ("ingress", {"rules": {**HTTP, "kafka": []}}, "rules"),
        ("ingress", {"rules": {"l7": [{}]}}, "rules"),
        ("ingress", {"rules": {"http": [1]}}, "rules.http[0]"),
        ("ingress", {"rules": {"http": [{"path": 1}]}, "ports": TCP_80}, "rules.http[0].path"),
        ("ingress", {"rules": {"http": [{"headerMatches": [{}]}]}}, "rules.http[0].headerMatches[0].name"),
        (
            "ingress",
            {"rules": {"http": [{"headerMatches": [{"name": "a", "mismatch": "DROP"}]}]}},
            "rules.http[0].headerMatches[0].mismatch",
        ),
        (
            "ingress",
            {"rules": {"http": [{"headerMatches": [{"name": "a", "secret": {}}]}]}},
            "rules.http[0].headerMatches[0].secret.name",
        ),
        ("ingress", {"rules": HTTP, "ports": UDP_53}, "rules"),
        ("ingress", {"rules": HTTP, "ports": [{"port": "80"}]}, "rules"),
        ("ingress", {"rules": HTTP, "ports": [{"port": "0", "protocol": "TCP"}]}, "rules"),
        ("ingress", {"rules": DNS, "ports": UDP_53}, "rules"),
        ("egress", {"rules": DNS}, "rules"),
        ("egress", {"rules": DNS, "ports": [{"port": "53", "endPort": 54}]}, "rules"),
        ("egress", {"rules": {"dns": [{"matchName": "*"}]}, "ports": UDP_53}, "rules.dns[0].matchName"),
        ("egress", {"rules": {"dns": [{}, {"matchName": "a"}]}, "ports": UDP_53}, "rules.dns[0]"),
        ("ingress", {"serverNames": []}, "serverNames"),
        ("ingress", {"serverNames": [""]}, "serverNames[0]"),
        ("ingress", {"serverNames": ["a..b"]}, "serverNames[0]"),
        ("ingress", {"serverNames": ["a", "a"]}, "serverNames"),
        ("ingress", {"serverNames": ["a"], "rules": HTTP, "ports": TCP_80}, ""),
        ("ingress", {"terminatingTLS": {}}, "terminatingTLS.secret"),
        ("ingress", {"terminatingTLS": {"secret": {"name": ""}}}, "terminatingTLS.secret.name"),
        ("ingress", {"originatingTLS": {"secret": {"name": "a"}, "trustedCA": 1}}, "originatingTLS.trustedCA"),
        ("ingress", {"listener": NAMED}, "listener"),
        ("egress", {"listener": NAMED, "rules": HTTP, "ports": TCP_80}, ""),
        ("egress", {"listener": {"name": "a"}}, "listener.envoyConfig"),
        ("egress", {"listener": {"envoyConfig": {"name": "a"}}}, "listener.name"),
        ("egress", {"listener": {**NAMED, "priority": 0}}, "listener.priority"),
        ("egress", {"listener": {**NAMED, "envoyConfig": {"name": "a", "kind": "b"}}}, "listener.envoyConfig.kind"),
    ],
)
def test_demands_beyond_ports_are_what_cilium_takes(section: str, entry: Any, path: str) -> None:
    assert refused_within(section, {"toPorts": [entry]}).removeprefix("toPorts[0]").removeprefix(".") == path


@pytest.mark.parametrize(
    ("section", "ports", "rules", "is_refused"),
    [
        ("ingress", TCP_80, HTTP, True),
        ("egress", TCP_80, HTTP, True),
        ("egress", UDP_53, DNS, False),
    ],
)
def test_policies_for_nodes_have_rules_for_dns_only(
    section: str, ports: Any, rules: dict[str, Any], is_refused: bool
) -> None:
    spec = {"nodeSelector": {}, section: [{"toPorts": [{"ports": ports, "rules": rules}]}]}
    parsed, faults = parse(spec, CCNP)
    assert (parsed is None) is is_refused
    assert [each.path for each in faults] == [f"spec.{section}[0].toPorts[0].rules"] * is_refused


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        (None, "spec"),
        ([], "spec"),
        ({}, "spec.externalCIDRs"),
        ({"externalCIDRs": "10.0.0.0/8"}, "spec.externalCIDRs"),
        ({"externalCIDRs": ["10.0.0.0"]}, "spec.externalCIDRs[0]"),
    ],
)
def test_a_group_lists_blocks(spec: Any, path: str) -> None:
    assert refused(spec, GROUP).path == path


def test_a_refused_policy_says_all_that_is_wrong() -> None:
    _, faults = parse({**EVERYONE, "ingress": [{"fromEntities": ["a"]}, {"fromCIDR": ["b"]}]}, CNP)
    assert [each.path for each in faults] == ["spec.ingress[0].fromEntities[0]", "spec.ingress[1].fromCIDR[0]"]
