"""Services as the ends of Calico's rules."""

from __future__ import annotations

import pytest
from tests.engine.reach.dialects.calico import (
    ACCEPTED,
    DENIED,
    UNKNOWN,
    asked,
    namespaced,
    network,
    on_db,
    policy,
    why,
)

from firedoor.model.networkpolicy import Direction

HOST_PODS = """
{apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: shop, labels: {app: agent}},
 spec: {%shostNetwork: true, containers: [{name: a, image: a}]}}
"""


def _service(spec: str, name: str = "storage") -> str:
    return f"{{apiVersion: v1, kind: Service, metadata: {{name: {name}, namespace: shop}}, spec: {{{spec}}}}}"


def _slice(addresses: str, ports: str, name: str = "storage-1") -> str:
    labels = "labels: {kubernetes.io/service-name: storage}"
    return (
        f"{{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {{name: {name}, namespace: shop, {labels}}}"
        f", addressType: IPv4, endpoints: [{{addresses: [{addresses}]}}], ports: [{ports}]}}"
    )


TO_SERVICE = policy(
    "selector: app == 'web', egress: [{action: Allow, destination: {services: {name: storage, namespace: shop}}}]"
)
FROM_SERVICE = on_db("{action: Allow, source: {services: {name: storage, namespace: shop}}}")


def _reached(*texts: str, destination: str = "db", protocol: str = "TCP") -> list[int]:
    found = network(TO_SERVICE, *texts)
    ports = (53, 80, 5432, 9999)
    return [port for port in ports if asked(found, "web", destination, port, protocol) is ACCEPTED]


@pytest.mark.parametrize(
    ("ports", "expected"),
    [
        ("[{port: 80, targetPort: 5432}]", [5432]),
        ("[{port: 80}]", [80]),
        ("[{port: 80, targetPort: sql}]", [5432]),
        ("[{port: 80, targetPort: absent}]", []),
        ("[{port: 80, targetPort: dns}]", []),
        ("[{port: 80, targetPort: dns, protocol: UDP}]", []),
        ("[{name: a, port: 80, targetPort: 5432}, {name: b, port: 53}]", [53, 5432]),
    ],
)
def test_a_service_means_the_pods_that_it_selects_at_the_ports_that_it_leads_to(
    ports: str, expected: list[int]
) -> None:
    assert _reached(_service(f"selector: {{app: db}}, ports: {ports}")) == expected
    assert _reached(_service(f"selector: {{app: other}}, ports: {ports}")) == []


def test_a_port_of_a_service_has_a_protocol() -> None:
    service = _service("selector: {app: db}, ports: [{port: 53, targetPort: dns, protocol: UDP}]")
    assert (_reached(service), _reached(service, protocol="UDP")) == ([], [53])


def test_the_pods_behind_a_service_are_those_of_its_namespace() -> None:
    service = _service("selector: {app: job}, ports: [{port: 80}]")
    assert _reached(service, destination="job") == []


def test_endpoint_slices_are_taken_where_there_are_any() -> None:
    service = _service("selector: {app: db}, ports: [{port: 80}]")
    outside = _slice("10.9.9.9", "{port: 9999, protocol: TCP}, {name: any}")
    assert _reached(service, outside) == []
    assert _reached(service, outside, destination="10.9.9.9") == [9999]
    assert _reached(outside, _slice("10.0.0.1", "{port: 80}", "storage-2")) == [80]
    other = _slice("10.0.0.1", "{port: 80}").replace("service-name: storage", "service-name: other")
    assert _reached(service, other.replace("storage-1", "other-1")) == [80]
    assert asked(network(TO_SERVICE, other), "web", "db") is UNKNOWN


def test_slices_of_the_other_ip_version_hold_nobody() -> None:
    six = _slice("'2001:db8::1'", "{port: 80}").replace("IPv4", "IPv6")
    assert _reached(six) == []
    assert _reached(six, destination="2001:db8::1") == [80]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("selector: {app: db}, ports: [{port: 80}], ipFamilies: [IPv4]", [80]),
        ("selector: {app: db}, ports: [{port: 80}], ipFamilies: [IPv6]", []),
        ("type: ExternalName, externalName: example.com", []),
    ],
)
def test_services_that_lead_to_nobody(spec: str, expected: list[int]) -> None:
    assert _reached(_service(spec)) == expected


def test_a_service_whose_endpoints_are_not_known_may_be_anything() -> None:
    assert asked(network(TO_SERVICE), "web", "db") is UNKNOWN
    assert asked(network(TO_SERVICE, _service("ports: [{port: 80}]")), "web", "10.9.9.9") is UNKNOWN
    (told,) = why(network(TO_SERVICE), "web", "db", direction=Direction.EGRESS)
    assert "allows all ports to service shop/storage may match" in told


def test_a_service_as_source_has_no_ports() -> None:
    service = _service("selector: {app: web}, ports: [{port: 80}]")
    found = network(FROM_SERVICE, service)
    assert (asked(found, "web", "db", 9999), asked(found, "job", "db")) == (ACCEPTED, DENIED)
    assert asked(network(FROM_SERVICE), "web", "db") is UNKNOWN


def test_a_policy_of_a_namespace_may_leave_it_out() -> None:
    rule = "egress: [{action: Allow, destination: {services: {name: storage}}}]"
    service = _service("selector: {app: db}, ports: [{port: 80}]")
    assert asked(network(namespaced(rule), service), "web", "db") is ACCEPTED
    other = network(namespaced(rule, namespace="data"), service)
    assert asked(other, "job", "db") is UNKNOWN


def test_pods_on_the_network_of_their_node_share_its_address() -> None:
    service = _service("selector: {app: agent}, ports: [{port: 80}]")
    found = network(TO_SERVICE, service)
    assert asked(found, "web", "agent") is ACCEPTED
    assert asked(found, "web", "192.168.0.1") is ACCEPTED
    assert asked(found, "web", "192.168.0.2") is DENIED


def test_pods_on_the_network_of_a_node_that_is_not_known() -> None:
    service = _service("selector: {app: agent}, ports: [{port: 80}]")
    nodes = (("here", "nodeName: n3, "), ("there", "nodeName: n3, "), ("far", "nodeName: n4, "), ("nowhere", ""))
    mates = tuple(HOST_PODS.replace("{app: agent}", "{app: mate}") % each for each in nodes)
    found = network(TO_SERVICE, service, HOST_PODS % ("unplaced", "nodeName: n3, "), *mates)
    assert asked(found, "web", "here") is ACCEPTED
    assert asked(found, "web", "far") is DENIED
    assert asked(found, "web", "nowhere") is UNKNOWN
    assert asked(found, "web", "10.9.9.9") is UNKNOWN
