"""Addresses in Calico's rules: nets, sets of networks, host endpoints, IP versions."""

from __future__ import annotations

import pytest
from tests.engine.reach.dialects.calico import (
    ACCEPTED,
    DENIED,
    UNKNOWN,
    asked,
    namespaced,
    network,
    networks,
    on_db,
    policy,
)

SIX = """
{apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: shop, labels: {app: %s, six: yes-it-is}},
 status: {podIP: "%s", podIPs: [{ip: "%s"}]}, spec: {containers: [{name: a, image: a}]}}
"""
UNKNOWN_ADDRESS = """
{apiVersion: v1, kind: Pod, metadata: {name: new, namespace: shop, labels: {app: new}},
 spec: {containers: [{name: a, image: a}]}}
"""
HOST = """
{apiVersion: projectcalico.org/v3, kind: HostEndpoint, metadata: {name: n1-eth0, labels: {kind: host}},
 spec: {node: n1, interfaceName: eth0%s}}
"""
ENDS = ("10.0.0.2", "10.9.9.9", "192.168.0.1", "2001:db8::1", "agent", "job", "web")


def _accepted(*texts: str) -> str:
    found = network(*texts)
    return " ".join(name for name in ENDS if asked(found, name, "db") is ACCEPTED)


def _from(source: str, **fields: object) -> str:
    return on_db(f"{{action: Allow, source: {source}}}", **fields)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{nets: [10.9.0.0/16]}", "10.9.9.9"),
        ("{nets: [10.0.0.0/24]}", "10.0.0.2 web"),
        ("{nets: [10.9.0.0/16, 10.0.0.2/32]}", "10.0.0.2 10.9.9.9 web"),
        ("{nets: ['2001:db8::/64']}", "2001:db8::1"),
        ("{nets: [0.0.0.0/0]}", "10.0.0.2 10.9.9.9 192.168.0.1 agent job web"),
        ("{notNets: [10.0.0.0/8]}", "192.168.0.1 agent"),
        ("{notNets: ['2001:db8:1::/64']}", "2001:db8::1"),
        ("{nets: [10.0.0.0/8], notNets: [10.0.0.0/16]}", "10.9.9.9"),
        ("{nets: [10.0.0.0/24], selector: has(tier)}", "web"),
        ("{nets: [10.0.0.0/24], notSelector: has(tier)}", "10.0.0.2"),
        ("{notNets: [10.0.0.0/24], selector: has(app)}", "job"),
    ],
)
def test_nets_match_whoever_has_the_address(source: str, expected: str) -> None:
    # The pod agent is on the network of its node, and has that address.
    assert _accepted(_from(source)) == expected


def test_a_list_of_nets_keeps_the_rule_from_the_other_ip_version_even_negated() -> None:
    found = network(on_db("{action: Deny, source: {notNets: [10.0.0.0/8]}}, {action: Allow}"))
    assert asked(found, "192.168.0.1", "db") is DENIED
    assert asked(found, "2001:db8::1", "db") is ACCEPTED


def test_a_pod_without_a_known_address_may_be_in_a_net() -> None:
    def verdict(source: str) -> object:
        return asked(network(UNKNOWN_ADDRESS, _from(source)), "new", "db")

    assert verdict("{nets: [10.0.0.0/24]}") is UNKNOWN
    assert verdict("{notNets: [10.0.0.0/24]}") is UNKNOWN
    assert verdict("{nets: [0.0.0.0/0]}") is ACCEPTED
    assert verdict("{nets: ['2001:db8::/64']}") is DENIED


def test_the_ip_version_of_a_rule() -> None:
    four, six = on_db("{action: Allow, ipVersion: 4}"), on_db("{action: Allow, ipVersion: 6}")
    assert _accepted(four).split() == ["10.0.0.2", "10.9.9.9", "192.168.0.1", "agent", "job", "web"]
    assert _accepted(six) == "2001:db8::1"


def test_pods_talk_over_ipv6_only_if_both_have_nothing_else() -> None:
    six = tuple(SIX % (name, name, address, address) for name, address in (("a", "fd00::a"), ("b", "fd00::b")))
    for version, between_six, others in ((4, ACCEPTED, DENIED), (6, DENIED, ACCEPTED)):
        rules = f"ingress: [{{action: Deny, ipVersion: {version}}}, {{action: Allow}}]"
        found = network(*six, policy(rules))
        assert asked(found, "a", "b") is between_six
        assert asked(found, "a", "web") is others
        assert asked(found, "web", "a") is others
        assert asked(found, "web", "db") is others
        assert asked(found, "2001:db8::1", "a") is (DENIED if version == 6 else ACCEPTED)
        assert asked(found, "10.9.9.9", "a") is (ACCEPTED if version == 6 else DENIED)


def test_a_set_of_networks_stands_for_its_addresses() -> None:
    office = networks("office", "kind: office", "10.9.0.0/16, 2001:db8::/64, 10.0.0.2")
    assert _accepted(office, _from("{selector: kind == 'office'}")) == "10.0.0.2 10.9.9.9 2001:db8::1 web"
    assert _accepted(office, _from("{selector: kind == 'other'}")) == ""
    in_none = _from("{selector: kind == 'office', namespaceSelector: global()}")
    assert _accepted(office, in_none) == "10.0.0.2 10.9.9.9 2001:db8::1 web"
    assert _accepted(office, _from("{selector: kind == 'office', namespaceSelector: all()}")) == ""
    # What lies in no namespace has none of its labels.
    unlabelled = _from("{selector: kind == 'office', namespaceSelector: '!has(team)'}")
    assert _accepted(office, unlabelled) == "10.0.0.2 10.9.9.9 2001:db8::1 web"


def test_a_set_of_a_namespace_is_in_it() -> None:
    office = networks("office", "kind: office", "10.9.0.0/16", "shop")
    of_office = "selector: kind == 'office'"
    assert _accepted(office, _from(f"{{{of_office}}}")) == "10.9.9.9"
    assert _accepted(office, _from(f"{{{of_office}, namespaceSelector: team == 'shop'}}")) == "10.9.9.9"
    assert _accepted(office, _from(f"{{{of_office}, namespaceSelector: team == 'data'}}")) == ""
    assert _accepted(office, _from(f"{{{of_office}, namespaceSelector: global()}}")) == ""
    assert _accepted(office, _from("{selector: projectcalico.org/namespace == 'shop'}")) == "10.9.9.9 web"
    inside = f"selector: app == 'db', ingress: [{{action: Allow, source: {{{of_office}}}}}]"
    assert _accepted(office, namespaced(inside)) == "10.9.9.9"
    assert _accepted(networks("office", "kind: office", "10.9.0.0/16", "data"), namespaced(inside)) == ""
    # A namespaced policy means its own namespace, to which a global set does not belong.
    assert _accepted(networks("office", "kind: office", "10.9.0.0/16"), namespaced(inside)) == ""


def test_a_set_in_a_namespace_that_nothing_else_tells_of_has_only_its_name() -> None:
    office = networks("office", "kind: office", "10.9.0.0/16", "elsewhere")
    assert _accepted(office, _from("{selector: has(kind), namespaceSelector: '!has(team)'}")) == "10.9.9.9"
    assert _accepted(office, _from("{selector: has(kind), namespaceSelector: has(team)}")) == ""


def test_a_set_without_labels_of_a_service_account_lacks_them() -> None:
    office = networks("office", "kind: office", "10.9.0.0/16")
    assert _accepted(office, _from("{selector: has(kind), serviceAccounts: {names: [default]}}")) == ""
    assert _accepted(office, _from("{selector: has(kind), serviceAccounts: {selector: has(role)}}")) == ""
    assert _accepted(office, _from("{selector: has(kind), serviceAccounts: {selector: '!has(role)'}}")) == "10.9.9.9"
    assert _accepted(office, _from("{selector: has(kind), notSelector: kind == 'office'}")) == ""


def test_not_selector_alone_in_a_global_policy_means_everybody_else() -> None:
    office = networks("office", "kind: office", "10.9.0.0/16")
    found = _accepted(office, _from("{notSelector: kind == 'office'}"))
    assert found == "10.0.0.2 192.168.0.1 2001:db8::1 agent job web"


def test_a_set_whose_addresses_are_not_all_known_may_hold_any() -> None:
    office = networks("office", "kind: office", "10.9.0.0/16], allowedEgressDomains: [example.com")
    found = network(office, _from("{selector: kind == 'office'}"))
    assert asked(found, "web", "db") is UNKNOWN
    assert asked(found, "10.9.9.9", "db") is ACCEPTED


def test_a_host_endpoint_stands_for_the_addresses_that_it_expects() -> None:
    selecting = _from("{selector: kind == 'host'}")
    assert _accepted(HOST % ", expectedIPs: [192.168.0.1, '2001:db8::1']", selecting) == "192.168.0.1 2001:db8::1 agent"
    assert _accepted(HOST % "", selecting) == ""
    outside = _from("{namespaceSelector: global()}")
    assert _accepted(HOST % ", expectedIPs: [192.168.0.1]", outside) == "192.168.0.1 agent"
