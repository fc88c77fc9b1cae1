from __future__ import annotations

import pytest
from tests.engine.synth.making import SECOND, deployment, edge, network, node, outside, workload

from firedoor.engine.synth.basis_flows import basis_from_flows
from firedoor.model.flows import FlowEdge, FlowPeer, FlowVerdict, PeerKind
from firedoor.model.generation import Evidence

WEB, DB = workload("web"), workload("db")
NODE = """
---
apiVersion: v1
kind: Node
metadata: {name: n1}
status: {addresses: [{type: InternalIP, address: 192.168.0.1}]}
"""
POD = """
---
apiVersion: v1
kind: Pod
metadata: {name: solo, namespace: shop, labels: {app: solo}}
spec: {containers: [{name: main, image: i}]}
status: {phase: Running, podIP: 10.1.0.5}
"""
NETWORK = network(deployment("web", "app: web") + deployment("db", "app: db") + NODE + POD)


def needs(*edges: FlowEdge, min_count: int = 1) -> list[str]:
    return list(map(str, basis_from_flows(NETWORK, edges, min_count).needs))


def test_the_same_connection_is_counted_together_and_keeps_its_first_and_last_time() -> None:
    edges = (edge(WEB, DB, count=2, at=(10, 20)), edge(WEB, DB, count=3, at=(5, 15)))
    (found,) = basis_from_flows(NETWORK, edges).needs
    assert found.evidence == (Evidence("flows", "", 5, 5 * SECOND, 20 * SECOND),)


def test_ends_that_turn_out_to_be_the_same_are_counted_together() -> None:
    edges = (edge(workload("web", owner=""), DB), edge(WEB, DB))
    (found,) = basis_from_flows(NETWORK, edges).needs
    assert found.evidence[0].count == 2


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (edge(WEB, DB, 5432), "Deployment shop/web -> Deployment shop/db TCP/5432"),
        (edge(workload("web", owner=""), DB), "Deployment shop/web -> Deployment shop/db TCP/80"),
        (edge(WEB, outside("203.0.113.1", "api.example"), 443), "Deployment shop/web -> api.example TCP/443"),
        (edge(outside("203.0.113.1"), WEB), "203.0.113.1/32 -> Deployment shop/web TCP/80"),
        (edge(outside("2001:db8::1"), WEB), "2001:db8::1/128 -> Deployment shop/web TCP/80"),
        (edge(WEB, outside("10.1.0.5")), "Deployment shop/web -> Pod shop/solo TCP/80"),
        (edge(node("n1"), WEB), "node n1 -> Deployment shop/web TCP/80"),
        (edge(node("n2", "192.168.0.2"), WEB), "node n2 -> Deployment shop/web TCP/80"),
    ],
)
def test_ends_are_found_in_the_source(given: FlowEdge, text: str) -> None:
    assert needs(given) == [text]


GONE = workload("gone")


@pytest.mark.parametrize(
    ("given", "what", "why"),
    [
        (edge(WEB, GONE), "Deployment shop/web -> Deployment shop/gone TCP/80", "is gone"),
        (edge(workload("gone", owner=""), WEB), "workload shop/gone -> Deployment shop/web TCP/80", "is gone"),
        (edge(WEB, DB, verdict=FlowVerdict.DENIED), "shop/web", "it was denied"),
        (edge(WEB, DB, verdict=FlowVerdict.AUDITED), "shop/web", "a policy in audit mode would deny it"),
        (edge(WEB, DB, verdict=FlowVerdict.OTHER), "shop/web", "it is not known whether it was allowed"),
        (edge(WEB, DB, 0, protocol="ICMP"), "ICMP/0", "no rule can be written for ICMP"),
        (edge(WEB, DB, 70000), "TCP/70000", "70000 is no port"),
        (edge(node("n1"), outside("203.0.113.1", "x")), "node n1 -> x (203.0.113.1)", "neither end is a workload"),
        (edge(node("n3"), WEB), "node n3", "no address is known of node n3"),
        (edge(WEB, outside("what")), "what", "the address 'what' is none"),
        (edge(WEB, FlowPeer(PeerKind.UNATTRIBUTED, address="10.9.9.9")), "10.9.9.9", "belongs to nobody"),
        (edge(FlowPeer(PeerKind.UNATTRIBUTED), WEB), "-> Deployment", "an end belongs to nobody"),
    ],
)
def test_what_no_policy_can_be_made_for_is_told_with_its_reason(given: FlowEdge, what: str, why: str) -> None:
    found = basis_from_flows(NETWORK, [given])
    assert found.needs == ()
    (left,) = found.left_out
    assert what in left.what
    assert why in left.why
    assert left.count == 1


SERVED = network(
    deployment("web", "app: web")
    + deployment("db", "app: db", pod=", ports: [{containerPort: 15432, name: sql}]")
    + """
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec:
  type: LoadBalancer
  clusterIP: 10.96.0.5
  externalIPs: [203.0.113.7]
  selector: {app: db}
  ports: [{port: 5432, targetPort: sql}, {port: 1, targetPort: none}]
status: {loadBalancer: {ingress: [{ip: 198.51.100.7}, {hostname: lb.example.com}]}}
---
apiVersion: v1
kind: Service
metadata: {name: legacy, namespace: shop}
spec: {clusterIP: 10.96.0.6, ports: [{port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: legacy-1, namespace: shop, labels: {kubernetes.io/service-name: legacy}}
addressType: IPv4
ports: [{port: 8080, protocol: TCP}]
endpoints: [{addresses: [192.0.2.4]}]
"""
)
UNKNOWN = PeerKind.UNATTRIBUTED


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (edge(WEB, outside("198.51.100.7"), 5432), "Deployment shop/web -> Deployment shop/db TCP/15432"),
        (edge(WEB, outside("203.0.113.7"), 5432), "Deployment shop/web -> Deployment shop/db TCP/15432"),
        (
            edge(WEB, FlowPeer(UNKNOWN, address="10.96.0.5"), 5432),
            "Deployment shop/web -> Deployment shop/db TCP/15432",
        ),
        (edge(outside("192.0.2.1"), outside("198.51.100.7"), 5432), "192.0.2.1/32 -> Deployment shop/db TCP/15432"),
        (edge(WEB, FlowPeer(UNKNOWN, address="10.96.0.6"), 80), "Deployment shop/web -> 192.0.2.4/32 TCP/8080"),
        (edge(WEB, outside("198.51.100.7"), 99), "Deployment shop/web -> 198.51.100.7/32 TCP/99"),
    ],
)
def test_an_address_of_a_service_stands_for_the_pods_behind_it(given: FlowEdge, expected: str) -> None:
    assert list(map(str, basis_from_flows(SERVED, [given]).needs)) == [expected]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (edge(WEB, outside("198.51.100.7"), 1), "Service shop/db, whose address it is, has no pods with that port"),
        (edge(outside("192.0.2.1"), FlowPeer(UNKNOWN, address="10.96.0.6"), 80), "neither end is a workload"),
    ],
)
def test_an_address_of_a_service_may_lead_nowhere(given: FlowEdge, why: str) -> None:
    (left,) = basis_from_flows(SERVED, [given]).left_out
    assert why in left.why


def test_what_was_seen_less_often_than_asked_for_is_left_out_after_it_was_summed() -> None:
    assert needs(edge(WEB, DB), edge(WEB, DB), min_count=2) == ["Deployment shop/web -> Deployment shop/db TCP/80"]
    found = basis_from_flows(NETWORK, [edge(WEB, DB)], 2)
    assert [(each.why, each.count) for each in found.left_out] == [("seen 1 times, less often than 2", 1)]


def test_what_is_left_out_for_one_reason_is_told_once() -> None:
    one, other = edge(workload("gone", owner=""), WEB, at=(3, 4)), edge(workload("gone", owner=""), WEB, at=(1, 9))
    found = basis_from_flows(NETWORK, [one, other])
    (left,) = found.left_out
    assert (left.count, left.first, left.last) == (2, SECOND, 9 * SECOND)
    both = [edge(GONE, WEB, verdict=FlowVerdict.DENIED), edge(GONE, WEB)]
    assert len(basis_from_flows(NETWORK, both).left_out) == 2
