"""What Cilium rules say about ports, and what about layer 7 they leave to others."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reference.cilium import Verdict
from tests.reference.cilium_samples import cilium_policy, verdict
from tests.reference.manifests import Manifest
from tests.reference.samples import OUTSIDE, pod, serving

ACCEPTED, DENIED = Verdict.ACCEPTED, Verdict.DENIED
WEB = pod("web", labels={"app": "web"})


def to_db(*rules: Manifest) -> list[Manifest]:
    return [WEB, pod("db"), cilium_policy(ingress=list(rules))]


def on(*entries: Manifest, **more: Any) -> Manifest:
    return {"toPorts": [{"ports": list(entries), **more}]}


def test_ports_without_peers_are_for_anyone() -> None:
    cluster = to_db(on({"port": "80"}))
    assert verdict(cluster, "default/web", "default/db", 80) is ACCEPTED
    assert verdict(cluster, OUTSIDE, "default/db", 80) is ACCEPTED
    assert verdict(cluster, OUTSIDE, "default/db", 81) is DENIED


def test_denied_ports_without_peers_are_denied_to_anyone() -> None:
    cluster = [WEB, pod("db"), cilium_policy(ingress=[{"fromEntities": ["all"]}], ingressDeny=[on({"port": "80"})])]
    assert verdict(cluster, "default/web", "default/db", 80) is DENIED
    assert verdict(cluster, OUTSIDE, "default/db", 80) is DENIED
    assert verdict(cluster, OUTSIDE, "default/db", 81) is ACCEPTED


@pytest.mark.parametrize("unset", [{}, {"toPorts": None}, {"toPorts": []}])
def test_peers_without_ports_are_for_every_port_of_every_protocol(unset: Manifest) -> None:
    cluster = to_db({"fromEndpoints": [{}], **unset})
    assert verdict(cluster, "default/web", "default/db", 1, "SCTP") is ACCEPTED
    assert verdict(cluster, OUTSIDE, "default/db", 1) is DENIED


def test_peers_and_ports_must_both_match() -> None:
    cluster = to_db({"fromEndpoints": [{}], **on({"port": "80"})})
    assert verdict(cluster, "default/web", "default/db", 80) is ACCEPTED
    assert verdict(cluster, "default/web", "default/db", 81) is DENIED
    assert verdict(cluster, OUTSIDE, "default/db", 80) is DENIED


@pytest.mark.parametrize("empty", [{"toPorts": [{}]}, {"toPorts": [{"ports": []}]}, {"toPorts": [{"ports": None}]}])
def test_a_port_rule_without_ports_matches_nothing(empty: Manifest) -> None:
    assert verdict(to_db({"fromEndpoints": [{}], **empty}), "default/web", "default/db") is DENIED


@pytest.mark.parametrize("field", ["fromEndpoints", "fromEntities", "fromNodes", "fromCIDR", "fromCIDRSet"])
def test_an_empty_list_of_peers_matches_nothing_and_an_unset_one_is_not_there(field: str) -> None:
    assert verdict(to_db({field: [], **on({"port": "80"})}), "default/web", "default/db") is DENIED
    assert verdict(to_db({field: None, **on({"port": "80"})}), "default/web", "default/db") is ACCEPTED


@pytest.mark.parametrize("field", ["toFQDNs", "toServices", "toGroups"])
def test_an_empty_list_of_names_services_or_groups_is_as_good_as_none(field: str) -> None:
    cluster = [WEB, pod("db"), cilium_policy(egress=[{field: [], **on({"port": "80"})}])]
    assert verdict(cluster, "default/db", "default/web", 80) is ACCEPTED


@pytest.mark.parametrize(
    ("entry", "accepted"),
    [
        ({"port": "80"}, {("TCP", 80), ("UDP", 80), ("SCTP", 80)}),
        ({"port": "80", "protocol": None}, {("TCP", 80), ("UDP", 80), ("SCTP", 80)}),
        ({"port": "80", "protocol": "ANY"}, {("TCP", 80), ("UDP", 80), ("SCTP", 80)}),
        ({"port": "80", "protocol": "UDP"}, {("UDP", 80)}),
        ({"port": "80", "protocol": "tcp"}, {("TCP", 80)}),
        ({"port": "80", "protocol": "ICMP"}, set()),
        ({"port": "0", "protocol": "TCP"}, {("TCP", 80), ("TCP", 81), ("TCP", 82)}),
        ({"port": "80", "endPort": 81, "protocol": "TCP"}, {("TCP", 80), ("TCP", 81)}),
        ({"port": "80", "endPort": 80, "protocol": "TCP"}, {("TCP", 80)}),
        ({"port": "80", "endPort": 0, "protocol": "TCP"}, {("TCP", 80)}),
        ({"port": "80", "endPort": None, "protocol": "TCP"}, {("TCP", 80)}),
        ({"port": "0", "endPort": 81, "protocol": "TCP"}, {("TCP", 80), ("TCP", 81)}),
    ],
)
def test_a_port_is_a_number_or_a_range_of_one_or_any_protocol(entry: Manifest, accepted: set[tuple[str, int]]) -> None:
    for protocol in ("TCP", "UDP", "SCTP"):
        for port in (80, 81, 82):
            expected = ACCEPTED if (protocol, port) in accepted else DENIED
            assert verdict(to_db(on(entry)), OUTSIDE, "default/db", port, protocol) is expected


def test_several_ports_and_port_rules_are_alternatives() -> None:
    rule = {"toPorts": [{"ports": [{"port": "80"}, {"port": "81"}]}, {"ports": [{"port": "82"}]}]}
    for port, expected in [(80, ACCEPTED), (81, ACCEPTED), (82, ACCEPTED), (83, DENIED)]:
        assert verdict(to_db(rule), OUTSIDE, "default/db", port) is expected


@pytest.mark.parametrize(
    ("entry", "accepted"),
    [
        ({"port": "http"}, {("TCP", 8080), ("UDP", 8081)}),
        ({"port": "HTTP", "protocol": "TCP"}, {("TCP", 8080)}),
        ({"port": "http", "protocol": "TCP", "endPort": 9000}, {("TCP", 8080)}),
        ({"port": "http", "protocol": "SCTP"}, set()),
        ({"port": "other"}, set()),
    ],
)
def test_a_named_port_is_what_the_destination_declares_under_it(
    entry: Manifest, accepted: set[tuple[str, int]]
) -> None:
    server = pod("server", containers=[serving("http", 8080), serving("http", 8081, "UDP")])
    client = pod("client", containers=[serving("http", 9999)])
    inward = [server, client, cilium_policy(ingress=[on(entry)], endpointSelector={})]
    outward = [server, client, cilium_policy(egress=[on(entry)])]
    for protocol in ("TCP", "UDP", "SCTP"):
        for port in (8080, 8081, 9999):
            expected = ACCEPTED if (protocol, port) in accepted else DENIED
            assert verdict(inward, OUTSIDE, "default/server", port, protocol) is expected
            assert verdict(outward, "default/client", "default/server", port, protocol) is expected


def test_a_named_port_never_matches_outside_the_cluster() -> None:
    db = pod("db", containers=[serving("http", 80)])
    rule = {"toEntities": ["world"], **on({"port": "http"})}
    assert verdict([db, cilium_policy(egress=[rule])], "default/db", OUTSIDE, 80) is DENIED


@pytest.mark.parametrize(
    "more",
    [
        {"rules": {"http": [{"method": "GET", "path": "/public"}]}},
        {"rules": {"http": []}},
        {"rules": {"dns": [{"matchPattern": "*"}]}},
        {"rules": {"kafka": [{"role": "produce"}]}},
        {"serverNames": ["example.test"]},
        {"listener": {"name": "proxy"}},
    ],
)
def test_what_layer_seven_asks_for_does_not_keep_a_connection_from_opening(more: Manifest) -> None:
    cluster = to_db(on({"port": "80", "protocol": "TCP"}, **more))
    assert verdict(cluster, OUTSIDE, "default/db", 80) is ACCEPTED
    assert verdict(cluster, OUTSIDE, "default/db", 81) is DENIED


@pytest.mark.parametrize("mode", ["disabled", "required"])
def test_authentication_does_not_keep_a_connection_from_opening(mode: str) -> None:
    cluster = to_db({"fromEndpoints": [{}], "authentication": {"mode": mode}})
    assert verdict(cluster, "default/web", "default/db") is ACCEPTED


def test_icmps_alone_allow_no_protocol_that_has_ports_and_deny_none() -> None:
    pings = {"icmps": [{"fields": [{"type": 8, "family": "IPv4"}]}]}
    assert verdict(to_db({"fromEndpoints": [{}], **pings}), "default/web", "default/db") is DENIED
    denied = cilium_policy("pings", ingressDeny=[{"fromEntities": ["all"], **pings}])
    assert verdict([*to_db({"fromEndpoints": [{}]}), denied], "default/web", "default/db") is ACCEPTED
    assert verdict(to_db({"fromEndpoints": [{}], "icmps": []}), "default/web", "default/db") is ACCEPTED


def test_requirements_of_former_versions_are_not_read() -> None:
    cluster = to_db({"fromEndpoints": [{}], "fromRequires": [{"matchLabels": {"app": "nobody"}}]})
    assert verdict(cluster, "default/web", "default/db") is ACCEPTED
