"""Whom the peers of Cilium's rules stand for in the engine."""

from __future__ import annotations

from collections import Counter
from itertools import permutations, product
from typing import Any

import pytest
from tests.engine.reach.dialects.cilium_clusters import (
    ACCEPTED,
    API_SERVER,
    DB,
    DENIED,
    FAR,
    HERE,
    LOST,
    NEAR,
    OTHER,
    OUTSIDE,
    SHARED,
    STRAY,
    THERE,
    UNKNOWN,
    WEB,
    ccnp,
    cnp,
    end_of,
    network_of,
    ports,
    verdict,
)

from firedoor.engine.reach.connectivity import ConnectionLister, workload_ends
from firedoor.engine.reach.counting import Extent, count_pairs
from firedoor.model.networkpolicy import Direction
from firedoor.model.verdicts import Verdict

PEERS = (WEB, OTHER, NEAR, FAR, LOST, STRAY, HERE, THERE, SHARED, OUTSIDE)
SHOP = "k8s:io.kubernetes.pod.namespace"
GROUPS = """
{apiVersion: cilium.io/v2, kind: CiliumCIDRGroup, metadata: {name: partners, labels: {tier: out}},
 spec: {externalCIDRs: [198.51.100.0/24]}}
---
{apiVersion: cilium.io/v2, kind: CiliumCIDRGroup, metadata: {name: others}, spec: {externalCIDRs: [203.0.113.0/24]}}
"""
SERVICES = """
{apiVersion: v1, kind: Service, metadata: {name: web, namespace: other, labels: {tier: front}},
 spec: {selector: {app: web}}}
---
{apiVersion: v1, kind: Service, metadata: {name: partner, namespace: other}, spec: {}}
---
{apiVersion: v1, kind: Service, metadata: {name: nowhere, namespace: other}, spec: {}}
---
{apiVersion: v1, kind: Service, metadata: {name: empty, namespace: other}, spec: {}}
---
{apiVersion: v1, kind: Service, metadata: {name: alias, namespace: other},
 spec: {type: ExternalName, externalName: example.com}}
---
{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4,
 metadata: {name: partner-1, namespace: other, labels: {kubernetes.io/service-name: partner}},
 endpoints: [{addresses: [198.51.100.7]}, {addresses: [192.168.0.2]}]}
---
{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: FQDN,
 metadata: {name: partner-2, namespace: other, labels: {kubernetes.io/service-name: partner}},
 endpoints: [{addresses: [example.com]}]}
---
{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4,
 metadata: {name: empty-1, namespace: other, labels: {kubernetes.io/service-name: empty}}, endpoints: []}
"""


def reached(*objects: str, cni: str = "cilium", **rule: Any) -> dict[str, Verdict]:
    """Return the verdicts, other than denied, from ``shop/db`` to all peers if one rule allows that."""
    network = network_of(*objects, cnp(endpointSelector={"matchLabels": {"app": "db"}}, egress=[rule]), cni=cni)
    found = {peer: verdict(network, DB, peer) for peer in PEERS}
    return {peer: each for peer, each in found.items() if each is not DENIED}


def surely(*peers: str) -> dict[str, Verdict]:
    """Return accepted for all these."""
    return dict.fromkeys(peers, ACCEPTED)


def perhaps(*peers: str) -> dict[str, Verdict]:
    """Return unknown for all these."""
    return dict.fromkeys(peers, UNKNOWN)


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ({}, surely(WEB)),
        ({"matchLabels": {"app": "web"}}, surely(WEB)),
        ({"matchLabels": {"k8s:app": "web", SHOP: "other"}}, surely(OTHER)),
        ({"matchExpressions": [{"key": SHOP, "operator": "Exists"}]}, surely(WEB, OTHER)),
        ({"matchLabels": {"io.cilium.k8s.namespace.labels.team": "shop"}}, surely(WEB)),
        ({"matchLabels": {"io.cilium.k8s.policy.serviceaccount": "default"}}, surely(WEB)),
        ({"matchLabels": {"io.cilium.k8s.policy.serviceaccount": "keeper"}}, {}),
        ({"matchLabels": {"io.cilium.k8s.policy.cluster": "default"}}, surely(WEB)),
        ({"matchLabels": {"io.cilium.k8s.policy.cluster": "elsewhere"}}, {}),
        ({"matchLabels": {"container:app": "web"}}, {}),
        ({"matchLabels": {"reserved:host": ""}}, {**surely(NEAR, HERE), **perhaps(STRAY, SHARED)}),
        ({"matchLabels": {"reserved:world": ""}}, surely(OUTSIDE)),
        ({"matchLabels": {"reserved:world-ipv6": ""}}, {}),
        ({"matchLabels": {"reserved:world": "", "k8s:app": "web"}}, {}),
        (
            {"matchExpressions": [{"key": "reserved:world", "operator": "DoesNotExist"}]},
            surely(*(each for each in PEERS if each != OUTSIDE)),
        ),
    ],
)
def test_endpoints(selector: dict[str, Any], found: dict[str, Verdict]) -> None:
    assert reached(toEndpoints=[selector]) == found


@pytest.mark.parametrize(
    ("entity", "found"),
    [
        ("all", surely(*PEERS)),
        ("world", surely(OUTSIDE)),
        ("cluster", surely(*(each for each in PEERS if each != OUTSIDE))),
        ("cluster-mesh", surely(*(each for each in PEERS if each != OUTSIDE))),
        ("host", {**surely(NEAR, HERE), **perhaps(STRAY, SHARED)}),
        ("remote-node", {**surely(FAR, LOST, THERE), **perhaps(STRAY, SHARED)}),
        ("kube-apiserver", perhaps(NEAR, FAR, LOST, STRAY, HERE, THERE, SHARED)),
        *((each, {}) for each in ("ingress", "health", "init", "unmanaged", "none")),
    ],
)
def test_entities(entity: str, found: dict[str, Verdict]) -> None:
    assert reached(toEntities=[entity]) == found


def test_the_api_server_is_known_by_the_addresses_of_its_service() -> None:
    assert reached(API_SERVER, toEntities=["kube-apiserver"]) == {**surely(FAR, THERE), **perhaps(LOST, STRAY)}


def test_the_api_server_may_be_outside_where_its_address_is_no_node_s() -> None:
    outside = API_SERVER.replace("192.168.0.2", OUTSIDE)
    assert reached(outside, toEntities=["kube-apiserver"]) == {**surely(OUTSIDE), **perhaps(LOST, STRAY)}


def test_an_answer_that_holds_whether_or_not_a_node_is_the_api_server_is_known() -> None:
    both = reached(toEntities=["kube-apiserver", "remote-node", "host"])
    assert both == surely(NEAR, FAR, LOST, STRAY, HERE, THERE, SHARED)


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ({"toCIDR": ["198.51.100.7/32"]}, surely(OUTSIDE)),
        ({"toCIDR": ["0.0.0.0/0"]}, surely(OUTSIDE)),
        ({"toCIDRSet": [{"cidr": "198.51.100.0/24", "except": ["198.51.100.7/32"]}]}, {}),
        ({"toCIDRSet": [{"cidrGroupRef": "partners"}]}, surely(OUTSIDE)),
        ({"toCIDRSet": [{"cidrGroupRef": "absent"}]}, {}),
        ({"toCIDRSet": [{"cidrGroupSelector": {"matchLabels": {"tier": "out"}}}]}, surely(OUTSIDE)),
        ({"toCIDRSet": [{"cidrGroupSelector": {}, "except": ["198.51.100.0/25"]}]}, {}),
        ({"toGroups": [{"aws": {"region": "eu"}}]}, perhaps(OUTSIDE)),
    ],
)
def test_addresses_are_neither_pods_nor_nodes(rule: dict[str, Any], found: dict[str, Verdict]) -> None:
    assert reached(GROUPS, **rule) == found


@pytest.mark.parametrize(
    ("cidr", "found"),
    [
        ("192.168.0.0/24", {**surely(NEAR, FAR, HERE, THERE), **perhaps(LOST, STRAY)}),
        ("0.0.0.0/0", surely(OUTSIDE, NEAR, FAR, LOST, STRAY, HERE, THERE, SHARED)),
        ("10.0.0.0/8", perhaps(LOST, STRAY)),
    ],
)
def test_addresses_match_nodes_where_cilium_is_told_so(cidr: str, found: dict[str, Verdict]) -> None:
    assert reached(toCIDR=[cidr], cni="cilium-nodes") == found
    assert reached(toCIDR=[cidr], cni="spec") == found


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ({}, {**surely(FAR, LOST, THERE), **perhaps(STRAY, SHARED)}),
        ({"matchLabels": {"pool": "b"}}, {**surely(FAR, THERE), **perhaps(LOST, STRAY, SHARED)}),
        ({"matchLabels": {"node:pool": "a"}}, perhaps(LOST, STRAY)),
        ({"matchLabels": {"k8s:pool": "b"}}, {}),
        ({"matchLabels": {"reserved:host": ""}}, {}),
        ({"matchLabels": {"k8s:io.cilium.k8s.policy.cluster": "elsewhere"}}, {}),
        ({"matchLabels": {"remote-node": "", "pool": "b"}}, {**surely(FAR, THERE), **perhaps(LOST, STRAY, SHARED)}),
    ],
)
def test_other_nodes(selector: dict[str, Any], found: dict[str, Verdict]) -> None:
    assert reached(toNodes=[selector]) == found


def test_an_address_of_several_nodes_is_one_of_them() -> None:
    somewhere = cnp(namespace="other", egress=[{"toNodes": [{"matchLabels": {"pool": "a"}}]}])
    assert verdict(network_of(somewhere), OTHER, SHARED) is UNKNOWN
    either = {"matchExpressions": [{"key": "pool", "operator": "In", "values": ["a", "b"]}]}
    closed = cnp(namespace="other", egressDeny=[{"toEntities": ["host"]}, {"toNodes": [either]}])
    assert verdict(network_of(closed), OTHER, SHARED) is DENIED


@pytest.mark.parametrize(
    ("service", "bare", "with_ports"),
    [
        ({"k8sService": {"serviceName": "web", "namespace": "other"}}, surely(OTHER), surely(OTHER)),
        ({"k8sServiceSelector": {"selector": {"matchLabels": {"tier": "front"}}}}, surely(OTHER), surely(OTHER)),
        ({"k8sService": {"serviceName": "partner"}}, surely(OUTSIDE), surely(OUTSIDE)),
        ({"k8sService": {"serviceName": "nowhere"}}, perhaps(OUTSIDE), perhaps(*PEERS)),
        ({"k8sService": {"serviceName": "empty"}}, {}, surely(*PEERS)),
        ({"k8sService": {"serviceName": "alias"}}, {}, surely(*PEERS)),
        ({"k8sService": {"serviceName": "absent"}}, {}, surely(*PEERS)),
        ({"k8sService": {"serviceName": "web", "namespace": "shop"}}, {}, surely(*PEERS)),
    ],
)
def test_services(service: dict[str, Any], bare: dict[str, Verdict], with_ports: dict[str, Verdict]) -> None:
    assert reached(SERVICES, toServices=[service]) == bare
    assert reached(SERVICES, toServices=[service], toPorts=ports({"port": "80"})) == with_ports


@pytest.mark.parametrize(
    ("selector", "matched"),
    [
        ({"matchName": "Api.Example.COM."}, {"api.example.com"}),
        ({"matchPattern": "*.example.com"}, {"api.example.com", "web.example.com"}),
        ({"matchPattern": "**.example.com"}, {"api.example.com", "web.example.com", "a.b.example.com"}),
        ({"matchPattern": "*example.com"}, {"example.com"}),
        ({"matchPattern": "a*.example.com"}, {"api.example.com"}),
        ({"matchPattern": "*i.example.com"}, {"api.example.com"}),
        ({"matchPattern": "*"}, {"api.example.com", "web.example.com", "a.b.example.com", "example.com", "else.test"}),
    ],
)
def test_names(selector: dict[str, str], matched: set[str]) -> None:
    others = [{"toFQDNs": [{"matchPattern": each}]} for each in ("a*.example.com", "*i.example.com", "*.example.com")]
    network = network_of(
        cnp(endpointSelector={"matchLabels": {"app": "db"}}, egress=[{"toFQDNs": [selector]}]),
        cnp("other", namespace="other", egress=others),
    )
    for name in ("api.example.com", "web.example.com", "a.b.example.com", "example.com", "else.test"):
        assert verdict(network, DB, name) is (ACCEPTED if name in matched else DENIED)
    assert verdict(network, DB, OUTSIDE) is UNKNOWN
    assert verdict(network, DB, THERE) is DENIED
    assert verdict(network, DB, WEB) is DENIED


def test_names_are_of_the_world_and_of_both_ip_versions() -> None:
    def to(**rule: Any) -> Verdict:
        named = cnp("named", namespace="other", egress=[{"toFQDNs": [{"matchName": "example.com"}]}])
        return verdict(network_of(named, cnp(egress=[rule])), DB, "example.com")

    assert to(toEntities=["world"]) is ACCEPTED
    assert to(toEntities=["cluster"]) is DENIED
    assert to(toCIDR=["0.0.0.0/0"]) is UNKNOWN
    v4, v6 = ({"matchLabels": {f"reserved:world-ipv{version}": ""}} for version in (4, 6))
    assert to(toEndpoints=[v4]) is UNKNOWN
    assert to(toEndpoints=[v4, v6]) is ACCEPTED


def test_a_name_may_lead_to_an_api_server_that_is_no_node() -> None:
    named = cnp("named", namespace="other", egress=[{"toFQDNs": [{"matchName": "example.com"}]}])
    rule = cnp(egress=[{"toEntities": ["kube-apiserver"]}])
    assert verdict(network_of(named, rule, API_SERVER), DB, "example.com") is DENIED
    outside = API_SERVER.replace("192.168.0.2", OUTSIDE)
    assert verdict(network_of(named, rule, outside), DB, "example.com") is UNKNOWN


def test_all_connections_agree_with_single_verdicts() -> None:
    both = cnp(ingress=[{"fromEntities": ["kube-apiserver"]}], egress=[{"toNodes": [{"matchLabels": {"pool": "b"}}]}])
    network = network_of(both, ccnp("narrow", endpointSelector={"matchLabels": {"app": "db"}}, egress=[{}]))
    ends = workload_ends(network)
    listed = {
        (each.src.workload, each.dst.workload): each
        for each in ConnectionLister(network, ends).connections()
        if each.src.workload is not None and each.dst.workload is not None
    }
    positions = {member.workload: number for number, member in enumerate(network.members)}
    for (source, one), (destination, other) in product(positions.items(), repeat=2):
        if source != destination:
            sure, possible = network.value(one, other)
            found = listed.get((source, destination))
            assert (found is None) is (not possible)
            if found is not None:
                assert found.traffic == network.axis.traffic(sure)


def test_rows_are_of_pods_on_other_nodes_and_unsure_of_addresses_that_may_be_the_own_node_s() -> None:
    network = network_of(cnp(egress=[{"toEntities": ["remote-node"]}]))
    matrix = network.matrix[Direction.EGRESS]
    ends = {name: end_of(network, name) for name in (DB, FAR)}
    profile = network.profile_of[int(ends[DB])]
    assert matrix.value(profile, network.column(ends[FAR])) == network.everything
    assert matrix.value(profile, network.column(THERE)) == (0, network.axis.everything)
    for peer in (ends[FAR], THERE):
        assert network.direction_value(Direction.EGRESS, int(ends[DB]), peer) == network.everything


def test_pairs_counted_together_are_those_listed_one_by_one() -> None:
    both = cnp(
        ingress=[{"fromEntities": ["kube-apiserver"]}, {"fromEndpoints": [{}]}],
        egress=[{"toEntities": ["kube-apiserver"]}, {"toEndpoints": [{}]}, {"toNodes": [{}]}],
    )
    network = network_of(both)
    expected = Counter(
        Extent.ALL if value[0] == network.axis.everything else Extent.UNKNOWN if value[1] else Extent.NONE
        for one, other in permutations(range(len(network.members)), 2)
        for value in (network.value(one, other),)
    )
    assert count_pairs(network) == {each: expected[each] for each in Extent}
    for direction in Direction:
        matrix = network.matrix[direction]
        for row in range(len(matrix.programs)):
            assert matrix.pairs.row(row).tolist() == matrix.row(row).tolist()
