"""The ends of Calico rules: whom they mean, and what the API refuses in them."""

from __future__ import annotations

from typing import Any

import pytest

from firedoor.model.calico import (
    ANY_END,
    EntityRule,
    PortMatch,
    ServiceAccountMatch,
    ServiceMatch,
)
from firedoor.model.calico_selector_parser import parse_selector
from firedoor.model.calico_selectors import All, Global
from tests.model.calico_objects import STORED, doubted, egress, ingress, policy, refused, rule

GLOBAL = "GlobalNetworkPolicy"


def test_networks_are_kept_as_the_api_takes_them() -> None:
    nets = ["10.0.0.0/8", "192.168.1.1/32", "0.0.0.0/0"]
    assert rule(source={"nets": nets}).source.nets == tuple(nets)
    six = ["2001:db8::/32", "::/0"]
    assert rule(destination={"nets": six}).destination.nets == tuple(six)


@pytest.mark.parametrize(
    ("written", "reason", "remedy"),
    [
        ("10.0.0.1", "found the address 10.0.0.1, expected a CIDR", "write 10.0.0.1/32"),
        ("2001:db8::1", "found the address 2001:db8::1, expected a CIDR", "write 2001:db8::1/128"),
        ("10.0.0.1/8", "lies inside of its network, expected the network's first address", "write 10.0.0.0/8"),
        ("10.0.0.0/33", "expected a CIDR", "write it like"),
        ("10.0.0.0/255.0.0.0", "expected a CIDR", "write it like"),
        ("10.0.0.0/", "expected a CIDR", "write it like"),
        ("010.0.0.0/8", "expected a CIDR", "write it like"),
        ("fe80::%eth0/64", "expected a CIDR", "write it like"),
        (f"10.0.0.0/{'9' * 5000}", "expected a CIDR", "write it like"),
        ("", "expected a CIDR", "write it like"),
        ("example.com", "expected a CIDR", "write it like"),
        (10, "found the number 10, expected a text", "put the value into quotes"),
        (None, "found null, expected a text", ""),
    ],
)
def test_what_is_no_network_is_refused(written: Any, reason: str, remedy: str) -> None:
    for field in ("nets", "notNets"):
        fault = refused(ingress(source={field: [written]}))
        assert fault.path == f"spec.ingress[0].source.{field}[0]"
        assert reason in fault.reason
        assert fault.remedy.startswith(remedy)


def test_what_is_stored_may_hold_addresses_and_host_bits_and_both_ip_versions() -> None:
    source = {"nets": ["10.0.0.1", "10.1.2.3/16", "2001:db8::1"], "notNets": ["0.0.0.0/0"]}
    found = rule(STORED, source=source).source
    assert found.nets == ("10.0.0.1/32", "10.1.0.0/16", "2001:db8::1/128")
    assert found.not_nets == ("0.0.0.0/0",)
    assert refused(ingress(source={"nets": ["10.0.0.0.0"]}), api=STORED).path == "spec.ingress[0].source.nets[0]"


@pytest.mark.parametrize("everything", ["0.0.0.0/0", "::/0"])
def test_a_rule_must_leave_some_address_to_match(everything: str) -> None:
    fault = refused(ingress(destination={"notNets": [everything]}))
    assert fault.path == "spec.ingress[0].destination.notNets[0]"
    assert fault.reason == f"found {everything}, which leaves no address to match"


def test_a_rule_has_networks_of_one_ip_version() -> None:
    fault = refused(ingress(source={"nets": ["10.0.0.0/8"]}, destination={"notNets": ["2001:db8::/32"]}))
    assert fault.path == "spec.ingress[0].destination.notNets[0]"
    assert fault.reason == "found a network of IPv6 in a rule that has networks of IPv4"


def test_the_networks_of_a_rule_have_its_ip_version() -> None:
    fault = refused(ingress(ipVersion=6, source={"nets": ["10.0.0.0/8"]}))
    assert (fault.path, fault.remedy) == ("spec.ingress[0].source.nets[0]", "write one rule for each IP version")
    assert rule(ipVersion=6, source={"nets": ["2001:db8::/32"]}).ip_version == 6
    assert refused(ingress(ipVersion=6, source={"nets": ["10.0.0.0/8"]}), api=STORED).path == fault.path


def test_a_service_without_a_namespace_is_one_of_the_policys_own() -> None:
    own = policy(egress(destination={"services": {"name": "web"}})).egress[0]
    assert own.destination.services == ServiceMatch("web", "shop")
    other = policy(ingress(source={"services": {"name": "web", "namespace": "infra"}}), GLOBAL).ingress[0]
    assert other.source.services == ServiceMatch("web", "infra")
    with_ports = policy(ingress(protocol="TCP", source={"services": {"name": "web"}, "ports": [1]})).ingress[0]
    assert with_ports.source.ports == (PortMatch(1, 1),)


@pytest.mark.parametrize(
    ("end", "path", "reason"),
    [
        ({"services": {}}, "services.name", "found no name of a service"),
        ({"services": {"name": "Web"}}, "services.name", "found the text 'Web', expected the name of an object"),
        ({"services": {"name": 3}}, "services.name", "found the number 3, expected a text"),
        ({"services": {"name": "web", "namespace": "a_b"}}, "services.namespace", "expected the name of an object"),
        ({"services": []}, "services", "found a list, expected an object"),
    ],
)
def test_services_are_checked(end: dict[str, Any], path: str, reason: str) -> None:
    fault = refused(egress(destination=end))
    assert fault.path == f"spec.egress[0].destination.{path}"
    assert reason in fault.reason


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("nets", ["10.0.0.0/8"]),
        ("notNets", ["10.0.0.0/8"]),
        ("selector", "all()"),
        ("notSelector", "all()"),
        ("namespaceSelector", "all()"),
        ("serviceAccounts", {}),
    ],
)
def test_services_stand_alone(field: str, value: Any) -> None:
    fault = refused(egress(destination={"services": {"name": "web"}, field: value}))
    assert fault.path == "spec.egress[0].destination.services"
    assert fault.reason == f"found services and {field}, expected one of them"


def test_services_and_empty_selectors_go_together() -> None:
    end: dict[str, Any] = {"services": {"name": "web"}, "selector": "", "nets": [], "namespaceSelector": None}
    assert policy(egress(destination=end)).egress[0].destination == EntityRule(services=ServiceMatch("web", "shop"))


@pytest.mark.parametrize("field", ["ports", "notPorts"])
def test_the_destination_has_the_ports_of_its_service(field: str) -> None:
    fault = refused(egress(protocol="TCP", destination={"services": {"name": "web"}, field: [80]}))
    assert fault.path == f"spec.egress[0].destination.{field}"
    assert fault.reason == f"found services and {field}, expected the ports that the service serves"


def test_services_are_named_at_the_other_end_only() -> None:
    services = {"services": {"name": "web"}}
    assert refused(ingress(destination=services)).path == "spec.ingress[0].destination.services"
    fault = refused(egress(source=services))
    assert (fault.path, fault.reason) == (
        "spec.egress[0].source.services",
        "found services in the source of an egress rule",
    )


def test_a_global_policy_names_the_namespace_of_a_service() -> None:
    fault = refused(egress(destination={"services": {"name": "web"}}), GLOBAL)
    assert fault.path == "spec.egress[0].destination.services.namespace"
    assert fault.reason == "found no namespace, and a global policy has none of its own"


def test_selectors_of_rules_are_parsed() -> None:
    end = rule(source={"selector": "all()", "namespaceSelector": " global( ) ", "notSelector": "global()"}).source
    assert (end.selector, end.namespace_selector, end.not_selector) == (All(), Global(), Global())
    assert rule(source={"selector": "", "notSelector": "", "namespaceSelector": ""}).source == ANY_END
    accounts = rule(source={"serviceAccounts": {"selector": "a in {'b'} || !has(c)"}}).source.service_accounts
    assert accounts == ServiceAccountMatch((), parse_selector("a in {'b'} || !has(c)"))


@pytest.mark.parametrize(
    ("end", "path", "reason"),
    [
        (
            {"selector": "app = 'web'"},
            "selector",
            "the text \"app = 'web'\" is not a selector expression: found '=' at character 5, expected ==",
        ),
        ({"notSelector": "("}, "notSelector", "is not a selector expression"),
        ({"namespaceSelector": "global() ||"}, "namespaceSelector", "is not a selector expression"),
        ({"namespaceSelector": 3}, "namespaceSelector", "found the number 3, expected a text"),
        ({"serviceAccounts": {"selector": "%"}}, "serviceAccounts.selector", "is not a selector expression"),
        ({"serviceAccounts": {"names": ["a", 3]}}, "serviceAccounts.names[1]", "found the number 3, expected a text"),
        ({"serviceAccounts": {"names": "a"}}, "serviceAccounts.names", "found the text 'a', expected a list"),
        ({"selector": "!global()"}, "selector", "found global(), which this field does not take"),
        ({"namespaceSelector": "!global()"}, "namespaceSelector", "found global() beside other selectors"),
        ({"namespaceSelector": "(global())"}, "namespaceSelector", "found global() beside other selectors"),
        ({"namespaceSelector": "global() || a == 'b'"}, "namespaceSelector", "found global() beside other selectors"),
    ],
)
def test_selectors_of_rules_are_checked(end: dict[str, Any], path: str, reason: str) -> None:
    fault = refused(ingress(source=end))
    assert fault.path == f"spec.ingress[0].source.{path}"
    assert reason in fault.reason


def test_domain_names_are_kept_and_make_a_rule_unsure() -> None:
    spec = {"egress": [{"action": "Deny"}, {"action": "Allow", "destination": {"domains": ["example.com"]}}]}
    found, fault = doubted(spec)
    assert [each.unsure for each in found.egress] == [False, True]
    assert found.egress[1].destination.domains == ("example.com",)
    assert fault.path == "spec.egress[1].destination.domains"
    assert not rule(source={"domains": []}).unsure
