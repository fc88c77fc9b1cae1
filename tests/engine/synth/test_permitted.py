from __future__ import annotations

import pytest
from tests.engine.synth.making import deployment, need, network, party, permitted

from firedoor.algebra.ports import ALL_TRAFFIC, PROTOCOLS
from firedoor.engine.synth.drafts import BlockPeer
from firedoor.engine.synth.groups import Group
from firedoor.engine.synth.permitted import Permitted, Side
from firedoor.model.generation import Need, Party, PolicyKind
from firedoor.model.networkpolicy import Direction

AGENT = """
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: shop}
spec: {template: {metadata: {labels: {app: agent}}, spec: {hostNetwork: true, containers: [{name: m, image: i}]}}}
"""
ON_NODE = """
---
apiVersion: v1
kind: Pod
metadata: {{name: {name}, namespace: shop, labels: {{app: {name}}}}}
spec: {{nodeName: n1, {spec}containers: [{{name: main, image: i}}]}}
status: {{phase: Running, podIP: {address}}}
"""
NODE = """
---
apiVersion: v1
kind: Node
metadata: {name: n1}
status: {addresses: [{type: InternalIP, address: 192.168.0.1}]}
"""
BASE = deployment("web", "app: web") + deployment("db", "app: db")
WEB, DB = party("web"), party("db")
WORLD = Party(blocks=("0.0.0.0/0",))


def side(found: Permitted, name: str, direction: Direction) -> Side:
    return found.side(group(found, name), direction)


def group(found: Permitted, name: str) -> Group:
    return next(each for each in found.groups if each.name == name)


def refused(text: str, asked: Need, kind: PolicyKind = PolicyKind.NETWORKPOLICY) -> list[str]:
    found = permitted(network(text), [asked], kind)
    assert found.written == []
    return [why for _, why in found.unwritable]


def test_a_need_is_permitted_at_both_ends() -> None:
    found = permitted(network(BASE), [need(WEB, DB, 5432)])
    assert side(found, "web", Direction.EGRESS).groups == {group(found, "db"): (("TCP", 5432, 5432),)}
    assert side(found, "db", Direction.INGRESS).groups == {group(found, "web"): (("TCP", 5432, 5432),)}
    assert side(found, "web", Direction.INGRESS).groups == {}


def test_out_of_scope_nothing_is_permitted_and_nothing_needed() -> None:
    text = deployment("one", "app: one", namespace="far") + deployment("two", "app: two", namespace="far")
    found = permitted(network(BASE + text), [need(party("one", namespace="far"), party("two", namespace="far"))])
    assert (found.written, found.unwritable) == ([], {})


def test_wider_blocks_take_in_narrower_ones_port_by_port() -> None:
    needs = [need(Party(blocks=("203.0.113.7/32",)), WEB, 80), need(Party(blocks=("203.0.113.7/32",)), WEB, 443)]
    needs.append(need(WORLD, WEB, 80))
    found = side(permitted(network(BASE), needs), "web", Direction.INGRESS)
    assert found.written_blocks == {"0.0.0.0/0": (("TCP", 80, 80),), "203.0.113.7/32": (("TCP", 443, 443),)}
    told = next(each for peer, each in found.why.items() if peer == BlockPeer("0.0.0.0/0"))
    assert sorted(text for text, _ in told) == ["0.0.0.0/0 TCP/80", "203.0.113.7/32 TCP/443", "203.0.113.7/32 TCP/80"]


def test_all_ports_of_all_protocols_are_all_traffic() -> None:
    needs = [need(WEB, DB, 1, protocol, 65535) for protocol in PROTOCOLS]
    found = permitted(network(BASE), needs)
    assert side(found, "web", Direction.EGRESS).groups == {group(found, "db"): ALL_TRAFFIC}


def test_joined_blocks_keep_clear_of_pods_and_count_what_they_add() -> None:
    needs = [need(WEB, Party(blocks=(f"203.0.113.{each}/32",))) for each in (1, 2, 200)]
    found = side(permitted(network(BASE + NODE), needs, bound=2), "web", Direction.EGRESS)
    assert (sorted(found.written_blocks), found.added) == (["203.0.113.0/30", "203.0.113.200/32"], 2)


@pytest.mark.parametrize(
    ("asked", "kind", "why"),
    [
        (need(WEB, DB, 53, "UDP"), PolicyKind.ISTIO, "the API has no rules for UDP"),
        (need(WEB, DB, 80, last=90), PolicyKind.ISTIO, "the API has no ranges of ports"),
        (need(WORLD, WEB), PolicyKind.CLUSTERNETWORKPOLICY, "no rules about connections from addresses"),
        (need(party("agent", "DaemonSet"), WEB), PolicyKind.NETWORKPOLICY, "no address of it is known"),
        (need(WEB, Party(domain="api.example")), PolicyKind.NETWORKPOLICY, "no address of api.example is known"),
        (need(Party(domain="api.example"), WEB), PolicyKind.CILIUM, "no address of api.example is known"),
    ],
)
def test_what_an_api_cannot_say_is_told(asked: Need, kind: PolicyKind, why: str) -> None:
    (found,) = refused(BASE + AGENT, asked, kind)
    assert why in found


def test_a_pod_needs_no_rule_to_reach_itself() -> None:
    text = BASE + ON_NODE.format(name="solo", spec="", address="10.0.0.9")
    solo = party("solo", "Pod")
    assert refused(text, need(solo, solo)) == ["a pod reaches itself without a rule"]


def test_what_is_on_the_network_of_a_node_stands_in_rules_as_the_address_of_the_node() -> None:
    text = BASE + NODE + ON_NODE.format(name="agent", spec="hostNetwork: true, ", address="192.168.0.1")
    found = permitted(network(text), [need(party("agent", "Pod"), WEB), need(WEB, party("agent", "Pod"), 9100)])
    assert side(found, "web", Direction.INGRESS).written_blocks == {"192.168.0.1/32": (("TCP", 80, 80),)}
    assert side(found, "web", Direction.EGRESS).written_blocks == {"192.168.0.1/32": (("TCP", 9100, 9100),)}
    assert group(found, "agent") not in found.subjects


def test_the_node_that_all_pods_run_on_needs_no_rule() -> None:
    text = NODE + ON_NODE.format(name="agent", spec="hostNetwork: true, ", address="192.168.0.1")
    text += ON_NODE.format(name="solo", spec="", address="10.0.0.9")
    needs = [need(party("agent", "Pod"), party("solo", "Pod")), need(_node(), party("solo", "Pod"), 8080)]
    found = permitted(network(text), needs)
    assert side(found, "solo", Direction.INGRESS).written_blocks == {}
    assert found.written == needs


def _node() -> Party:
    return Party(blocks=("192.168.0.1/32",), node="n1")


def test_nodes_are_peers_of_their_own_where_the_api_has_them() -> None:
    text = BASE + NODE + ON_NODE.format(name="agent", spec="hostNetwork: true, ", address="192.168.0.1")
    needs = [need(party("agent", "Pod"), WEB), need(_node(), WEB, 8080)]
    found = side(permitted(network(text), needs, PolicyKind.CILIUM), "web", Direction.INGRESS)
    assert (found.nodes, found.written_blocks) == ((("TCP", 80, 80), ("TCP", 8080, 8080)), {})


def test_names_stand_as_names_where_the_api_has_them_and_otherwise_as_the_addresses_seen() -> None:
    asked = need(WEB, Party(blocks=("203.0.113.7/32",), domain="api.example"), 443)
    named = permitted(network(BASE), [asked], PolicyKind.CILIUM)
    assert side(named, "web", Direction.EGRESS).domains == {"api.example": (("TCP", 443, 443),)}
    plain = permitted(network(BASE), [asked])
    assert side(plain, "web", Direction.EGRESS).written_blocks == {"203.0.113.7/32": (("TCP", 443, 443),)}
    assert plain.by_address == {"api.example": ("203.0.113.7/32",)}


def test_whoever_shares_an_account_is_permitted_alike_where_accounts_are_all_that_is_known() -> None:
    text = BASE + deployment("batch", "app: batch")
    text += NODE + ON_NODE.format(name="agent", spec="hostNetwork: true, ", address="192.168.0.1")
    found = permitted(network(text), [need(WEB, DB), need(party("agent", "Pod"), DB, 81)], PolicyKind.ISTIO)
    names = {each.name for each in side(found, "db", Direction.INGRESS).groups}
    assert names == {"web", "batch", "db"}
    assert side(found, "db", Direction.INGRESS).written_blocks == {"192.168.0.1/32": (("TCP", 81, 81),)}
