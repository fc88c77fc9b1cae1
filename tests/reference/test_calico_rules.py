"""What protocols, IP versions, ports and nets of a Calico rule match, written down by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reference.calico_samples import gnp, networks, np, rule, verdict
from tests.reference.manifests import Manifest
from tests.reference.networkpolicy import Direction, Verdict
from tests.reference.samples import OUTSIDE, host_pod, node, pod, serving

ACCEPTED, DENIED, UNKNOWN = Verdict.ACCEPTED, Verdict.DENIED, Verdict.UNKNOWN
OUTSIDE_V6 = "2001:db8::1"

UNPLACED: Any = None
V4: Any = {"podIP": "10.0.0.1"}
V6: Any = {"podIP": "fd00::1"}
DUAL: Any = {"podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}, {"ip": "fd00::1"}]}


def only(make: Any = gnp, **fields: Any) -> list[Manifest]:
    """Return a cluster whose pod ``db`` accepts only what one rule matches."""
    return [pod("db"), make(selector="all()", types=["Ingress"], ingress=[rule(**fields)])]


def only_to(pod_objects: list[Manifest], **fields: Any) -> list[Manifest]:
    """Return a cluster whose pod ``client`` may reach only what one rule matches."""
    client = pod("client", labels={"app": "client"}, status=V4)
    egress = gnp(selector="app == 'client'", types=["Egress"], egress=[rule(**fields)])
    return [client, *pod_objects, egress]


@pytest.mark.parametrize(
    ("fields", "accepted"),
    [
        ({}, ["SCTP", "TCP", "UDP"]),
        ({"protocol": "TCP"}, ["TCP"]),
        ({"protocol": 6}, ["TCP"]),
        ({"protocol": 17}, ["UDP"]),
        ({"protocol": "SCTP"}, ["SCTP"]),
        ({"protocol": 132}, ["SCTP"]),
        ({"notProtocol": "TCP"}, ["SCTP", "UDP"]),
        ({"notProtocol": 17}, ["SCTP", "TCP"]),
        ({"protocol": "TCP", "notProtocol": "UDP"}, ["TCP"]),
        ({"protocol": "TCP", "notProtocol": 6}, []),
        ({"protocol": "ICMP"}, []),
        ({"protocol": "ICMPv6"}, []),
        ({"protocol": "UDPLite"}, []),
        ({"protocol": 47}, []),
        ({"notProtocol": "ICMP"}, ["SCTP", "TCP", "UDP"]),
        ({"protocol": "ICMP", "icmp": {"type": 8, "code": 0}}, []),
        ({"notICMP": {"type": 8}}, []),
        ({"notICMP": {}}, ["SCTP", "TCP", "UDP"]),
        ({"http": {"methods": ["GET"]}}, ["SCTP", "TCP", "UDP"]),
        ({"http": {"paths": [{"exact": "/"}]}, "protocol": "TCP"}, ["TCP"]),
        ({"source": None, "destination": {}, "metadata": {"annotations": {"a": "b"}}}, ["SCTP", "TCP", "UDP"]),
    ],
)
def test_protocols_have_names_and_numbers_and_icmp_is_no_connection(fields: Any, accepted: list[str]) -> None:
    cluster = only(**fields)
    found = [p for p in ("SCTP", "TCP", "UDP") if verdict(cluster, OUTSIDE, "default/db", protocol=p) is ACCEPTED]
    assert found == accepted


@pytest.mark.parametrize(
    ("source", "destination", "accepted"),
    [
        (OUTSIDE, UNPLACED, 4),
        (OUTSIDE_V6, UNPLACED, 6),
        ("::ffff:198.51.100.7", UNPLACED, 4),
        (V4, V4, 4),
        (V6, V6, 6),
        (DUAL, DUAL, 4),
        (DUAL, V6, 4),
        (UNPLACED, UNPLACED, 4),
        (UNPLACED, V6, 4),
    ],
)
def test_a_rule_for_one_ip_version_matches_connections_of_that_version(
    source: Any, destination: Any, accepted: int
) -> None:
    src = source if isinstance(source, str) else "default/web"
    for version in (4, 6):
        ingress = gnp(selector="app == 'db'", types=["Ingress"], ingress=[rule(ipVersion=version)])
        pods = [pod("db", labels={"app": "db"}, status=destination)]
        pods += [] if isinstance(source, str) else [pod("web", status=source)]
        assert verdict([*pods, ingress], src, "default/db") is (ACCEPTED if version == accepted else DENIED)


@pytest.mark.parametrize(
    ("ports", "matching", "others"),
    [
        ([80], [80], [79, 81]),
        (["80"], [80], [79, 81]),
        (["80:82"], [80, 81, 82], [79, 83]),
        ([1, "65535:65535"], [1, 65535], [2, 65534]),
        (["0:65535"], [1, 65535], []),
        (["http"], [8080], [80]),
        (["dns"], [], [53, 8080]),
        ([80, "http"], [80, 8080], [81]),
        (["nobody"], [], [8080]),
    ],
)
def test_ports_of_a_destination_and_their_negation(ports: Any, matching: list[int], others: list[int]) -> None:
    containers = [serving("http", 8080), serving("dns", 53, "UDP") | {"name": "second"}]
    server = pod("server", containers=containers)
    for field in ("ports", "notPorts"):
        cluster = [server, gnp(ingress=[rule(protocol="TCP", destination={field: ports})])]
        positive = field == "ports"
        assert all((verdict(cluster, OUTSIDE, "default/server", p) is ACCEPTED) is positive for p in matching)
        assert all((verdict(cluster, OUTSIDE, "default/server", p) is DENIED) is positive for p in others)


def test_a_named_port_needs_the_protocol_of_the_connection() -> None:
    server = pod("server", containers=[serving("dns", 53, "UDP")])
    for protocol, expected in (("UDP", ACCEPTED), ("TCP", DENIED)):
        cluster = [server, gnp(ingress=[rule(protocol=protocol, destination={"ports": ["dns"]})])]
        assert verdict(cluster, OUTSIDE, "default/server", 53, protocol=protocol) is expected


def test_ports_and_not_ports_must_both_match() -> None:
    cluster = only(protocol="TCP", destination={"ports": ["80:90"], "notPorts": [85]})
    assert verdict(cluster, OUTSIDE, "default/db", 84) is ACCEPTED
    assert verdict(cluster, OUTSIDE, "default/db", 85) is DENIED


def test_names_of_ports_mean_something_on_pods_only() -> None:
    agent = host_pod("agent", containers=[serving("http", 8080)])
    cluster = only_to([agent], protocol="TCP", destination={"ports": ["http"]})
    assert verdict(cluster, "default/client", "default/agent", 8080) is DENIED
    assert verdict(cluster, "default/client", OUTSIDE, 8080) is DENIED


def test_a_named_port_is_that_of_a_pod_whose_own_labels_are_selected() -> None:
    server = pod("server", labels={"app": "server"}, status=V4, containers=[serving("http", 8080)])
    covering = networks("10.0.0.0/8", app="covering")
    for ports, expected in ((["http"], DENIED), ([8080], ACCEPTED)):
        cluster = only_to(
            [server, covering], protocol="TCP", destination={"selector": "app == 'covering'", "ports": ports}
        )
        assert verdict(cluster, "default/client", "default/server", 8080) is expected


@pytest.mark.parametrize(
    ("ports", "expected"),
    [
        ([1024], UNKNOWN),
        (["1024:65535"], UNKNOWN),
        (["0:65535"], ACCEPTED),
        (["1:1023", "1024:65535"], ACCEPTED),
        (["1:1023", "1025:65535"], UNKNOWN),
        (["5:9", "1:65535", "2:3"], ACCEPTED),
        ([0], DENIED),
        (["http"], DENIED),
    ],
)
def test_nobody_knows_the_port_of_a_source(ports: Any, expected: Verdict) -> None:
    cluster = only(protocol="TCP", source={"ports": ports})
    assert verdict(cluster, OUTSIDE, "default/db") is expected
    opposite = {ACCEPTED: DENIED, DENIED: ACCEPTED, UNKNOWN: UNKNOWN}
    assert verdict(only(protocol="TCP", source={"notPorts": ports}), OUTSIDE, "default/db") is opposite[expected]


def test_a_source_may_use_the_port_it_declares() -> None:
    client = pod("client", containers=[serving("http", 8080)])
    cluster = [*only(protocol="TCP", source={"ports": ["http"]}), client]
    assert verdict(cluster, "default/client", "default/db") is UNKNOWN


@pytest.mark.parametrize(
    ("fields", "inside", "outside"),
    [
        ({"nets": ["203.0.113.0/24"]}, ["203.0.113.0", "203.0.113.255"], ["203.0.112.255", "203.0.114.0"]),
        ({"nets": ["203.0.113.9/24", "192.0.2.1/32"]}, ["203.0.113.255", "192.0.2.1"], ["192.0.2.2"]),
        ({"nets": ["192.0.2.1"]}, ["192.0.2.1"], ["192.0.2.2"]),
        ({"nets": ["0.0.0.0/0"]}, [OUTSIDE], [OUTSIDE_V6]),
        ({"nets": ["::/0"]}, [OUTSIDE_V6], [OUTSIDE]),
        ({"notNets": ["203.0.113.0/24"]}, ["203.0.112.255"], ["203.0.113.0"]),
        ({"nets": ["203.0.113.0/24"], "notNets": ["203.0.113.128/25"]}, ["203.0.113.127"], ["203.0.113.128", OUTSIDE]),
        # Nets of one IP version only, even negated ones, keep the rule from the other.
        ({"notNets": ["203.0.113.0/24"]}, [OUTSIDE], [OUTSIDE_V6]),
        ({"notNets": ["2001:db8::/64"]}, ["2001:db8:0:1::1"], ["2001:db8::1", OUTSIDE]),
        ({"notNets": ["203.0.113.0/24", "2001:db8::/64"]}, [OUTSIDE, "2001:db8:0:1::1"], ["2001:db8::1"]),
        ({"nets": [], "notNets": None}, [OUTSIDE, OUTSIDE_V6], []),
    ],
)
def test_nets_and_their_negation_match_addresses_outside(
    fields: Manifest, inside: list[str], outside: list[str]
) -> None:
    cluster = only(source=fields)
    assert [verdict(cluster, address, "default/db") for address in inside] == [ACCEPTED] * len(inside)
    assert [verdict(cluster, address, "default/db") for address in outside] == [DENIED] * len(outside)


@pytest.mark.parametrize(
    ("status", "nets", "expected"),
    [
        (V4, ["10.0.0.0/8"], ACCEPTED),
        (V4, ["10.0.0.2/32"], DENIED),
        (DUAL, ["10.0.0.0/8"], ACCEPTED),
        (DUAL, ["fd00::/8"], DENIED),
        (UNPLACED, ["10.0.0.0/8"], UNKNOWN),
        (UNPLACED, ["0.0.0.0/0"], ACCEPTED),
        (UNPLACED, ["192.0.2.1/32", "0.0.0.0/0"], ACCEPTED),
        (UNPLACED, ["fd00::/8"], DENIED),
        (UNPLACED, ["::/0"], DENIED),
    ],
)
def test_nets_match_the_addresses_of_pods(status: Any, nets: list[str], expected: Verdict) -> None:
    negated = {ACCEPTED: DENIED, DENIED: ACCEPTED, UNKNOWN: UNKNOWN}[expected]
    cluster = only_to([pod("server", status=status)], destination={"nets": nets})
    assert verdict(cluster, "default/client", "default/server") is expected
    if ":" not in nets[0]:
        cluster = only_to([pod("server", status=status)], destination={"notNets": nets})
        assert verdict(cluster, "default/client", "default/server") is negated


def test_nets_match_pods_whatever_the_options_say_of_kubernetes_blocks() -> None:
    cluster = only_to([pod("server", status=V4)], destination={"nets": ["10.0.0.0/8"]})
    off: Any = {"ipblock_matches_pods": False, "ipblock_matches_nodes": False}
    assert verdict(cluster, "default/client", "default/server", **off) is ACCEPTED


def test_nets_match_a_pod_on_the_host_network_by_the_address_of_its_node() -> None:
    objects = [host_pod("agent", nodeName="node-1"), node("node-1", "192.0.2.1"), host_pod("lost", nodeName="node-9")]
    cluster = only_to(objects, destination={"nets": ["192.0.2.0/24"]})
    assert verdict(cluster, "default/client", "default/agent") is ACCEPTED
    assert verdict(cluster, "default/client", "default/lost") is UNKNOWN


def test_source_and_destination_must_both_match() -> None:
    source, destination = {"nets": [f"{OUTSIDE}/32"]}, {"selector": "app == 'a'"}
    ends = [pod("a", labels={"app": "a"}), pod("b", labels={"app": "b"})]
    cluster = [*ends, gnp(ingress=[rule(source=source, destination=destination)])]
    assert verdict(cluster, OUTSIDE, "default/a") is ACCEPTED
    assert verdict(cluster, OUTSIDE, "default/b") is DENIED
    assert verdict(cluster, "192.0.2.1", "default/a") is DENIED


def test_a_rule_may_match_the_subject_itself() -> None:
    ends = [pod("a", labels={"app": "a"}), pod("b", labels={"app": "b"})]
    cluster = [*ends, np(types=["Egress"], egress=[rule(source={"selector": "app == 'a'"})])]
    assert verdict(cluster, "default/a", OUTSIDE, direction=Direction.EGRESS) is ACCEPTED
    assert verdict(cluster, "default/b", OUTSIDE, direction=Direction.EGRESS) is DENIED
