"""What an API server refuses in cluster-wide policies, as the schemas and CEL rules of the custom resources say."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from firedoor.model.clusterpolicy_parsing import parse_cluster_policy
from firedoor.model.faults import Fault
from firedoor.model.metadata import ObjectMeta
from firedoor.model.policies import PolicyObject

EVERY_POD: dict[str, Any] = {"namespaces": {}}
BASE: dict[str, dict[str, Any]] = {
    "ClusterNetworkPolicy": {"tier": "Admin", "priority": 5, "subject": EVERY_POD},
    "AdminNetworkPolicy": {"priority": 5, "subject": EVERY_POD},
    "BaselineAdminNetworkPolicy": {"subject": EVERY_POD},
}
VERSIONS = {"ClusterNetworkPolicy": "v1alpha2"}
CNP, ANP, BANP = BASE


def refused(spec: Any, kind: str = CNP, version: str = "", name: str = "default") -> Fault:
    """Return the only fault of a policy that is refused."""
    api_version = f"policy.networking.k8s.io/{version or VERSIONS.get(kind, 'v1alpha1')}"
    parsed, faults = parse_cluster_policy(PolicyObject(api_version, kind, ObjectMeta(name), spec))
    assert parsed is None
    (fault,) = [each for each in faults if each.rejects]
    assert str(fault).startswith(fault.path + ": ")
    return fault


def within(kind: str = CNP, **parts: Any) -> dict[str, Any]:
    return {**BASE[kind], **parts}


def egress(**rule: Any) -> dict[str, Any]:
    return within(egress=[{"action": "Accept", "to": [EVERY_POD], **rule}])


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "found null"),
        (True, "found true"),
        ("x" * 100, f"found the text '{'x' * 60}...'"),
        (3, "found the number 3"),
        (10**30, "found a number that is too large"),
        ([], "found a list"),
        (dt.date(2026, 1, 1), "found a value of the type date"),
    ],
)
def test_a_specification_that_is_no_object_is_refused_in_words(value: Any, words: str) -> None:
    assert refused(value) == Fault("spec", f"{words}, expected an object")


@pytest.mark.parametrize("field", ["tier", "priority", "subject"])
def test_a_field_that_the_api_demands_must_be_there(field: str) -> None:
    spec = {key: value for key, value in BASE[CNP].items() if key != field}
    fault = refused(spec)
    assert (fault.path, fault.reason) == (f"spec.{field}", "the field is missing and the API demands it")
    assert fault.remedy


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        ({"tier": "admin"}, "spec.tier"),
        ({"tier": 3}, "spec.tier"),
        ({"priority": -1}, "spec.priority"),
        ({"priority": 1001}, "spec.priority"),
        ({"priority": True}, "spec.priority"),
        ({"priority": "5"}, "spec.priority"),
        ({"priority": 0.5}, "spec.priority"),
        ({"subject": []}, "spec.subject"),
        ({"subject": {}}, "spec.subject"),
        ({"subject": {"nodes": {}}}, "spec.subject"),
        ({"subject": {"namespaces": {}, "pods": {"podSelector": {}}}}, "spec.subject"),
        ({"subject": {"namespaces": "all"}}, "spec.subject.namespaces"),
        ({"subject": {"pods": "all"}}, "spec.subject.pods"),
        ({"subject": {"pods": {"namespaceSelector": {}}}}, "spec.subject.pods.podSelector"),
        ({"subject": {"namespaces": {"matchLabels": []}}}, "spec.subject.namespaces.matchLabels"),
        ({"subject": {"namespaces": {"matchLabels": {"a": 1}}}}, "spec.subject.namespaces.matchLabels[a]"),
        ({"subject": {"namespaces": {"matchExpressions": {}}}}, "spec.subject.namespaces.matchExpressions"),
        ({"subject": {"namespaces": {"matchExpressions": ["a"]}}}, "spec.subject.namespaces.matchExpressions[0]"),
        ({"ingress": {}}, "spec.ingress"),
        ({"ingress": [None]}, "spec.ingress[0]"),
        ({"ingress": [{"action": "Deny", "from": [EVERY_POD]}] * 26}, "spec.ingress"),
    ],
)
def test_values_that_the_schema_does_not_have_are_refused(parts: dict[str, Any], path: str) -> None:
    assert refused(within(**parts)).path == path


@pytest.mark.parametrize(
    ("expression", "field"),
    [({"operator": "Exists"}, "key"), ({"key": "a"}, "operator"), ({"key": "a", "operator": 1}, "operator")],
)
def test_an_expression_needs_a_key_and_an_operator(expression: dict[str, Any], field: str) -> None:
    fault = refused(within(subject={"namespaces": {"matchExpressions": [expression]}}))
    assert fault.path == f"spec.subject.namespaces.matchExpressions[0].{field}"


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ({"action": None}, "action"),
        ({"action": "Allow"}, "action"),
        ({"action": 1}, "action"),
        ({"name": "x" * 101}, "name"),
        ({"name": 1}, "name"),
        ({"to": None}, "to"),
        ({"to": []}, "to"),
        ({"to": [EVERY_POD] * 26}, "to"),
        ({"to": ["all"]}, "to[0]"),
        ({"to": [{}]}, "to[0]"),
        ({"to": [{"namespaces": {}, "networks": ["10.0.0.0/8"]}]}, "to[0]"),
        ({"to": [{"nodes": []}]}, "to[0].nodes"),
        ({"to": [{"networks": []}]}, "to[0].networks"),
        ({"to": [{"networks": [f"10.0.0.{each}/32" for each in range(26)]}]}, "to[0].networks"),
        ({"to": [{"networks": ["10.0.0.0/8", "10.0.0.0/8"]}]}, "to[0].networks[1]"),
        ({"to": [{"networks": [10]}]}, "to[0].networks[0]"),
        ({"to": [{"domainNames": ["a.example", "a.example"]}]}, "to[0].domainNames[1]"),
        ({"protocols": []}, "protocols"),
        ({"protocols": [{"destinationNamedPort": "a"}] * 26}, "protocols"),
        ({"protocols": [{}]}, "protocols[0]"),
        ({"protocols": [{"tcp": {}}]}, "protocols[0].tcp.destinationPort"),
        ({"protocols": [{"tcp": 80}]}, "protocols[0].tcp"),
        ({"protocols": [{"tcp": {"destinationPort": 80}}]}, "protocols[0].tcp.destinationPort"),
        ({"protocols": [{"tcp": {"destinationPort": {}}}]}, "protocols[0].tcp.destinationPort"),
        ({"protocols": [{"tcp": {"destinationPort": {"number": 0}}}]}, "protocols[0].tcp.destinationPort.number"),
        ({"protocols": [{"tcp": {"destinationPort": {"range": 80}}}]}, "protocols[0].tcp.destinationPort.range"),
        ({"protocols": [{"destinationNamedPort": 80}]}, "protocols[0].destinationNamedPort"),
        (
            {"protocols": [{"tcp": {"destinationPort": {"range": {"start": 1, "end": 65536}}}}]},
            "protocols[0].tcp.destinationPort.range.end",
        ),
        (
            {"protocols": [{"tcp": {"destinationPort": {"range": {"start": 1}}}}]},
            "protocols[0].tcp.destinationPort.range.end",
        ),
    ],
)
def test_rules_that_the_schema_does_not_have_are_refused(rule: dict[str, Any], path: str) -> None:
    assert refused(egress(**rule)).path == f"spec.egress[0].{path}"


@pytest.mark.parametrize(("start", "end"), [(80, 80), (90, 80)])
def test_a_range_of_a_cluster_network_policy_must_ascend(start: int, end: int) -> None:
    bounds = {"start": start, "end": end}
    fault = refused(egress(protocols=[{"tcp": {"destinationPort": {"range": bounds}}}]))
    assert fault.path == "spec.egress[0].protocols[0].tcp.destinationPort.range"


@pytest.mark.parametrize(
    "cidr",
    [
        "10.0.0.0",
        "10.0.0.0/33",
        "10.0.0.0/08",
        "10.0.0.0/+8",
        "010.0.0.0/8",
        "10.0.0/8",
        "::ffff:10.0.0.0/104",
        "fe80::%eth0/64",
        "fe80::1%eth0/64",
        "::/129",
        "example.com",
        "",
        "0000:0000:0000:0000:0000:0000:192.168.100.100/128",
    ],
)
def test_a_network_must_be_a_cidr_to_the_api_server(cidr: str) -> None:
    fault = refused(egress(to=[{"networks": [cidr]}]))
    assert fault.path == "spec.egress[0].to[0].networks[0]"
    assert "expected a CIDR" in fault.reason


def test_v1beta1_refuses_bits_beyond_the_prefix() -> None:
    fault = refused(egress(to=[{"networks": ["10.1.2.3/8"]}]), version="v1beta1")
    assert fault.remedy == "write 10.0.0.0/8"


@pytest.mark.parametrize(
    "name", ["example", "*.com", "a.*.example", "-a.example", "a_.example", "a..example", "_a.example", "a.b\n"]
)
def test_a_domain_name_must_have_the_pattern_of_the_api(name: str) -> None:
    assert refused(egress(to=[{"domainNames": [name]}])).path == "spec.egress[0].to[0].domainNames[0]"


@pytest.mark.parametrize("peer", [{"nodes": {}}, {"networks": ["::/0"]}, {"domainNames": ["a.example"]}])
def test_a_named_port_cannot_stand_beside_peers_without_named_ports(peer: dict[str, Any]) -> None:
    fault = refused(egress(to=[EVERY_POD, peer], protocols=[{"destinationNamedPort": "http"}]))
    assert fault.path == "spec.egress[0]"
    assert "named port" in fault.reason


def test_one_kind_of_fault_in_many_places_is_told_for_each() -> None:
    policy = PolicyObject("policy.networking.k8s.io/v1alpha2", CNP, ObjectMeta("p"), egress(action="X", name=1))
    parsed, faults = parse_cluster_policy(policy)
    assert parsed is None
    assert [each.path for each in faults] == ["spec.egress[0].name", "spec.egress[0].action"]


def test_a_baseline_admin_network_policy_must_be_called_default() -> None:
    assert refused(within(BANP), BANP, name="other").path == "metadata.name"


def test_a_baseline_admin_network_policy_cannot_pass() -> None:
    fault = refused(within(BANP, ingress=[{"action": "Pass", "from": [EVERY_POD]}]), BANP)
    assert fault.reason == "found the text 'Pass', expected Allow or Deny"


@pytest.mark.parametrize("kind", [ANP, BANP])
def test_v1alpha1_demands_both_selectors_and_allows_a_hundred_rules(kind: str) -> None:
    rule = {"action": "Deny", "from": [EVERY_POD]}
    assert refused(within(kind, ingress=[rule] * 101), kind).reason == "found 101 elements, expected 0 to 100"
    fault = refused(within(kind, subject={"pods": {"podSelector": {}}}), kind)
    assert fault.path == "spec.subject.pods.namespaceSelector"


@pytest.mark.parametrize(
    ("entry", "path"),
    [
        ({}, ""),
        ({"portNumber": 80}, ".portNumber"),
        ({"portNumber": {}}, ".portNumber.port"),
        ({"portNumber": {"port": 0}}, ".portNumber.port"),
        ({"portNumber": {"port": 80, "protocol": 6}}, ".portNumber.protocol"),
        ({"portRange": {"start": 80}}, ".portRange.end"),
        ({"namedPort": 80}, ".namedPort"),
        ({"namedPort": "http", "portNumber": {"port": 80}}, ""),
    ],
)
def test_ports_of_v1alpha1_are_checked(entry: dict[str, Any], path: str) -> None:
    rule = {"action": "Deny", "from": [EVERY_POD], "ports": [entry]}
    assert refused(within(ANP, ingress=[rule]), ANP).path == f"spec.ingress[0].ports[0]{path}"


def test_an_object_of_another_kind_is_refused() -> None:
    assert refused({}, "NetworkPolicy").path == "kind"
