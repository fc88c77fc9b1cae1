"""Which ports the rules of cluster-wide policies are about, corner by corner, written down by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reference.clusternetworkpolicy import Verdict
from tests.reference.cnp_samples import EVERYONE, anp, arriving, banp, baseline, cnp, rule, verdict
from tests.reference.domains import DomainName
from tests.reference.manifests import Manifest
from tests.reference.samples import OUTSIDE, host_pod, pod, serving

ACCEPTED, DENIED, UNKNOWN = Verdict.ACCEPTED, Verdict.DENIED, Verdict.UNKNOWN

WEB = pod("web", status={"podIP": "10.0.0.1"})
DB = pod("db", status={"podIP": "10.0.0.2"}, containers=[serving("http", 8080), serving("http", 9090, "UDP")])
WHOLE: Manifest = {"networks": ["0.0.0.0/0"]}


def number(port: int) -> Manifest:
    """Return the destination port that is one number."""
    return {"destinationPort": {"number": port}}


def span(start: int, end: int) -> Manifest:
    """Return the destination port that is a range."""
    return {"destinationPort": {"range": {"start": start, "end": end}}}


PROTOCOLS = [
    ({"tcp": number(80)}, {("TCP", 80)}),
    ({"udp": number(80), "tcp": None}, {("UDP", 80)}),
    ({"sctp": number(82)}, {("SCTP", 82)}),
    ({"tcp": span(80, 82)}, {("TCP", 80), ("TCP", 81), ("TCP", 82)}),
    ({"udp": span(81, 82)}, {("UDP", 81), ("UDP", 82)}),
    ({"tcp": {}}, {("TCP", port) for port in (79, 80, 81, 82, 83)}),
]
PORTS = [
    ({"portNumber": {"protocol": "TCP", "port": 80}}, {("TCP", 80)}),
    ({"portNumber": {"port": 80}, "portRange": None}, {("TCP", 80)}),
    ({"portNumber": {"protocol": None, "port": 80}}, {("TCP", 80)}),
    ({"portNumber": {"protocol": "UDP", "port": 80}}, {("UDP", 80)}),
    ({"portRange": {"protocol": "SCTP", "start": 80, "end": 82}}, {("SCTP", 80), ("SCTP", 81), ("SCTP", 82)}),
    ({"portRange": {"start": 81, "end": 82}}, {("TCP", 81), ("TCP", 82)}),
]


def denied_ports(policy: Manifest) -> set[tuple[str, int]]:
    """Return what of a few protocols and ports ``web`` cannot reach on ``db``."""
    asked = [(protocol, port) for protocol in ("TCP", "UDP", "SCTP") for port in (79, 80, 81, 82, 83)]
    found = {(p, n): verdict([WEB, DB, policy], "default/web", "default/db", n, p) for p, n in asked}
    return {each for each, answer in found.items() if answer is DENIED}


@pytest.mark.parametrize(("entry", "expected"), PROTOCOLS)
def test_protocols_of_cluster_network_policies(entry: Manifest, expected: set[tuple[str, int]]) -> None:
    for tier in ("Admin", "Baseline"):
        assert denied_ports(cnp(rule("Deny", protocols=[entry]), tier=tier)) == expected
        assert denied_ports(cnp(tier=tier, ingress=[arriving(rule("Deny", protocols=[entry]))])) == expected


@pytest.mark.parametrize(("entry", "expected"), PORTS)
def test_ports_of_the_older_kinds(entry: Manifest, expected: set[tuple[str, int]]) -> None:
    for kind in (anp, banp):
        assert denied_ports(kind(rule("Deny", ports=[entry]))) == expected
        assert denied_ports(kind(ingress=[arriving(rule("Deny", ports=[entry]))])) == expected


@pytest.mark.parametrize("field", ["protocols", "ports"])
@pytest.mark.parametrize("unset", [None, []])
def test_no_ports_at_all_are_all_traffic(field: str, unset: Any) -> None:
    assert len(denied_ports(cnp(rule("Deny", **{field: unset})))) == 15


def test_any_of_several_entries_suffices() -> None:
    entries = [{"tcp": number(80)}, {"udp": number(81)}]
    assert denied_ports(cnp(rule("Deny", protocols=entries))) == {("TCP", 80), ("UDP", 81)}


NAMED = [
    cnp(rule("Deny", protocols=[{"destinationNamedPort": "http"}])),
    cnp(ingress=[arriving(rule("Deny", protocols=[{"destinationNamedPort": "http"}]))]),
    baseline(rule("Deny", protocols=[{"destinationNamedPort": "http"}])),
    anp(rule("Deny", ports=[{"namedPort": "http"}])),
    banp(ingress=[arriving(rule("Deny", ports=[{"namedPort": "http"}]))]),
]


@pytest.mark.parametrize("policy", NAMED)
def test_a_name_is_what_the_destination_declares_under_it_for_each_protocol(policy: Manifest) -> None:
    other = pod("other", containers=[serving("http", 80)])
    expected = {
        ("default/db", 8080, "TCP"): DENIED,
        ("default/db", 9090, "UDP"): DENIED,
        ("default/db", 9090, "TCP"): ACCEPTED,
        ("default/db", 80, "TCP"): ACCEPTED,
        ("default/other", 80, "TCP"): DENIED,
        ("default/other", 8080, "TCP"): ACCEPTED,
    }
    cluster = [WEB, DB, other, policy]
    assert {end: verdict(cluster, "default/web", *end) for end in expected} == expected


@pytest.mark.parametrize(
    "policy",
    [
        cnp(rule("Deny", WHOLE, {"nodes": {}}, protocols=[{"destinationNamedPort": "http"}])),
        anp(rule("Deny", WHOLE, {"nodes": {}}, ports=[{"namedPort": "http"}])),
    ],
)
def test_a_name_means_nothing_where_pods_are_found_by_address_or_node(policy: Manifest) -> None:
    agent = host_pod("agent", nodeName="n1", containers=[serving("http", 8080)])
    cluster = [WEB, DB, agent, policy]
    for dst in ("default/db", "default/agent", OUTSIDE):
        assert verdict(cluster, "default/web", dst, 8080) is ACCEPTED


def test_a_name_next_to_a_number_leaves_the_number_to_networks() -> None:
    entries = [{"destinationNamedPort": "http"}, {"tcp": number(443)}]
    cluster = [WEB, DB, cnp(rule("Deny", WHOLE, EVERYONE, protocols=entries))]
    assert verdict(cluster, "default/web", OUTSIDE, 443) is DENIED
    assert verdict(cluster, "default/web", OUTSIDE, 8080) is ACCEPTED
    assert verdict(cluster, "default/web", "default/db", 8080) is DENIED


def test_ports_narrow_domain_names() -> None:
    accept = rule("Accept", {"domainNames": ["example.com"]}, protocols=[{"tcp": number(443)}])
    cluster = [WEB, DB, cnp(accept, rule("Deny", {"networks": ["0.0.0.0/0", "::/0"]}))]
    assert verdict(cluster, "default/web", DomainName("example.com"), 443) is ACCEPTED
    assert verdict(cluster, "default/web", DomainName("example.com"), 80) is DENIED


@pytest.mark.parametrize("policy", [cnp, anp])
@pytest.mark.parametrize("entry", [{"icmp": {}}, {}, {"tcp": {"destinationPort": {"list": [1]}}}])
def test_an_entry_of_a_later_version_may_or_may_not_match(policy: Any, entry: Manifest) -> None:
    fields = {"protocols": [entry]} if policy is cnp else {"ports": [entry]}
    assert verdict([WEB, DB, policy(rule("Deny", **fields))], "default/web", "default/db") is UNKNOWN
    surely = rule("Deny", EVERYONE, protocols=[entry, {"tcp": number(80)}])
    assert verdict([WEB, DB, cnp(surely)], "default/web", "default/db", 80) is DENIED


def test_an_entry_of_a_later_version_still_has_its_protocol() -> None:
    entry = {"tcp": {"destinationPort": {"list": [1]}}}
    assert verdict([WEB, DB, cnp(rule("Deny", protocols=[entry]))], "default/web", "default/db", 80, "UDP") is ACCEPTED
