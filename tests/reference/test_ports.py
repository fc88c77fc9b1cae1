"""What the ports of a NetworkPolicy rule mean, written down by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reference.manifests import Manifest
from tests.reference.networkpolicy import Verdict
from tests.reference.samples import OUTSIDE, pod, policy, serving, verdict

ACCEPTED, DENIED = Verdict.ACCEPTED, Verdict.DENIED
WEB, DB = pod("web", labels={"app": "web"}), pod("db", labels={"app": "db"})


def on_db(**spec: Any) -> list[Manifest]:
    return [WEB, DB, policy(podSelector={"matchLabels": {"app": "db"}}, **spec)]


@pytest.mark.parametrize("entry", [None, {}, {"protocol": None, "port": None, "endPort": None}])
def test_a_port_entry_that_sets_nothing_is_every_tcp_port(entry: Any) -> None:
    cluster = on_db(ingress=[{"ports": [entry]}])
    assert verdict(cluster, OUTSIDE, "default/db", 1) is ACCEPTED
    assert verdict(cluster, OUTSIDE, "default/db", 65535) is ACCEPTED
    assert verdict(cluster, OUTSIDE, "default/db", 1, "UDP") is DENIED


@pytest.mark.parametrize("protocol", ["UDP", "SCTP"])
def test_a_protocol_without_port_is_every_port_of_that_protocol_only(protocol: str) -> None:
    cluster = on_db(ingress=[{"ports": [{"protocol": protocol}]}])
    assert verdict(cluster, OUTSIDE, "default/db", 53, protocol) is ACCEPTED
    assert verdict(cluster, OUTSIDE, "default/db", 53, "TCP") is DENIED


def test_a_number_matches_whether_or_not_a_container_declares_it() -> None:
    cluster = on_db(ingress=[{"ports": [{"port": 5432}]}])
    assert verdict(cluster, OUTSIDE, "default/db", 5432) is ACCEPTED
    assert verdict(cluster, OUTSIDE, "default/db", 5433) is DENIED
    assert verdict(cluster, OUTSIDE, "default/db", 5432, "UDP") is DENIED


@pytest.mark.parametrize(
    ("port", "expected"), [(79, DENIED), (80, ACCEPTED), (81, ACCEPTED), (90, ACCEPTED), (91, DENIED)]
)
def test_end_port_is_inclusive(port: int, expected: Verdict) -> None:
    cluster = on_db(ingress=[{"ports": [{"port": 80, "endPort": 90}]}])
    assert verdict(cluster, OUTSIDE, "default/db", port) is expected


def test_a_null_end_port_is_a_single_port() -> None:
    cluster = on_db(ingress=[{"ports": [{"port": 80, "endPort": None}]}])
    assert verdict(cluster, OUTSIDE, "default/db", 80) is ACCEPTED
    assert verdict(cluster, OUTSIDE, "default/db", 81) is DENIED


def test_a_named_port_on_ingress_is_resolved_on_each_destination() -> None:
    cluster = [
        WEB,
        pod("old", containers=[serving("http", 80)]),
        pod("new", containers=[serving("http", 8080)]),
        policy(ingress=[{"ports": [{"port": "http"}]}]),
    ]
    assert verdict(cluster, "default/web", "default/old", 80) is ACCEPTED
    assert verdict(cluster, "default/web", "default/old", 8080) is DENIED
    assert verdict(cluster, "default/web", "default/new", 8080) is ACCEPTED
    assert verdict(cluster, "default/new", "default/web", 80) is DENIED


def test_a_named_port_needs_the_protocol_to_agree() -> None:
    cluster = [WEB, pod("dns", containers=[serving("dns", 53, "UDP")])]
    udp = [*cluster, policy(ingress=[{"ports": [{"port": "dns", "protocol": "UDP"}]}])]
    tcp = [*cluster, policy(ingress=[{"ports": [{"port": "dns"}]}])]
    assert verdict(udp, "default/web", "default/dns", 53, "UDP") is ACCEPTED
    assert verdict(udp, "default/web", "default/dns", 53, "TCP") is DENIED
    assert verdict(tcp, "default/web", "default/dns", 53, "UDP") is DENIED
    assert verdict(tcp, "default/web", "default/dns", 53, "TCP") is DENIED


@pytest.mark.parametrize(("port", "expected"), [(80, ACCEPTED), (81, ACCEPTED), (82, DENIED)])
def test_a_name_that_several_containers_declare_stands_for_all_their_numbers(port: int, expected: Verdict) -> None:
    containers = [serving("http", 80), serving("http", 81), serving("http", 82, "UDP")]
    cluster = [pod("two", containers=containers), policy(ingress=[{"ports": [{"port": "http"}]}])]
    assert verdict(cluster, OUTSIDE, "default/two", port) is expected


@pytest.mark.parametrize(("restart", "expected"), [({}, DENIED), ({"restartPolicy": "Always"}, ACCEPTED)])
def test_a_named_port_of_an_init_container_serves_only_as_a_native_sidecar(
    restart: Manifest, expected: Verdict
) -> None:
    proxied = pod("proxied", initContainers=[serving("proxy", 15001) | restart])
    cluster = [proxied, policy(ingress=[{"ports": [{"port": "proxy"}]}])]
    assert verdict(cluster, OUTSIDE, "default/proxied", 15001) is expected


def test_a_named_port_on_egress_is_resolved_on_the_destination_not_the_source() -> None:
    cluster = [
        pod("client", labels={"app": "client"}, containers=[serving("http", 9999)]),
        pod("server", containers=[serving("http", 8080)]),
        policy(
            podSelector={"matchLabels": {"app": "client"}},
            policyTypes=["Egress"],
            egress=[{"to": [{"podSelector": {}}], "ports": [{"port": "http"}]}],
        ),
    ]
    assert verdict(cluster, "default/client", "default/server", 8080) is ACCEPTED
    assert verdict(cluster, "default/client", "default/server", 9999) is DENIED


@pytest.mark.parametrize("peers", [[], [{"ipBlock": {"cidr": "0.0.0.0/0"}}]])
def test_a_named_port_never_matches_outside_the_cluster(peers: list[Manifest]) -> None:
    serves = pod("db", labels={"app": "db"}, containers=[serving("http", 80)])
    rule = {"to": peers, "ports": [{"port": "http"}]}
    egress = policy(policyTypes=["Egress"], egress=[rule])
    assert verdict([serves, egress], "default/db", OUTSIDE, 80) is DENIED
