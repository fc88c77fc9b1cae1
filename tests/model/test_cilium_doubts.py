"""What Cilium policies hold without a known effect, and that no input whatever makes the parser fail."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.model.cilium import CidrGroup
from firedoor.model.cilium_parsing import parse_cilium
from firedoor.model.faults import Fault
from firedoor.model.metadata import ObjectMeta
from firedoor.model.policies import PolicyObject
from tests.model.cilium_objects import CCNP, CNP, EVERYONE, GROUP, let_through, parse
from tests.model.mangling import JSON, mangled

RULE: dict[str, Any] = {"toEntities": ["world"]}
TCP_80 = [{"port": "80", "protocol": "TCP"}]


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ({"toPod": []}, "toPod"),
        ({"toEndpoints": [{"matchFields": {}}]}, "toEndpoints[0].matchFields"),
        (
            {"toEndpoints": [{"matchExpressions": [{"key": "a", "operator": "Exists", "x": 1}]}]},
            "toEndpoints[0].matchExpressions[0].x",
        ),
        ({"toCIDRSet": [{"cidr": "10.0.0.0/8", "x": 1}]}, "toCIDRSet[0].x"),
        ({"toCIDRSet": [{"cidrGroupSelector": {"matchLabels": {"fqdn:a": "b"}}}]}, "toCIDRSet[0].cidrGroupSelector"),
        ({"toCIDR": ["::ffff:10.0.0.0/104"]}, "toCIDR[0]"),
        ({"toServices": [{"name": "a"}]}, "toServices[0].name"),
        ({"toServices": [{"k8sService": {"name": "a"}}]}, "toServices[0].k8sService.name"),
        ({"toGroups": [{"gcp": {}}]}, "toGroups[0].gcp"),
        ({"toGroups": [{"aws": {"x": 1}}]}, "toGroups[0].aws.x"),
        ({"toFQDNs": [{"matchName": "a", "x": 1}]}, "toFQDNs[0].x"),
        ({"toPorts": [{"x": 1}]}, "toPorts[0].x"),
        ({"toPorts": [{"ports": [{"port": "80", "x": 1}]}]}, "toPorts[0].ports[0].x"),
        ({"toPorts": [{"ports": TCP_80, "rules": {"http": [{"x": 1}]}}]}, "toPorts[0].rules.http[0].x"),
        ({"toPorts": [{"ports": TCP_80, "rules": {"http": [], "x": 1}}]}, "toPorts[0].rules.x"),
        ({"icmps": [{"fields": [{"type": 8, "code": 0}]}]}, "icmps[0].fields[0].code"),
        ({"icmps": [{"x": 1}]}, "icmps[0].x"),
        ({"authentication": {"mode": "required", "x": 1}}, "authentication.x"),
    ],
)
def test_a_part_of_a_rule_without_a_known_effect_makes_the_rule_unsure(rule: dict[str, Any], path: str) -> None:
    found, fault = let_through({**EVERYONE, "egress": [rule, RULE]})
    assert fault.path == f"spec.egress[0].{path}"
    assert [each.unsure for each in found.rules[0].egress] == [True, False]
    assert not found.rules[0].unsure


@pytest.mark.parametrize(
    ("section", "rule", "path"),
    [
        ("ingressDeny", {"authentication": {"mode": "required"}}, "authentication"),
        ("egressDeny", {"toFQDNs": [{"matchName": "a"}]}, "toFQDNs"),
        ("egressDeny", {"toPorts": [{"ports": TCP_80, "rules": {"http": []}}]}, "toPorts[0].rules"),
    ],
)
def test_a_deny_rule_lacks_what_only_allow_rules_have(section: str, rule: dict[str, Any], path: str) -> None:
    found, fault = let_through({**EVERYONE, section: [rule]})
    assert fault.path == f"spec.{section}[0].{path}"
    (denied,) = found.rules[0].ingress_deny + found.rules[0].egress_deny
    assert denied.unsure


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"priority": 1}, "spec.priority"),
        ({"endpointSelector": {"x": 1}}, "spec.endpointSelector.x"),
        ({"enableDefaultDeny": {"x": True}}, "spec.enableDefaultDeny.x"),
    ],
)
def test_a_doubt_about_the_subject_makes_the_whole_rule_unsure(fields: dict[str, Any], path: str) -> None:
    found, fault = let_through({**EVERYONE, "egress": [RULE], **fields})
    assert fault.path == path
    assert found.rules[0].unsure
    assert not found.rules[0].egress[0].unsure


def test_an_unknown_field_of_a_group_is_noted() -> None:
    group, (fault,) = parse({"externalCIDRs": [], "x": 1}, GROUP)
    assert isinstance(group, CidrGroup)
    assert (fault.path, fault.rejects) == ("spec.x", False)


def test_a_number_that_no_type_of_icmp_has_is_accepted() -> None:
    parsed, faults = parse({**EVERYONE, "ingress": [{"icmps": [{"fields": [{"type": 300}]}]}]})
    assert parsed is not None
    assert faults == ()


SELECTOR: dict[str, Any] = {
    "matchLabels": {"app": "web"},
    "matchExpressions": [{"key": "k8s:tier", "operator": "In", "values": ["a", "b"]}],
}
HTTP = {"path": "/", "headers": ["X"], "headerMatches": [{"name": "X", "secret": {"name": "s"}, "mismatch": "LOG"}]}
LISTENER: dict[str, Any] = {"name": "a", "envoyConfig": {"kind": "CiliumEnvoyConfig", "name": "b"}, "priority": 1}
INGRESS: list[dict[str, Any]] = [
    {"fromEndpoints": [SELECTOR], "toPorts": [{"ports": [{"port": "80", "endPort": 90, "protocol": "TCP"}]}]},
    {"fromCIDR": ["10.0.0.0/8"], "icmps": [{"fields": [{"family": "IPv6", "type": "EchoRequest"}]}]},
    {"fromCIDRSet": [{"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}, {"cidrGroupRef": "a"}]},
    {"fromCIDRSet": [{"cidrGroupSelector": SELECTOR}], "authentication": {"mode": "required"}},
    {"fromEntities": ["world"], "fromRequires": [], "toPorts": [{"ports": TCP_80, "rules": {"http": [HTTP]}}]},
    {"fromNodes": [SELECTOR]},
]
EGRESS: list[dict[str, Any]] = [
    {"toServices": [{"k8sService": {"serviceName": "a", "namespace": "b"}}, {"k8sServiceSelector": {"selector": {}}}]},
    {"toFQDNs": [{"matchName": "a"}, {"matchPattern": "*.b"}], "toPorts": [{"ports": TCP_80, "listener": LISTENER}]},
    {"toGroups": [{"aws": {"labels": {"a": "b"}, "securityGroupsIds": ["c"], "region": "d"}}]},
    {"toPorts": [{"ports": [{"port": "53"}], "rules": {"dns": [{"matchPattern": "*"}]}}, {"serverNames": ["a"]}]},
    {"toPorts": [{"ports": TCP_80, "terminatingTLS": {"secret": {"name": "a"}}, "rules": {"kafka": [{}]}}]},
    {"toPorts": [{"ports": TCP_80, "rules": {"l7proto": "a", "l7": [{}]}}, {"ports": [{"protocol": "GRE"}]}]},
]
SAMPLE = {
    "endpointSelector": SELECTOR,
    "ingress": INGRESS,
    "egress": EGRESS,
    "ingressDeny": INGRESS[:3],
    "egressDeny": EGRESS[:1],
    "enableDefaultDeny": {"ingress": False},
    "labels": [{"key": "a"}],
    "log": {"value": "b"},
}


@given(JSON | mangled(SAMPLE) | mangled([SAMPLE]), st.sampled_from([CNP, CCNP, GROUP]))
def test_no_input_makes_the_parser_fail(spec: Any, kind: str) -> None:
    parsed, faults = parse_cilium(PolicyObject("cilium.io/v2", kind, ObjectMeta("p", "shop"), spec))
    assert (parsed is None) is any(each.rejects for each in faults)
    assert all(isinstance(each, Fault) for each in faults)
    assert all(each.path and each.reason and each.path in str(each) for each in faults)


def test_what_is_mangled_is_accepted_before() -> None:
    parsed, faults = parse(SAMPLE)
    assert parsed is not None
    assert not any(each.rejects for each in faults)
