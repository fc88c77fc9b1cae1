"""Texts that should be addresses."""

from __future__ import annotations

import pytest

from firedoor.algebra.cidrs import is_address
from firedoor.engine.reach.network import Network
from firedoor.model.verdicts import Verdict
from tests.loading import snapshot_of

CLUSTER = """
{apiVersion: v1, kind: Node, metadata: {name: n1},
 status: {addresses: [{type: Hostname, address: n1.example}, {type: InternalIP, address: %s}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: shop}, spec: {containers: [{name: a, image: a}]},
 status: {phase: Running, podIP: %s, podIPs: [{ip: %s}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: b, namespace: shop},
 spec: {nodeName: n1, hostNetwork: true, containers: [{name: a, image: a}]},
 status: {phase: Running, hostIP: %s}}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: shop},
 spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}}
"""


def test_a_text_that_is_no_address_is_a_gap_and_the_address_not_known() -> None:
    snapshot = snapshot_of(CLUSTER % ("zzz", "10.0.0.300", "10.0.0", "10.0.0.1/8"))
    assert [(str(gap.object), gap.path) for gap in snapshot.gaps] == [
        ("Node n1", "status.addresses[1].address"),
        ("Pod shop/a", "status.podIP"),
        ("Pod shop/a", "status.podIPs[0].ip"),
        ("Pod shop/b", "status.hostIP"),
    ]
    assert "found the text 'zzz', expected an IP address; it is taken as not known" in snapshot.gaps[0].reason
    network = Network(snapshot)
    assert [member.addresses for member in network.members] == [(), ()]
    assert network.verdict(1, 0, "TCP", 80) is Verdict.UNKNOWN


def test_addresses_are_no_gaps() -> None:
    snapshot = snapshot_of(CLUSTER % ("192.168.0.1", "10.0.0.30", "fd00::1", "192.168.0.1"))
    assert snapshot.gaps == ()


@pytest.mark.parametrize("text", ["0.0.0.0", "255.255.255.255", "10.0.0.01", "::1", "::ffff:10.0.0.1"])
def test_addresses(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize("text", ["", "1.2.3", "1.2.3.4.", "1.2.3.4.5", "256.1.1.1", "1.2.3.4\n", "1..2.3", "a.b.c.d"])
def test_no_addresses(text: str) -> None:
    assert not is_address(text)
