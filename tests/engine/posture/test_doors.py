"""Which ways from outside count as open."""

from __future__ import annotations

import pytest
from tests.engine.posture.loading import context_of, load

from firedoor.adapters.manifests.source import load_text
from firedoor.algebra.cidrs import Family
from firedoor.engine.posture import Context
from firedoor.engine.posture.outside import is_reached, public_atoms

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


@pytest.mark.parametrize(("port", "told"), [("http", 1), ("web", 1), ("80", 0)])
def test_a_route_of_openshift_names_the_port_of_the_pods(port: str, told: int) -> None:
    found = hows(POD, SERVICE.replace("SPEC", "type: ClusterIP"), ROUTE.replace("PORT", port))
    assert found == ["Route shop/web"] * told


def test_a_route_of_the_mesh_leads_nobody_in() -> None:
    assert hows(POD, SERVICE.replace("SPEC", "type: ClusterIP"), MESH_ROUTE) == []


@pytest.mark.parametrize(
    ("rule", "direct", "routed"),
    [
        ("{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}", True, True),
        ("{from: [{ipBlock: {cidr: 8.8.8.0/24}}], ports: [{port: 8080}]}", True, True),
        ("{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}", False, True),
        ("{from: [{podSelector: {}}]}", False, True),
        ("{from: [{ipBlock: {cidr: 8.8.8.0/24}}], ports: [{port: 9090}]}", False, False),
    ],
)
def test_policies_must_let_through_a_public_address_or_for_a_controller_anybody(
    rule: str, direct: bool, routed: bool
) -> None:
    network = of(POD, POLICY.replace("RULE", rule)).written
    assert is_reached(network, 0, "TCP", 8080, is_direct=True) is direct
    assert is_reached(network, 0, "TCP", 8080, is_direct=False) is routed


def test_nothing_is_said_of_pods_that_an_unknown_policy_may_be_for() -> None:
    unknown = "apiVersion: example.com/v1\nkind: FancyNetworkPolicy\nmetadata: {namespace: shop, name: web}\n"
    network = context_of(load_text(f"{POD}\n---\n{unknown}")).written
    assert not is_reached(network, 0, "TCP", 8080, is_direct=True)


def test_a_pod_on_the_network_of_its_node_is_open_whatever_policies_say() -> None:
    host = POD.replace("spec: {", "spec: {hostNetwork: true, ").replace(
        ", ports: [{containerPort: 8080, name: http}]", ""
    )
    network = of(host, POLICY.replace("RULE", "")).written
    assert is_reached(network, 0, "TCP", 8080, is_direct=True)


def test_public_addresses_leave_out_what_the_internet_does_not_route() -> None:
    network = of(POD, POLICY.replace("RULE", "{from: [{ipBlock: {cidr: 192.168.0.0/16}}]}")).written
    assert all(not 0xC0A80000 <= each.first <= 0xC0A8FFFF for each in public_atoms(network, Family.V4))
    assert len(public_atoms(network, Family.V4)) == 2
    assert len(public_atoms(network, Family.V6)) == 1
