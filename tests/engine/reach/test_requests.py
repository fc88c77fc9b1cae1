"""What rules ask of requests is carried beside the ports that they accept."""

from __future__ import annotations

from tests.loading import snapshot_of

from firedoor.engine.reach.connectivity import ConnectionLister, workload_ends
from firedoor.engine.reach.network import Network
from firedoor.model.connections import PeerConnection

CLUSTER = """
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}},
 spec: {containers: [{name: a, image: a}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: api, namespace: shop, labels: {app: api}},
 spec: {containers: [{name: a, image: a}]}}
---
{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: api, namespace: shop},
 spec: {endpointSelector: {matchLabels: {app: api}}, ingress: [%s], egress: [%s]}}
"""
GET = "{ports: [{port: '80', protocol: TCP}], rules: {http: [{method: GET}]}}"
PLAIN = "{ports: [{port: '443', protocol: TCP}]}"


def _found(ingress: str, egress: str = "{}") -> dict[tuple[str, str], PeerConnection]:
    network = Network(snapshot_of(CLUSTER % (ingress, egress)))
    found = ConnectionLister(network, workload_ends(network)).connections()
    return {(str(each.src), str(each.dst)): each for each in found}


def _demands(connection: PeerConnection) -> list[tuple[tuple[str, int, int], str]]:
    return [(ports, each.requests) for each in connection.demands for ports in each.traffic]


def test_a_port_has_the_demands_of_the_rule_that_accepts_it() -> None:
    found = _found(f"{{fromEndpoints: [{{matchLabels: {{app: web}}}}], toPorts: [{GET}, {PLAIN}]}}")
    connection = found["shop/web", "shop/api"]
    assert connection.traffic == (("TCP", 80, 80), ("TCP", 443, 443))
    assert _demands(connection) == [(("TCP", 80, 80), "HTTP GET any path")]


def test_a_rule_without_demands_lets_every_request_through() -> None:
    rule = "{fromEndpoints: [{matchLabels: {app: web}}], toPorts: [%s]}"
    found = _found(f"{rule % GET}, {rule % '{ports: [{port: 80, protocol: TCP}]}'}".replace("port: 80,", "port: '80',"))
    assert _demands(found["shop/web", "shop/api"]) == []


def test_addresses_outside_have_demands_too() -> None:
    found = _found(
        f"{{fromCIDR: [192.0.2.0/24], toPorts: [{GET}]}}",
        f"{{toFQDNs: [{{matchName: a.example}}], toPorts: [{GET}]}}",
    )
    assert _demands(found["192.0.2.0-192.0.2.255", "shop/api"]) == [(("TCP", 80, 80), "HTTP GET any path")]
    assert _demands(found["shop/api", "a.example"]) == [(("TCP", 80, 80), "HTTP GET any path")]
    assert _demands(found["shop/web", "a.example"]) == []
