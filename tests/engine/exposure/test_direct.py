from __future__ import annotations

import pytest
from tests.engine.exposure.clusters import NODES, exposed, notes, only, pod, policy, replica, service

from firedoor.model.verdicts import Verdict

WEB = pod("web", address="10.244.0.5")
PORT = "selector: {app: web}, ports: [{port: 80, targetPort: 8080}]"
EVERYONE = ("0.0.0.0-255.255.255.255",)


@pytest.mark.parametrize(
    ("spec", "door"),
    [
        ("type: LoadBalancer", "LoadBalancer"),
        ("type: NodePort", "NodePort"),
        ("externalIPs: [192.0.2.1]", "externalIPs"),
        ("type: LoadBalancer, externalIPs: [192.0.2.1]", "LoadBalancer, externalIPs"),
    ],
)
def test_doors_lead_to_the_target_port_of_the_pods(spec: str, door: str) -> None:
    found = only(WEB, NODES, service("web", f"{spec}, {PORT}"))
    assert (found.door, str(found.way), found.service) == (door, "Service shop/web", "shop/web")
    assert (str(found.backend), found.protocol, found.port) == ("shop/web", "TCP", 8080)
    assert (found.verdict, found.arrival.accepted, found.arrival.because) == (Verdict.ACCEPTED, EVERYONE, ())
    assert found.hops == ()


@pytest.mark.parametrize(
    "spec",
    [
        "type: ClusterIP",
        "clusterIP: None, externalIPs: [192.0.2.1]",
        "type: ExternalName, externalName: a.example, externalIPs: [192.0.2.1]",
    ],
)
def test_a_service_without_a_door_exposes_nothing(spec: str) -> None:
    assert exposed(WEB, service("web", f"{spec}, {PORT}")) == ()


def test_a_named_target_port_is_that_of_each_pod() -> None:
    other = pod("other", labels="app: web", spec="containers: [{name: c, ports: [{name: http, containerPort: 9090}]}]")
    wrong = pod(
        "wrong",
        labels="app: web",
        spec="containers: [{name: c, ports: [{name: http, containerPort: 1, protocol: UDP}]}]",
    )
    spec = "type: NodePort, selector: {app: web}, ports: [{port: 80, targetPort: http}]"
    found = exposed(WEB, other, wrong, service("web", spec))
    assert {(str(each.backend), each.port) for each in found} == {("shop/web", 8080), ("shop/other", 9090)}


def test_without_a_target_port_it_is_the_same_number() -> None:
    assert only(WEB, service("web", "type: NodePort, selector: {app: web}, ports: [{port: 80}]")).port == 80


def test_a_selector_that_matches_no_pod_is_noted() -> None:
    assert notes(WEB, service("web", "type: NodePort, selector: {app: x}, ports: [{port: 80}]")) == [
        "Service shop/web: port 80/TCP leads to no pod"
    ]


def test_a_service_without_a_selector_leads_to_the_endpoints_of_its_slices() -> None:
    slices = """
    {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4,
     metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}},
     endpoints: [{addresses: [10.244.0.5]}, {addresses: [198.51.100.7]}],
     ports: [{name: http, port: 8080, protocol: TCP}, {name: other, port: 1, protocol: TCP}]}
    """
    spec = "type: LoadBalancer, ports: [{name: http, port: 80}]"
    deny = policy("podSelector: {}, ingress: []")
    inside, outside = sorted(
        exposed(WEB, NODES, slices, deny, service("web", f"{spec}, externalTrafficPolicy: Local")),
        key=lambda each: str(each.backend), reverse=True,
    )  # fmt: skip
    assert (str(inside.backend), inside.port, inside.verdict) == ("shop/web", 8080, Verdict.DENIED)
    assert (outside.backend.ips, outside.verdict) == ("198.51.100.7-198.51.100.7", Verdict.ACCEPTED)
    assert "no pod of the cluster" in outside.arrival.because[0]


def test_pods_of_one_workload_are_told_apart_only_where_they_differ() -> None:
    replicas = [replica("web", number) for number in range(3)]
    wide = "type: NodePort, externalTrafficPolicy: Local, selector: {app: web}, ports: [{port: 80}]"
    (alike,) = exposed(*replicas, service("web", wide))
    assert (str(alike.backend), alike.pods) == ("shop/web", ())
    closed = policy("podSelector: {matchLabels: {n: '1'}}, ingress: []")
    found = {each.verdict: each.pods for each in exposed(*replicas, closed, service("web", wide))}
    assert found == {Verdict.ACCEPTED: ("web-0", "web-2"), Verdict.DENIED: ("web-1",)}


def test_a_slice_of_domain_names_leads_to_no_pod() -> None:
    names = """
    {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: FQDN,
     metadata: {name: s, namespace: shop, labels: {kubernetes.io/service-name: far}},
     endpoints: [{addresses: [a.example.com]}, {addresses: []}], ports: [{port: 80}]}
    """
    assert notes(WEB, names, service("far", "type: NodePort, ports: [{port: 80}]")) == [
        "Service shop/far: port 80/TCP leads to no pod"
    ]


HOST = "containers: [{name: c, ports: [{containerPort: 8080, hostPort: PORT, hostIP: 'ADDRESS'}]}]"


def host_pod(address: str = "", port: str = "80", more: str = "") -> str:
    spec = HOST.replace("PORT", port).replace("ADDRESS", address)
    return pod("web", address="10.244.0.5", spec=f"{more}{spec}")


def test_a_host_port_is_a_door_without_a_service() -> None:
    found = only(host_pod(), NODES)
    assert (found.door, str(found.way), found.service, found.port) == ("host port", "Pod shop/web", "", 8080)
    assert (found.verdict, found.arrival.accepted) == (Verdict.ACCEPTED, EVERYONE)


def test_a_host_port_keeps_the_address_of_the_client() -> None:
    rule = policy("podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 8.8.8.0/24}}]}]")
    assert only(host_pod(), NODES, rule).arrival.accepted == ("8.8.8.0-8.8.8.255",)
    assert only(host_pod(), NODES, policy("podSelector: {}, ingress: []")).verdict is Verdict.DENIED


@pytest.mark.parametrize(
    "document",
    [host_pod(port="0"), host_pod("127.0.0.1"), host_pod("::1"), host_pod(port="8080", more="hostNetwork: true, ")],
)
def test_what_opens_no_port_of_its_own_on_the_node_is_no_door(document: str) -> None:
    assert exposed(document, NODES) == ()


RANGES = "loadBalancerSourceRanges: [8.8.8.0/24], type: LoadBalancer, externalTrafficPolicy: Local"
NO_NODE_PORTS = f"{RANGES}, allocateLoadBalancerNodePorts: false"


def test_a_balancer_without_node_ports_lets_only_its_source_ranges_in_for_sure() -> None:
    found = only(WEB, NODES, service("web", f"{NO_NODE_PORTS}, {PORT}"))
    assert (found.verdict, found.arrival.accepted) == (Verdict.ACCEPTED, ("8.8.8.0-8.8.8.255",))
    assert found.arrival.unknown == ("0.0.0.0-8.8.7.255", "8.8.9.0-255.255.255.255")
    assert found.arrival.because == (
        "loadBalancerSourceRanges are 8.8.8.0/24: whether anybody else gets through depends on the balancer's platform",
    )


def test_source_ranges_and_policies_together_may_leave_only_doubt() -> None:
    rule = policy("podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 9.9.9.0/24}}]}]")
    found = only(WEB, NODES, rule, service("web", f"{NO_NODE_PORTS}, {PORT}"))
    assert (found.verdict, found.arrival.accepted) == (Verdict.UNKNOWN, ())
    assert found.arrival.unknown == ("9.9.9.0-9.9.9.255",)


def test_source_ranges_that_hold_all_that_policies_accept_change_nothing() -> None:
    rule = policy("podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 8.8.8.8/32}}]}]")
    found = only(WEB, NODES, rule, service("web", f"{NO_NODE_PORTS}, {PORT}"))
    assert (found.arrival.accepted, found.arrival.because) == (("8.8.8.8-8.8.8.8",), ())


@pytest.mark.parametrize(
    "spec",
    [
        f"{RANGES}, {PORT}",
        f"{NO_NODE_PORTS}, externalIPs: [192.0.2.1], {PORT}",
        f"{NO_NODE_PORTS}, selector: {{app: web}}, ports: [{{port: 80, targetPort: 8080, nodePort: 30080}}]",
    ],
)
def test_node_ports_and_external_addresses_heed_no_source_ranges(spec: str) -> None:
    assert only(WEB, NODES, service("web", spec)).arrival.accepted == EVERYONE


def test_source_ranges_may_stand_in_the_annotation_and_what_is_none_counts_for_nobody() -> None:
    ranges = "annotations: {service.beta.kubernetes.io/load-balancer-source-ranges: '8.8.8.8/32, nonsense,'}"
    spec = f"type: LoadBalancer, externalTrafficPolicy: Local, allocateLoadBalancerNodePorts: false, {PORT}"
    written = service("web", spec).replace("name: web,", f"name: web, {ranges},")
    assert only(WEB, NODES, written).arrival.accepted == ("8.8.8.8-8.8.8.8",)
