from __future__ import annotations

import pytest
from tests.engine.review.shop import NOW, edge, network, only, outside, pod, policy, reviewed

from firedoor.engine.review.telling import rule_document, time_text
from firedoor.model.flows import FlowPeer, PeerKind
from firedoor.model.labels import EVERYTHING
from firedoor.model.networkpolicy import EgressRule, NetworkPolicyPeer, NetworkPolicyPort
from firedoor.model.review import DAY, ItemKind

DB = "podSelector: {matchLabels: {app: db}}"


def ingress(rule: str) -> str:
    return policy(f"{{{DB}, ingress: [{rule}]}}")


def manifest(rule: str, *edges: object) -> object:
    found = reviewed(network(ingress(rule)), *edges)  # type: ignore[arg-type]
    item = only(found)
    assert item.kind is ItemKind.RULE_WIDER
    assert found.proof.kept == found.proof.accepted
    return item.manifest


WEB = {"matchLabels": {"app": "web", "tier": "front"}}


def test_anybody_on_all_ports_becomes_the_workload_on_its_port() -> None:
    used = {"from": [{"podSelector": WEB}], "ports": [{"protocol": "TCP", "port": 5432}]}
    assert manifest("{}", edge(pod("web"), pod("db"))) == used


def test_a_workload_of_another_namespace_is_told_by_both_selectors() -> None:
    there = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
    who = {**there, "podSelector": {"matchLabels": {"app": "prometheus"}}}
    found = manifest("{ports: [{port: 5432}]}", edge(pod("prometheus", "monitoring"), pod("db")))
    assert found == {"from": [who], "ports": [{"protocol": "TCP", "port": 5432}]}


def test_what_the_rule_asked_for_stays_part_of_it() -> None:
    peer = "{podSelector: {matchExpressions: [{key: app, operator: Exists}, {key: app, operator: NotIn, values: [x]}]}}"
    kept = {
        **WEB,
        "matchExpressions": [
            {"key": "app", "operator": "Exists"},
            {"key": "app", "operator": "NotIn", "values": ["x"]},
        ],
    }
    found = manifest(f"{{from: [{peer}], ports: [{{port: 5432}}]}}", edge(pod("web"), pod("db")))
    assert found == {"from": [{"podSelector": kept}], "ports": [{"protocol": "TCP", "port": 5432}]}
    spaces = "{namespaceSelector: {matchExpressions: [{key: none, operator: DoesNotExist}]}, podSelector: {}}"
    found = manifest(f"{{from: [{spaces}], ports: [{{port: 5432}}]}}", edge(pod("web"), pod("db")))
    space = {
        "matchLabels": {"kubernetes.io/metadata.name": "shop"},
        "matchExpressions": [{"key": "none", "operator": "DoesNotExist"}],
    }
    assert found == {
        "from": [{"namespaceSelector": space, "podSelector": WEB}],
        "ports": [{"protocol": "TCP", "port": 5432}],
    }


def test_peers_and_ports_that_nobody_used_are_left_out() -> None:
    block = "{ipBlock: {cidr: 203.0.113.0/24, except: [203.0.113.9/32]}}"
    rule = f"{{from: [{block}, {{podSelector: {{matchLabels: {{app: web}}}}}}], ports: [{{port: sql}}, {{port: 80}}]}}"
    found = manifest(rule, edge(outside("203.0.113.1"), pod("db")))
    assert found == {
        "from": [{"ipBlock": {"cidr": "203.0.113.0/24", "except": ["203.0.113.9/32"]}}],
        "ports": [{"protocol": "TCP", "port": "sql"}],
    }
    found = manifest("{from: [{ipBlock: {cidr: 203.0.113.0/24}}]}", edge(outside("203.0.113.1"), pod("db")))
    assert found == {
        "from": [{"ipBlock": {"cidr": "203.0.113.0/24"}}],
        "ports": [{"protocol": "TCP", "port": 5432}],
    }


def test_ranges_and_whole_protocols_become_the_ports_that_were_used() -> None:
    rule = "{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5000, endPort: 6000}, {protocol: UDP}]}"
    item = only(reviewed(network(ingress(rule)), edge(pod("web"), pod("db")), edge(pod("web"), pod("db"), 5433)))
    assert item.manifest is not None
    ports = [{"protocol": "TCP", "port": 5432}, {"protocol": "TCP", "port": 5433}]
    assert item.manifest["ports"] == ports
    assert item.evidence == (
        "ports as written: TCP/5000-6000, UDP; used: TCP/5432, TCP/5433",
        f"2 connections, the last at {time_text(NOW)}",
    )


def test_what_is_used_by_many_stays_as_it_is_written() -> None:
    rule = "{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5000, endPort: 6000}]}"
    assert not reviewed(network(ingress(rule)), *(edge(pod("web"), pod("db"), 5000 + each) for each in range(11))).items
    everything = "{from: [{podSelector: {matchLabels: {app: web}}}]}"
    assert not reviewed(
        network(ingress(everything)), *(edge(pod("web"), pod("db"), 5000 + each) for each in range(11))
    ).items


@pytest.mark.parametrize(
    "used",
    [
        (edge(pod("bare"), pod("db")),),
        (edge(pod("web"), pod("db")), edge(outside("8.8.8.8"), pod("db"))),
        (edge(pod("web"), pod("db")), edge(pod("gone"), pod("db"))),
        (edge(pod("web"), pod("db")), edge(pod("agent", "monitoring"), pod("db"))),
    ],
)
def test_peers_that_are_no_workloads_or_cannot_be_told_by_labels_are_not_narrowed(used: tuple[object, ...]) -> None:
    assert not reviewed(network(ingress("{ports: [{port: 5432}]}")), *used).items  # type: ignore[arg-type]


def test_a_rule_that_ping_may_have_used_keeps_its_ports() -> None:
    rule = "{from: [{podSelector: {matchLabels: {app: web}}}]}"
    ping = edge(pod("web"), pod("db"), 0, protocol="ICMP")
    assert not reviewed(network(ingress(rule)), edge(pod("web"), pod("db")), ping).items


@pytest.mark.parametrize("ports", ["{protocol: UDP, port: 53}, {port: 53}", "{port: 53}, {protocol: UDP, port: 53}"])
def test_names_are_asked_for_over_tcp_too(ports: str) -> None:
    rule = policy(f"{{{DB}, egress: [{{to: [{{podSelector: {{matchLabels: {{app: web}}}}}}], ports: [{ports}]}}]}}")
    asked = edge(pod("db"), pod("web"), 53, protocol="UDP")
    assert not [each for each in reviewed(network(rule), asked).items if each.kind is ItemKind.RULE_WIDER]
    item = only(reviewed(network(rule), edge(pod("db"), pod("web"), 53)))
    assert item.manifest is not None
    assert item.manifest["ports"] == [{"protocol": "TCP", "port": 53}]


def test_what_is_wide_is_not_known_without_records_of_all_days() -> None:
    found = reviewed(network(ingress("{}")), edge(pod("web"), pod("db"), first=NOW - DAY))
    assert not found.items
    (item,) = found.undecided
    assert (item.kind, item.manifest) == (ItemKind.RULE_WIDER, None)
    assert item.evidence[-1].endswith("not 30 days")


def test_a_port_range_of_one_and_an_egress_rule_without_type_stay_what_they_are() -> None:
    one = "{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432, endPort: 5432}]}"
    assert not reviewed(network(ingress(one)), edge(pod("web"), pod("db"))).items
    egress = policy(f"{{{DB}, egress: [{{to: [{{podSelector: {{matchLabels: {{app: api}}}}}}]}}]}}")
    found = reviewed(network(egress), edge(pod("web"), pod("db")))
    assert only(found).kind is ItemKind.RULE_UNUSED
    assert found.proof.accepted == found.proof.kept == 0


def test_a_node_with_an_unread_name_is_kept_as_a_peer() -> None:
    found = reviewed(network(ingress("{ports: [{port: 5432}]}")), edge(FlowPeer(PeerKind.NODE, name="x"), pod("db")))
    assert found.rules.possibly == 1


@pytest.mark.parametrize(("nanoseconds", "text"), [(-5, "1970-01-01T00:00:00Z"), (10**30, "9999-12-31T23:59:59Z")])
def test_times_beyond_the_calendar_are_cut_to_it(nanoseconds: int, text: str) -> None:
    assert time_text(nanoseconds) == text


def test_a_rule_is_written_as_its_manifest_has_it() -> None:
    peers = (NetworkPolicyPeer(namespace_selector=EVERYTHING),)
    rule = EgressRule(peers, (NetworkPolicyPort("UDP"), NetworkPolicyPort("TCP", 1, 9)))
    assert rule_document("to", rule) == {
        "to": [{"namespaceSelector": {}}],
        "ports": [{"protocol": "UDP"}, {"protocol": "TCP", "port": 1, "endPort": 9}],
    }
    assert rule_document("to", EgressRule()) == {}
