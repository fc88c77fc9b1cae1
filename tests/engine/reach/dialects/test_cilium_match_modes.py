"""What addresses in rules find under each ``policy-cidr-match-mode`` of Cilium, in the engine."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from tests.engine.reach.dialects.cilium_clusters import (
    ACCEPTED,
    DB,
    DENIED,
    HERE,
    NEAR,
    OTHER,
    OUTSIDE,
    STRAY,
    THERE,
    UNKNOWN,
    WEB,
    cnp,
    end_of,
    network_of,
    verdict,
)

from firedoor.engine.reach.counting import Extent, count_pairs
from firedoor.model.verdicts import Verdict

NEW, DUAL = "other/new", "other/dual"
PODS = """
{apiVersion: v1, kind: Pod, metadata: {name: new, namespace: other}, spec: {containers: [{name: a, image: a}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: dual, namespace: other}, spec: {containers: [{name: a, image: a}]},
 status: {podIPs: [{ip: 10.0.0.9}, {ip: "2001:db8::9"}]}}
"""
GROUP = """
{apiVersion: cilium.io/v2, kind: CiliumCIDRGroup, metadata: {name: pods},
 spec: {externalCIDRs: [10.0.0.0/24, "2001:db8::/64"]}}
"""
SERVICE = """
{apiVersion: v1, kind: Service, metadata: {name: backend, namespace: other}, spec: {}}
---
{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4,
 metadata: {name: backend-1, namespace: other, labels: {kubernetes.io/service-name: backend}},
 endpoints: [{addresses: [10.0.0.3]}]}
"""
PEERS = (WEB, OTHER, NEW, DUAL, HERE, THERE, OUTSIDE)
NODES, ALL_PODS = (HERE, THERE), (WEB, OTHER, NEW, DUAL)
BACKEND = {"k8sService": {"serviceName": "backend", "namespace": "other"}}
NOWHERE = {"k8sService": {"serviceName": "bare", "namespace": "other"}}
BARE = "{apiVersion: v1, kind: Service, metadata: {name: bare, namespace: other}, spec: {}}"


def reached(cni: str, *objects: str, **rule: Any) -> dict[str, Verdict]:
    """Return the verdicts, other than denied, from ``shop/db`` if one rule allows that."""
    db = cnp(endpointSelector={"matchLabels": {"app": "db"}}, egress=[rule])
    network = network_of(PODS, GROUP, SERVICE, BARE, *objects, db, cni=cni)
    found = {peer: verdict(network, DB, peer) for peer in PEERS}
    return {peer: each for peer, each in found.items() if each is not DENIED}


def found(*surely: str, perhaps: tuple[str, ...] = ()) -> dict[str, Verdict]:
    """Return accepted for some peers, and unknown for others."""
    return dict.fromkeys(surely, ACCEPTED) | dict.fromkeys(perhaps, UNKNOWN)


@pytest.mark.parametrize(
    ("cni", "more"),
    [
        ("cilium", ()),
        ("gke-dataplane-v2", ()),
        ("cilium-nodes", NODES),
        ("cilium-pods", ALL_PODS),
        ("cilium-nodes-pods", (*ALL_PODS, *NODES)),
    ],
)
def test_the_mode_says_what_all_addresses_hold(cni: str, more: tuple[str, ...]) -> None:
    assert reached(cni, toCIDR=["0.0.0.0/0"]) == found(OUTSIDE, *more)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"toCIDR": ["10.0.0.3/32"]}, found(OTHER, perhaps=(NEW,))),
        ({"toCIDR": ["2001:db8::/64"]}, found(DUAL, perhaps=(NEW,))),
        ({"toCIDRSet": [{"cidr": "10.0.0.0/8", "except": ["10.0.0.2/31"]}]}, found(DUAL, perhaps=(NEW,))),
        ({"toCIDRSet": [{"cidrGroupRef": "pods"}]}, found(WEB, OTHER, DUAL, perhaps=(NEW,))),
        ({"toCIDRSet": [{"cidrGroupRef": "pods", "except": ["10.0.0.8/29"]}]}, found(WEB, OTHER, perhaps=(NEW,))),
        ({"toCIDRSet": [{"cidrGroupRef": "pods", "except": ["2001:db8::8/126"]}]}, found(WEB, OTHER, perhaps=(NEW,))),
        ({"toCIDRSet": [{"cidrGroupSelector": {}, "except": ["0.0.0.0/0"]}]}, {}),
        ({"toServices": [BACKEND]}, found(OTHER, perhaps=(NEW,))),
        ({"toServices": [NOWHERE]}, found(perhaps=(*ALL_PODS, OUTSIDE))),
        ({"toGroups": [{"aws": {"region": "eu"}}]}, found(perhaps=(*ALL_PODS, OUTSIDE))),
        ({"toEntities": ["world"]}, found(OUTSIDE)),
        ({"toEndpoints": [{"matchLabels": {"reserved:world": ""}}]}, found(OUTSIDE)),
    ],
)
def test_pods_are_found_by_their_addresses(rule: dict[str, Any], expected: dict[str, Verdict]) -> None:
    assert reached("cilium-pods", **rule) == expected


def test_an_exception_takes_no_pod_out_of_other_elements() -> None:
    holed, whole = {"cidr": "10.0.0.0/24", "except": ["10.0.0.2/32"]}, {"cidr": "10.0.0.2/32"}
    assert WEB not in reached("cilium-pods", toCIDRSet=[holed])
    assert reached("cilium-pods", toCIDRSet=[holed, whole])[WEB] is ACCEPTED


def test_pods_are_denied_by_their_addresses_in_both_directions() -> None:
    opened = cnp("open", ingress=[{"fromEntities": ["cluster"]}], egress=[{"toEntities": ["cluster"]}])
    away = cnp("away", egressDeny=[{"toCIDR": ["10.0.0.3/32"]}])
    inward = cnp("inward", ingressDeny=[{"fromCIDRSet": [{"cidr": "10.0.0.0/30", "except": ["10.0.0.2/32"]}]}])
    for cni, expected in (("cilium", ACCEPTED), ("cilium-pods", DENIED)):
        network = network_of(opened, away, inward, cni=cni)
        assert verdict(network, DB, OTHER) is expected
        assert verdict(network, OTHER, DB) is expected
        assert verdict(network, WEB, DB) is ACCEPTED


def test_blocks_of_kubernetes_follow_the_same_mode() -> None:
    policy = """
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: blocks, namespace: shop},
 spec: {podSelector: {}, policyTypes: [Egress],
        egress: [{to: [{ipBlock: {cidr: 10.0.0.0/24, except: [10.0.0.2/32]}}, {ipBlock: {cidr: 192.168.0.0/24}}]}]}}
"""
    for cni, pods, nodes in (
        ("cilium", DENIED, DENIED),
        ("cilium-nodes", DENIED, ACCEPTED),
        ("cilium-pods", ACCEPTED, DENIED),
        ("cilium-nodes-pods", ACCEPTED, ACCEPTED),
    ):
        # Alone, and beside a policy of Cilium.
        for more in ((), (cnp("idle", namespace="other", egress=[{}]),)):
            network = network_of(PODS, policy, *more, cni=cni)
            assert verdict(network, DB, OTHER) is pods
            assert verdict(network, DB, NEW) is (UNKNOWN if pods is ACCEPTED else DENIED)
            assert verdict(network, DB, WEB) is DENIED
            assert verdict(network, DB, THERE) is nodes


def test_replicas_are_told_apart_by_their_addresses_in_all_that_is_counted() -> None:
    rules = [{"toCIDRSet": [{"cidrGroupRef": "pods", "except": ["10.0.0.2/31"]}]}, {"toEntities": ["host"]}]
    network = network_of(PODS, GROUP, cnp(egress=rules), cni="cilium-nodes-pods")
    pairs = [network.value(*pair) for pair in permutations(range(len(network.members)), 2)]
    everything = network.axis.everything
    counted = count_pairs(network)
    assert counted[Extent.ALL] == sum(sure == everything for sure, _ in pairs)
    assert counted[Extent.NONE] == sum(not possible for _, possible in pairs)
    assert network.column(end_of(network, NEW)) != network.column(end_of(network, DUAL))
    assert verdict(network, DB, NEAR) is ACCEPTED
    assert verdict(network, DB, STRAY) is UNKNOWN
