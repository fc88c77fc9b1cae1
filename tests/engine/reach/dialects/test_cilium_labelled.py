"""Whom selectors over the labels of addresses find (``cidrGroupSelector``), in the engine."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine.reach.dialects.cilium_clusters import (
    ACCEPTED,
    DB,
    DENIED,
    HERE,
    OTHER,
    OUTSIDE,
    STRAY,
    THERE,
    UNKNOWN,
    WEB,
    cnp,
    network_of,
    verdict,
)

from firedoor.model.verdicts import Verdict

TWO = "other/two"
NEW = "other/new"
OBJECTS = """
{apiVersion: cilium.io/v2, kind: CiliumCIDRGroup, metadata: {name: partners, labels: {tier: out, zone: a}},
 spec: {externalCIDRs: [198.51.100.0/24, 10.0.0.3/32, 192.168.0.2/32]}}
---
{apiVersion: cilium.io/v2, kind: CiliumCIDRGroup, metadata: {name: vendors, labels: {zone: b, team: x}},
 spec: {externalCIDRs: [198.51.100.7/32, 192.168.7.7/32]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: two, namespace: other},
 spec: {hostNetwork: true, nodeName: n8, containers: [{name: a, image: a}]},
 status: {podIPs: [{ip: 192.168.7.7}, {ip: "2001:db8::7"}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: new, namespace: other, labels: {app: new}},
 spec: {containers: [{name: a, image: a}]}}
"""
PEERS = (WEB, OTHER, NEW, HERE, THERE, STRAY, TWO, OUTSIDE)
PODS, NODES = (WEB, OTHER, NEW), (HERE, THERE, STRAY, TWO)


def reached(selector: dict[str, Any], *excepts: str, cni: str = "cilium") -> dict[str, Verdict]:
    """Return the verdicts, other than denied, from ``shop/db`` if one rule allows that."""
    rule = {"toCIDRSet": [{"cidrGroupSelector": selector, "except": list(excepts)}]}
    network = network_of(OBJECTS, cnp(endpointSelector={"matchLabels": {"app": "db"}}, egress=[rule]), cni=cni)
    found = {peer: verdict(network, DB, peer) for peer in PEERS}
    return {peer: each for peer, each in found.items() if each is not DENIED}


def found(*surely: str, perhaps: tuple[str, ...] = ()) -> dict[str, Verdict]:
    """Return accepted for some peers, and unknown for others."""
    return dict.fromkeys(surely, ACCEPTED) | dict.fromkeys(perhaps, UNKNOWN)


def asks(key: str, operator: str, *values: str) -> dict[str, Any]:
    """Return a selector with one expression."""
    return {"matchExpressions": [{"key": key, "operator": operator, **({"values": values} if values else {})}]}


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({}, found(OUTSIDE)),
        ({"matchLabels": {"tier": "out"}}, found(OUTSIDE)),
        ({"matchLabels": {"cidrgroup:tier": "out"}}, found(OUTSIDE)),
        ({"matchLabels": {"any:tier": "out"}}, found(OUTSIDE)),
        ({"matchLabels": {"k8s:tier": "out"}}, {}),
        ({"matchLabels": {"tier": "in"}}, {}),
        ({"matchLabels": {"zone": "a"}}, found(perhaps=(OUTSIDE,))),
        (asks("zone", "In", "a", "b"), found(OUTSIDE)),
        (asks("zone", "NotIn", "a"), found(perhaps=(OUTSIDE,))),
        (asks("zone", "NotIn", "c"), found(OUTSIDE)),
        (asks("zone", "DoesNotExist"), {}),
        ({"matchLabels": {"tier": "out", "team": "x"}}, found(OUTSIDE)),
        (asks("io.cilium.policy.cidrgroupname/vendors", "Exists"), found(OUTSIDE)),
        (asks("io.cilium.policy.cidrgroupname/absent", "Exists"), {}),
        (asks("reserved:world", "Exists"), found(OUTSIDE)),
        (asks("any:world-ipv6", "Exists"), {}),
        (asks("world", "Exists"), {}),
    ],
)
def test_addresses_outside(selector: dict[str, Any], expected: dict[str, Verdict]) -> None:
    assert reached(selector) == expected
    assert reached(selector, "198.51.100.7/32") == {}


@pytest.mark.parametrize(
    ("selector", "excepts", "expected"),
    [
        ({}, (), found(OUTSIDE, *PODS)),
        ({}, ("10.0.0.2/31",), found(OUTSIDE, perhaps=(NEW,))),
        ({"matchLabels": {"tier": "out"}}, (), found(OUTSIDE, OTHER, perhaps=(NEW,))),
        ({"matchLabels": {"any:app": "web"}}, (), found(WEB, OTHER)),
        ({"matchLabels": {"k8s:app": "new"}}, (), found(NEW)),
        (asks("k8s:app", "NotIn", "web"), (), found(OUTSIDE, NEW)),
        (asks("k8s:app", "DoesNotExist"), (), found(OUTSIDE)),
        ({"matchLabels": {"any:io.kubernetes.pod.namespace": "other"}}, (), found(OTHER, NEW)),
    ],
)
def test_pods_where_cidrs_match_them(
    selector: dict[str, Any], excepts: tuple[str, ...], expected: dict[str, Verdict]
) -> None:
    assert reached(selector, *excepts, cni="cilium-pods") == expected


@pytest.mark.parametrize(
    ("selector", "excepts", "expected"),
    [
        ({}, (), found(OUTSIDE, *NODES)),
        ({}, ("192.168.7.0/24",), found(OUTSIDE, HERE, THERE, perhaps=(STRAY, TWO))),
        ({"matchLabels": {"tier": "out"}}, (), found(OUTSIDE, THERE, perhaps=(STRAY,))),
        ({"matchLabels": {"team": "x"}}, (), found(OUTSIDE, perhaps=(STRAY, TWO))),
        (asks("reserved:host", "Exists"), (), found(HERE, perhaps=(STRAY,))),
        (asks("any:remote-node", "Exists"), (), found(THERE, TWO, perhaps=(STRAY,))),
    ],
)
def test_nodes_where_cidrs_match_them(
    selector: dict[str, Any], excepts: tuple[str, ...], expected: dict[str, Verdict]
) -> None:
    assert reached(selector, *excepts, cni="cilium-nodes") == expected
