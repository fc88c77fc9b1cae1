"""What a NetworkPolicy means for addresses, nodes and the host network, written down by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reference.manifests import Manifest
from tests.reference.networkpolicy import Verdict
from tests.reference.samples import (
    OUTSIDE,
    host_pod,
    node,
    pod,
    policy,
    serving,
    verdict,
)

ACCEPTED, DENIED, UNKNOWN = Verdict.ACCEPTED, Verdict.DENIED, Verdict.UNKNOWN


def only_from(cidr: str, *pods: Manifest, holes: Any = None) -> list[Manifest]:
    """Return a cluster in which every pod accepts one block only."""
    block = {"cidr": cidr} if holes is None else {"cidr": cidr, "except": holes}
    return [pod("db"), *pods, policy(ingress=[{"from": [{"ipBlock": block}]}])]


def test_a_block_matches_from_its_first_to_its_last_address() -> None:
    cluster = only_from("203.0.113.0/24")
    assert verdict(cluster, "203.0.112.255", "default/db") is DENIED
    assert verdict(cluster, "203.0.113.0", "default/db") is ACCEPTED
    assert verdict(cluster, "203.0.113.255", "default/db") is ACCEPTED
    assert verdict(cluster, "203.0.114.0", "default/db") is DENIED


def test_exceptions_are_cut_out_and_may_overlap() -> None:
    cluster = only_from("203.0.113.0/24", holes=["203.0.113.0/25", "203.0.113.64/26"])
    assert verdict(cluster, "203.0.113.127", "default/db") is DENIED
    assert verdict(cluster, "203.0.113.128", "default/db") is ACCEPTED


def test_an_exception_does_not_bind_another_peer() -> None:
    whole, part = {"cidr": "203.0.113.0/24", "except": ["203.0.113.5/32"]}, {"cidr": "203.0.113.4/31"}
    cluster = [pod("db"), policy(ingress=[{"from": [{"ipBlock": whole}, {"ipBlock": part}]}])]
    assert verdict(cluster, "203.0.113.5", "default/db") is ACCEPTED


@pytest.mark.parametrize(("cidr", "v4", "v6"), [("0.0.0.0/0", ACCEPTED, DENIED), ("::/0", DENIED, ACCEPTED)])
def test_the_two_address_families_are_separate(cidr: str, v4: Verdict, v6: Verdict) -> None:
    assert verdict(only_from(cidr), OUTSIDE, "default/db") is v4
    assert verdict(only_from(cidr), "2001:db8::1", "default/db") is v6


@pytest.mark.parametrize("cidr", ["203.0.113.77/24", "::ffff:203.0.113.0/120", "203.000.113.000/24"])
def test_host_bits_ipv4_in_ipv6_form_and_leading_zeros_are_read_leniently(cidr: str) -> None:
    cluster = only_from(cidr)
    assert verdict(cluster, "203.0.113.0", "default/db") is ACCEPTED
    assert verdict(cluster, "::ffff:203.0.113.255", "default/db") is ACCEPTED
    assert verdict(cluster, "203.0.114.0", "default/db") is DENIED


def test_an_address_in_ipv6_form_is_not_inside_an_ipv6_block() -> None:
    assert verdict(only_from("::/0"), "::ffff:203.0.113.1", "default/db") is DENIED


def test_a_named_port_behind_a_block_is_resolved_on_a_pod_that_the_block_matches() -> None:
    server = pod("server", "other", status={"podIP": "10.0.0.1"}, containers=[serving("http", 8080)])
    rule = {"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}], "ports": [{"port": "http"}]}
    cluster = [pod("db"), server, policy(policyTypes=["Egress"], egress=[rule])]
    assert verdict(cluster, "default/db", "other/server", 8080, ipblock_matches_pods=True) is ACCEPTED
    assert verdict(cluster, "default/db", "other/server", 8081, ipblock_matches_pods=True) is DENIED
    assert verdict(cluster, "default/db", "other/server", 8080, ipblock_matches_pods=False) is DENIED


PLACES: dict[str, Any] = {
    "v4": {"podIP": "10.0.0.1"},
    "dual": {"podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}, {"ip": "fd00::1"}]},
    "unknown": None,
}


@pytest.mark.parametrize(
    ("place", "cidr", "holes", "expected"),
    [
        ("v4", "10.0.0.0/8", None, ACCEPTED),
        ("v4", "10.0.0.0/8", ["10.0.0.0/31"], DENIED),
        ("v4", "11.0.0.0/8", None, DENIED),
        ("v4", "::/0", None, DENIED),
        ("dual", "fd00::/8", None, ACCEPTED),
        ("dual", "10.0.0.0/8", None, ACCEPTED),
        ("unknown", "0.0.0.0/0", None, ACCEPTED),
        ("unknown", "0.0.0.0/0", [], ACCEPTED),
        ("unknown", "0.0.0.0/0", ["192.0.2.0/24"], UNKNOWN),
        ("unknown", "10.0.0.0/8", None, UNKNOWN),
        ("unknown", "::/0", None, UNKNOWN),
    ],
)
def test_a_block_matches_pods_by_their_addresses_where_the_implementation_says_so(
    place: str, cidr: str, holes: Any, expected: Verdict
) -> None:
    cluster = only_from(cidr, pod("web", "other", status=PLACES[place]), holes=holes)
    assert verdict(cluster, "other/web", "default/db", ipblock_matches_pods=True) is expected
    assert verdict(cluster, "other/web", "default/db", ipblock_matches_pods=False) is DENIED


@pytest.mark.parametrize("address", ["192.168.0.10", "203.0.113.10", "2001:db8::10"])
def test_a_block_matches_addresses_of_nodes_only_where_the_implementation_says_so(address: str) -> None:
    of_node = node("n2", "192.168.0.10", "2001:db8::10")
    of_node["status"]["addresses"].append({"type": "ExternalIP", "address": "203.0.113.10"})
    for cidr in ("0.0.0.0/0", "::/0"):
        egress = policy(policyTypes=["Egress"], egress=[{"to": [{"ipBlock": {"cidr": cidr}}]}])
        cluster = [pod("db"), of_node, egress]
        inside = ACCEPTED if (":" in address) is (":" in cidr) else DENIED
        assert verdict(cluster, "default/db", address, ipblock_matches_nodes=True) is inside
        assert verdict(cluster, "default/db", address, ipblock_matches_nodes=False) is DENIED
        other = "2001:db8::11" if ":" in cidr else "192.168.0.11"
        assert verdict(cluster, "default/db", other, ipblock_matches_nodes=False) is ACCEPTED


def test_an_unknown_address_does_not_matter_when_another_rule_surely_accepts() -> None:
    rules = [{"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}, {"from": [{"namespaceSelector": {}}]}]
    cluster = [pod("db"), pod("web", "other"), policy(ingress=rules)]
    assert verdict(cluster, "other/web", "default/db", ipblock_matches_pods=True) is ACCEPTED


def test_an_unknown_address_does_not_matter_when_the_port_surely_does_not_match() -> None:
    rule = {"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}], "ports": [{"port": 1}]}
    cluster = [pod("db"), pod("web", "other"), policy(ingress=[rule])]
    assert verdict(cluster, "other/web", "default/db", 1, ipblock_matches_pods=True) is UNKNOWN
    assert verdict(cluster, "other/web", "default/db", 2, ipblock_matches_pods=True) is DENIED


def test_denied_at_one_end_outweighs_unknown_at_the_other() -> None:
    cluster = [*only_from("10.0.0.0/8", pod("web", "other")), policy("other", policyTypes=["Egress"])]
    assert verdict(cluster, "other/web", "default/db", ipblock_matches_pods=True) is DENIED


def test_a_pod_on_the_host_network_is_bound_by_no_policy() -> None:
    cluster = [host_pod("agent"), policy(policyTypes=["Ingress", "Egress"])]
    assert verdict(cluster, OUTSIDE, "default/agent") is ACCEPTED
    assert verdict(cluster, "default/agent", OUTSIDE) is ACCEPTED


@pytest.mark.parametrize("peer", [{"podSelector": {}}, {"namespaceSelector": {}}])
def test_a_pod_on_the_host_network_is_no_peer_of_a_selector(peer: Manifest) -> None:
    cluster = [
        pod("db", nodeName="n1"),
        host_pod("agent", nodeName="n2"),
        policy(policyTypes=["Ingress", "Egress"], ingress=[{"from": [peer]}], egress=[{"to": [peer]}]),
    ]
    assert verdict(cluster, "default/agent", "default/db") is DENIED
    assert verdict(cluster, "default/db", "default/agent") is DENIED


@pytest.mark.parametrize(
    ("more", "cidr", "expected"),
    [
        ({"status": {"hostIP": "192.168.0.10"}}, "192.168.0.0/24", ACCEPTED),
        ({"status": {"hostIP": "192.168.0.10"}}, "192.168.1.0/24", DENIED),
        ({"status": {"podIPs": [{"ip": "192.168.0.10"}]}}, "192.168.0.0/24", ACCEPTED),
        ({"nodeName": "n1"}, "192.168.0.10/32", ACCEPTED),
        ({"nodeName": "n1"}, "192.168.0.11/32", DENIED),
        ({"nodeName": "elsewhere"}, "192.168.0.0/24", UNKNOWN),
        ({}, "192.168.0.0/24", UNKNOWN),
        ({}, "::/0", UNKNOWN),
        ({}, "0.0.0.0/0", ACCEPTED),
    ],
)
def test_a_pod_on_the_host_network_is_matched_by_the_address_of_its_node(
    more: Manifest, cidr: str, expected: Verdict
) -> None:
    egress = policy(policyTypes=["Egress"], egress=[{"to": [{"ipBlock": {"cidr": cidr}}]}])
    cluster = [pod("db"), host_pod("agent", **more), node("n1", "192.168.0.10"), egress]
    assert verdict(cluster, "default/db", "default/agent") is expected
    assert verdict(cluster, "default/db", "default/agent", ipblock_matches_nodes=False) is DENIED


def test_an_external_address_is_matched_by_blocks_whatever_they_do_to_nodes_and_pods() -> None:
    cluster = only_from(f"{OUTSIDE}/32")
    assert verdict(cluster, OUTSIDE, "default/db", ipblock_matches_nodes=False) is ACCEPTED


@pytest.mark.parametrize(
    ("db", "agent", "expected"),
    [
        ({"nodeName": "n1"}, {"nodeName": "n1"}, ACCEPTED),
        ({"nodeName": "n1"}, {"nodeName": "n2"}, DENIED),
        ({}, {"nodeName": "n1"}, UNKNOWN),
        ({"nodeName": "n1"}, {}, UNKNOWN),
        ({"nodeName": ""}, {"nodeName": ""}, UNKNOWN),
    ],
)
def test_a_pod_always_accepts_its_own_node_through_a_pod_on_the_host_network(
    db: Manifest, agent: Manifest, expected: Verdict
) -> None:
    cluster = [pod("db", **db), host_pod("agent", **agent), policy()]
    assert verdict(cluster, "default/agent", "default/db") is expected


def test_an_unknown_node_does_not_matter_when_a_rule_accepts() -> None:
    cluster = [pod("db"), host_pod("agent"), policy(ingress=[{}])]
    assert verdict(cluster, "default/agent", "default/db") is ACCEPTED


def test_a_pod_on_the_same_node_but_not_on_its_network_gets_no_privilege() -> None:
    cluster = [pod("db", nodeName="n1"), pod("web", nodeName="n1"), policy()]
    assert verdict(cluster, "default/web", "default/db") is DENIED


@pytest.mark.parametrize(
    ("node_name", "address", "expected"),
    [
        ("n1", "192.168.0.10", ACCEPTED),
        ("n1", "::ffff:192.168.0.10", ACCEPTED),
        ("n1", "fd00::10", ACCEPTED),
        ("n1", "192.168.0.11", DENIED),
        ("n1", "192.0.2.99", DENIED),
        ("n9", "192.168.0.10", DENIED),
        ("", "192.168.0.10", UNKNOWN),
        ("", "192.168.0.12", DENIED),
    ],
)
def test_a_pod_always_accepts_the_internal_addresses_of_its_own_node(
    node_name: str, address: str, expected: Verdict
) -> None:
    nodes = [node("n1", "192.168.0.10", "fd00::10"), node("n2", "192.168.0.11")]
    assert verdict([*nodes, pod("db", nodeName=node_name), policy()], address, "default/db") is expected


def test_a_pod_has_no_privilege_towards_its_own_node() -> None:
    cluster = [
        node("n1", "192.168.0.10"),
        pod("db", nodeName="n1"),
        host_pod("agent", nodeName="n1"),
        policy(policyTypes=["Egress"]),
    ]
    assert verdict(cluster, "default/db", "default/agent") is DENIED
    assert verdict(cluster, "default/db", "192.168.0.10") is DENIED


def test_a_named_port_towards_a_pod_on_the_host_network_is_what_that_pod_declares() -> None:
    agent = host_pod("agent", nodeName="n2", containers=[serving("metrics", 9100)])
    egress = policy(policyTypes=["Egress"], egress=[{"ports": [{"port": "metrics"}]}])
    assert verdict([pod("db"), agent, egress], "default/db", "default/agent", 9100) is ACCEPTED
    assert verdict([pod("db"), agent, egress], "default/db", "default/agent", 9101) is DENIED
