"""Which ways from outside count as open."""

from __future__ import annotations

import pytest
from tests.engine.posture.loading import context_of, load

from firedoor.adapters.manifests.source import load_text
from firedoor.algebra.cidrs import Family
from firedoor.engine.posture import Context
from firedoor.engine.posture.outside import holds_public, public_atoms

POD = """
apiVersion: v1
kind: Pod
metadata: {namespace: shop, name: web, labels: {app: web}}
spec: {containers: [{name: main, image: "registry.example/web:1", ports: [{containerPort: 8080, name: http}]}]}
"""
SERVICE = """
apiVersion: v1
kind: Service
metadata: {namespace: shop, name: web}
spec: {SPEC, selector: {app: web}, ports: [{name: web, port: 80, targetPort: http}]}
"""
ROUTE = """
apiVersion: route.openshift.io/v1
kind: Route
metadata: {namespace: shop, name: web}
spec: {to: {kind: Service, name: web}, port: {targetPort: PORT}}
"""
MESH_ROUTE = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {namespace: shop, name: web}
spec: {parentRefs: [{kind: Service, name: web}], rules: [{backendRefs: [{name: web, port: 80}]}]}
"""
POLICY = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: shop, name: web}
spec: {podSelector: {}, ingress: [RULE]}
"""


def of(*documents: str) -> Context:
    return load("\n---\n".join(documents))


def hows(*documents: str) -> list[str]:
    return [str(each) for each in of(*documents).doors]


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("type: LoadBalancer", ["Service shop/web (LoadBalancer)"]),
        ("type: NodePort", ["Service shop/web (NodePort)"]),
        ("externalIPs: [198.51.100.1]", ["Service shop/web (externalIPs)"]),
        ("clusterIP: None, externalIPs: [198.51.100.1]", []),
        ("type: ClusterIP", []),
    ],
)
def test_services_are_open_by_their_type_and_addresses(spec: str, told: list[str]) -> None:
    assert hows(POD, SERVICE.replace("SPEC", spec)) == told


@pytest.mark.parametrize(("port", "told"), [("8080", 1), ("web", 1), ("http", 0), ("80", 0)])
def test_a_route_of_openshift_names_the_port_of_the_pods_or_that_of_the_service(port: str, told: int) -> None:
    found = hows(POD, SERVICE.replace("SPEC", "type: ClusterIP"), ROUTE.replace("PORT", port))
    assert found == ["Route shop/web"] * told


def test_a_route_of_the_mesh_leads_nobody_in() -> None:
    assert hows(POD, SERVICE.replace("SPEC", "type: ClusterIP"), MESH_ROUTE) == []


BALANCER = SERVICE.replace("SPEC", "type: LoadBalancer")
INGRESS = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {namespace: shop, name: web}
spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}
"""
SNAT = "externalTrafficPolicy Cluster"


@pytest.mark.parametrize(
    ("rule", "direct", "routed"),
    [
        ("{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}", "sure", True),
        ("{from: [{ipBlock: {cidr: 8.8.8.0/24}}], ports: [{port: 8080}]}", "likely", True),
        ("{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}", "", True),
        ("{from: [{podSelector: {}}]}", "", True),
        ("{from: [{ipBlock: {cidr: 8.8.8.0/24}}], ports: [{port: 9090}]}", "", False),
    ],
)
def test_policies_must_let_through_a_public_address_or_for_a_controller_anybody(
    rule: str, direct: str, routed: bool
) -> None:
    doors = of(POD, POLICY.replace("RULE", rule), BALANCER, INGRESS).doors
    assert ["likely" if SNAT in each.doubt else "sure" for each in doors if each.is_direct] == [direct] * bool(direct)
    assert [str(each) for each in doors if not each.is_direct] == ["Ingress shop/web"] * routed


def test_clients_that_keep_their_address_are_judged_by_it_alone() -> None:
    rule = POLICY.replace("RULE", "{from: [{ipBlock: {cidr: 8.8.8.0/24}}]}")
    local = SERVICE.replace("SPEC", "type: LoadBalancer, externalTrafficPolicy: Local")
    assert [each.doubt for each in of(POD, rule, local).doors] == [""]


def test_nothing_is_said_of_pods_that_an_unknown_policy_may_be_for() -> None:
    unknown = "apiVersion: example.com/v1\nkind: FancyNetworkPolicy\nmetadata: {namespace: shop, name: web}\n"
    assert context_of(load_text(f"{POD}\n---\n{BALANCER}\n---\n{INGRESS}\n---\n{unknown}")).doors == ()


def test_a_pod_on_the_network_of_its_node_is_open_whatever_policies_say() -> None:
    host = POD.replace("spec: {", "spec: {hostNetwork: true, ").replace(
        ", ports: [{containerPort: 8080, name: http}]", ""
    )
    assert hows(host, POLICY.replace("RULE", ""), BALANCER.replace("targetPort: http", "targetPort: 8080")) == [
        "Service shop/web (LoadBalancer)"
    ]


def test_a_host_port_is_a_door_of_the_pod_itself() -> None:
    pod = POD.replace("name: http}", "name: http, hostPort: 80}")
    (door,) = of(pod).doors
    assert (str(door), door.number, door.protocol, door.is_direct) == ("Pod shop/web (host port)", 8080, "TCP", True)
    assert str(door.place).endswith(":2")


def test_an_endpoint_that_is_no_pod_is_no_door() -> None:
    slices = """
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
addressType: IPv4
metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}
endpoints: [{addresses: [198.51.100.7]}]
ports: [{name: web, port: 8080, protocol: TCP}]
"""
    assert hows(POD, BALANCER.replace("selector: {app: web}, ", ""), slices) == []


def test_pods_that_do_not_differ_are_one_door() -> None:
    deployment = """
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: shop, name: api}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: "registry.example/web:1", ports: [{containerPort: 8080, name: http}]}]}
"""
    assert hows(deployment, BALANCER) == ["Service shop/web (LoadBalancer)"]


def test_public_addresses_leave_out_what_the_internet_does_not_route() -> None:
    network = of(POD, POLICY.replace("RULE", "{from: [{ipBlock: {cidr: 192.168.0.0/16}}]}")).written
    assert all(not 0xC0A80000 <= each.first <= 0xC0A8FFFF for each in public_atoms(network, Family.V4))
    assert len(public_atoms(network, Family.V4)) == 2
    assert len(public_atoms(network, Family.V6)) == 1


def test_ranges_are_public_where_the_internet_routes_some_of_them() -> None:
    assert holds_public(("10.0.0.0-11.0.0.0",))
    assert holds_public(("10.0.0.0-10.0.0.9", "2a00::-2a00::9"))
    assert not holds_public(("10.0.0.0-10.255.255.255", "fe80::-fe80::9"))
    assert not holds_public(())
