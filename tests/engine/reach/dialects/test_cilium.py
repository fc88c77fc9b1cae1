"""Cilium's policies in the engine: whom they isolate, what they allow and deny, and how that is told."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine.reach.dialects.cilium_clusters import (
    ACCEPTED,
    DB,
    DENIED,
    FAR,
    HERE,
    NEAR,
    OTHER,
    OUTSIDE,
    STRAY,
    THERE,
    UNKNOWN,
    WEB,
    ccnp,
    cnp,
    end_of,
    network_of,
    ports,
    reasons,
    verdict,
)

from firedoor.engine.reach.network import Network
from firedoor.model.networkpolicy import Direction
from firedoor.model.verdicts import Verdict

NETWORK_POLICY = """
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: plain, namespace: shop},
 spec: {ingress: [{from: [{namespaceSelector: {}}]}]}}
"""
CALICO = """
{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {name: plain, namespace: shop},
 spec: {ingress: [{action: Allow, source: {selector: app == 'web'}}]}}
"""


def test_a_rule_without_any_field_isolates_and_allows_nothing() -> None:
    network = network_of(cnp(ingress=[{}]))
    assert verdict(network, WEB, DB) is DENIED
    assert verdict(network, OUTSIDE, DB) is DENIED
    assert verdict(network, DB, OUTSIDE) is ACCEPTED
    assert verdict(network, WEB, OTHER) is ACCEPTED
    told = reasons(network, Direction.INGRESS, WEB, DB)
    assert told == ["isolates the pods that it selects for ingress, and its rule does not match"]


def test_a_deny_rule_beats_what_a_network_policy_accepts() -> None:
    network = network_of(NETWORK_POLICY, cnp(ingressDeny=[{"fromEndpoints": [{"matchLabels": {"app": "web"}}]}]))
    assert verdict(network, WEB, DB) is DENIED
    assert verdict(network, OTHER, DB) is ACCEPTED
    assert verdict(network, OUTSIDE, DB) is DENIED
    assert reasons(network, Direction.INGRESS, WEB, DB) == ["denies all ports from endpoints app=web"]


def test_policies_of_both_apis_form_a_union() -> None:
    rule = {"fromEntities": ["world"], "toPorts": ports({"port": "80", "protocol": "TCP"})}
    network = network_of(NETWORK_POLICY, cnp(ingress=[rule]))
    assert verdict(network, OTHER, DB) is ACCEPTED
    assert verdict(network, OUTSIDE, DB, 80) is ACCEPTED
    assert verdict(network, OUTSIDE, DB, 81) is DENIED
    assert reasons(network, Direction.INGRESS, OUTSIDE, DB) == ["allows TCP/80 from entity world"]


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ({"ingressDeny": [{"fromEntities": ["world"]}]}, DENIED),
        ({"ingressDeny": [{"fromEntities": ["world"]}], "enableDefaultDeny": {"ingress": False}}, ACCEPTED),
        ({"ingress": [{"fromEntities": ["world"]}], "enableDefaultDeny": {"ingress": False}}, ACCEPTED),
        ({"egress": [{"toEntities": ["all"]}]}, ACCEPTED),
    ],
)
def test_a_direction_with_rules_isolates_unless_it_is_told_not_to(spec: dict[str, Any], found: Verdict) -> None:
    assert verdict(network_of(cnp(**spec)), WEB, DB) is found
    assert verdict(network_of(cnp(**spec)), OTHER, DB) is found


@pytest.mark.parametrize(
    ("entry", "matched"),
    [
        ({"port": "80", "protocol": "TCP"}, {("TCP", 80)}),
        ({"port": "80"}, {("TCP", 80), ("UDP", 80)}),
        ({"port": "79", "endPort": 81, "protocol": "UDP"}, {("UDP", 80), ("UDP", 81)}),
        ({"port": "0", "protocol": "TCP"}, {("TCP", 80), ("TCP", 81), ("TCP", 5432)}),
        ({"port": "sql"}, {("TCP", 5432), ("UDP", 53)}),
        ({"port": "0", "protocol": "VRRP"}, set()),
    ],
)
def test_ports(entry: dict[str, Any], matched: set[tuple[str, int]]) -> None:
    network = network_of(cnp(ingress=[{"toPorts": ports(entry)}]), ccnp(egress=[{"toPorts": ports(entry)}]))
    for asked in (("TCP", 80), ("UDP", 80), ("TCP", 81), ("UDP", 81), ("TCP", 5432), ("UDP", 53)):
        assert verdict(network, WEB, DB, asked[1], asked[0]) is (ACCEPTED if asked in matched else DENIED)


def test_types_of_icmp_are_no_ports() -> None:
    rule = {"fromEntities": ["all"], "icmps": [{"fields": [{"type": 8}]}]}
    assert verdict(network_of(cnp(ingress=[rule])), WEB, DB) is DENIED
    assert verdict(network_of(NETWORK_POLICY, cnp(ingressDeny=[rule])), WEB, DB) is ACCEPTED


def test_what_layer_7_asks_for_is_told_and_does_not_change_the_verdict() -> None:
    asked = ports({"port": "80", "protocol": "TCP"}, rules={"http": [{"method": "GET", "path": "/"}]})
    network = network_of(cnp(ingress=[{"toPorts": asked}]))
    assert verdict(network, WEB, DB) is ACCEPTED
    (told,) = reasons(network, Direction.INGRESS, WEB, DB)
    assert told == "allows TCP/80 [HTTP GET /] from anyone"
    profile = network.profile_of[_position(network, DB)]
    (compiled,) = network.matrix[Direction.INGRESS].layering.policies(profile)
    assert compiled.rules[0].l7 == "HTTP GET /"


def test_a_specification_beside_others_is_one_more_rule() -> None:
    more = [{"endpointSelector": {"matchLabels": {"app": "db"}}, "ingress": [{"fromEntities": ["all"]}]}]
    network = network_of(cnp(specs=more, ingress=[{}]))
    assert verdict(network, OUTSIDE, DB) is ACCEPTED
    assert verdict(network, OUTSIDE, WEB) is DENIED


def test_a_policy_for_nodes_does_not_concern_pods_nor_their_verdicts() -> None:
    network = network_of(ccnp(nodeSelector={}, ingress=[{}], egress=[{}]))
    for source, destination in ((WEB, DB), (WEB, NEAR), (NEAR, WEB), (OUTSIDE, FAR), (FAR, OUTSIDE)):
        assert verdict(network, source, destination) is ACCEPTED


@pytest.mark.parametrize("peer", [NEAR, HERE])
def test_a_pod_accepts_its_own_node_unless_a_rule_denies_that(peer: str) -> None:
    assert verdict(network_of(cnp(ingress=[{}])), peer, DB) is ACCEPTED
    assert verdict(network_of(cnp(ingressDeny=[{"fromEntities": ["remote-node"]}])), peer, DB) is ACCEPTED
    denying = network_of(cnp(ingressDeny=[{"fromEntities": ["host"]}]))
    assert verdict(denying, peer, DB) is DENIED
    assert reasons(denying, Direction.INGRESS, peer, DB) == ["denies all ports from entity host"]
    (told,) = reasons(network_of(cnp(ingress=[{}])), Direction.INGRESS, peer, DB)
    assert told == f"{DB} is reached by its own node, which no rule denies"


@pytest.mark.parametrize("peer", [FAR, THERE])
def test_another_node_needs_a_rule(peer: str) -> None:
    assert verdict(network_of(cnp(ingress=[{}])), peer, DB) is DENIED
    assert verdict(network_of(cnp(ingressDeny=[{"fromEntities": ["host"]}])), peer, DB) is DENIED
    assert verdict(network_of(cnp(ingress=[{"fromEntities": ["remote-node"]}])), peer, DB) is ACCEPTED


def test_a_node_that_may_be_the_own_one_is_known_where_both_are_treated_alike() -> None:
    assert verdict(network_of(cnp(ingress=[{}])), STRAY, DB) is UNKNOWN
    told = reasons(network_of(cnp(ingress=[{}])), Direction.INGRESS, STRAY, DB)
    assert len(told) == 1
    assert told[0].startswith("the source is a node")
    assert verdict(network_of(cnp(ingress=[{"fromEntities": ["remote-node"]}])), STRAY, DB) is ACCEPTED
    denying = network_of(cnp(ingressDeny=[{"fromEntities": ["host"]}]))
    assert verdict(denying, STRAY, DB) is DENIED
    for entities, found in ((["host"], UNKNOWN), (["remote-node"], UNKNOWN), (["host", "remote-node"], ACCEPTED)):
        assert verdict(network_of(cnp(egress=[{"toEntities": entities}])), DB, STRAY) is found


def test_policies_of_calico_and_of_cilium_must_agree() -> None:
    network = network_of(CALICO, cnp(ingress=[{"fromEndpoints": [{}]}]))
    assert verdict(network, WEB, DB) is ACCEPTED
    assert verdict(network, OTHER, DB) is DENIED
    assert verdict(network, DB, WEB) is DENIED
    assert verdict(network, NEAR, DB) is ACCEPTED


@pytest.mark.parametrize("spec", [{"selector": {}}, {"enableDefaultDeny": {"other": True}}])
def test_a_policy_that_is_not_understood_may_apply_or_not(spec: dict[str, Any]) -> None:
    network = network_of(cnp(**spec, ingress=[{"fromEntities": ["cluster"]}]))
    assert verdict(network, WEB, DB) is UNKNOWN
    assert verdict(network, OUTSIDE, DB) is UNKNOWN
    assert verdict(network, DB, OUTSIDE) is ACCEPTED
    assert verdict(network, OUTSIDE, OTHER) is ACCEPTED
    denying = network_of(cnp(**spec, egress=[{"toEntities": ["all"]}], egressDeny=[{"toEntities": ["world"]}]))
    assert verdict(denying, DB, OUTSIDE) is UNKNOWN
    everywhere = network_of(ccnp(**spec, ingress=[{}]))
    assert verdict(everywhere, OUTSIDE, OTHER) is UNKNOWN


def test_a_rule_that_is_not_understood_may_match_anything() -> None:
    network = network_of(cnp(ingress=[{"fromEntities": ["host"], "fromPeers": []}]))
    assert verdict(network, WEB, DB) is UNKNOWN
    (told,) = reasons(network, Direction.INGRESS, WEB, DB)
    assert told.endswith("may match: part of the rule is not evaluated")
    assert verdict(network_of(cnp(ingressDeny=[{"fromPeers": []}])), WEB, DB) is DENIED


def test_nothing_is_denied_where_the_plugin_enforces_nothing() -> None:
    assert verdict(network_of(cnp(ingress=[{}]), cni="none"), WEB, DB) is ACCEPTED


def test_a_policy_that_cannot_be_read_leaves_the_own_node_open_too() -> None:
    antrea = "{apiVersion: crd.antrea.io/v1beta1, kind: NetworkPolicy, metadata: {name: a, namespace: shop}, spec: {}}"
    network = network_of(antrea, cnp(ingress=[{}]))
    assert verdict(network, NEAR, DB) is UNKNOWN


def _position(network: Network, name: str) -> int:
    found = end_of(network, name)
    assert isinstance(found, int)
    return found
