from __future__ import annotations

import pytest
from tests.engine.exposure.clusters import exposed, notes, only, pod, policy, replica, service

from firedoor.model.exposure import Exposure
from firedoor.model.verdicts import Verdict

WEB = pod("web", address="10.244.0.5")
BACKEND = service("web", "selector: {app: web}, ports: [{name: www, port: 80, targetPort: 8080}]")
NGINX = pod("nginx", "edge", labels="app.kubernetes.io/name: ingress-nginx", address="10.244.0.9")
FRONT = service(
    "front", "type: LoadBalancer, externalTrafficPolicy: Local, selector: {app.kubernetes.io/name: ingress-nginx}, "
    "ports: [{port: 443, targetPort: 8443}]", "edge",
)  # fmt: skip
INGRESS = """
{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: site, namespace: shop},
 spec: {ingressClassName: nginx, tls: [{hosts: [a.example]}], rules: [
   {host: a.example, http: {paths: [
     {path: /, pathType: Prefix, backend: {service: {name: web, port: {name: www}}}}]}},
   {host: b.example, http: {paths: [
     {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}}
"""
CLASS = """
{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: %s, annotations: {%s}},
 spec: {controller: %s}}
"""
EVERYONE = ("0.0.0.0-255.255.255.255",)


def by_ingress(*more: str, ingress: str = INGRESS) -> Exposure:
    (found,) = {each for each in exposed(WEB, BACKEND, ingress, *more) if each.door == "Ingress"}
    return found


def admits_edge(labels: str) -> str:
    return policy(
        f"podSelector: {{}}, ingress: [{{from: [{{namespaceSelector: {{}}, podSelector: {{matchLabels: {labels}}}}}]}}]"
    )


def test_an_ingress_is_a_chain_over_its_controller() -> None:
    found = by_ingress(NGINX, FRONT, admits_edge("{app.kubernetes.io/name: ingress-nginx}"))
    assert (found.verdict, found.arrival.accepted) == (Verdict.ACCEPTED, EVERYONE)
    assert (found.hosts, found.tls_hosts) == (("a.example", "b.example"), ("a.example",))
    assert [(each.src, each.dst, each.verdict) for each in found.hops] == [
        ("outside", "edge/nginx", Verdict.ACCEPTED),
        ("edge/nginx", "shop/web", Verdict.ACCEPTED),
    ]
    assert (str(found.backend), found.port, found.service) == ("shop/web", 8080, "shop/web")


def test_a_backend_that_does_not_admit_the_controller_is_denied() -> None:
    found = by_ingress(NGINX, FRONT, admits_edge("{app: other}"))
    assert (found.verdict, found.arrival.accepted, found.arrival.unknown) == (Verdict.DENIED, (), ())
    assert found.arrival.because == ("the policies between edge/nginx and the backend deny this port",)


def test_a_controller_that_may_not_send_denies_too() -> None:
    silent = policy("podSelector: {}, policyTypes: [Egress], egress: []", namespace="edge")
    assert by_ingress(NGINX, FRONT, silent).verdict is Verdict.DENIED


def test_only_those_whom_the_controller_admits_get_through() -> None:
    office = policy("podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 203.0.113.0/24}}]}]", namespace="edge")
    found = by_ingress(NGINX, FRONT, office)
    assert (found.verdict, found.arrival.accepted) == (Verdict.ACCEPTED, ("203.0.113.0-203.0.113.255",))
    closed = by_ingress(NGINX, FRONT, policy("podSelector: {}, ingress: []", namespace="edge"))
    assert (closed.verdict, closed.hops[0].verdict) == (Verdict.DENIED, Verdict.DENIED)
    assert closed.arrival.because == ("the policies of the pod accept no address outside on this port",)


def test_what_is_unknown_behind_the_controller_stays_unknown() -> None:
    unread = "{apiVersion: crd.antrea.io/v1beta1, kind: NetworkPolicy, metadata: {name: x, namespace: shop}, spec: {}}"
    found = by_ingress(NGINX, FRONT, unread)
    assert (found.verdict, found.arrival.accepted, found.arrival.unknown) == (Verdict.UNKNOWN, (), EVERYONE)
    assert "leave open whether they accept this port" in found.arrival.because[0]


def test_a_controller_that_nothing_exposes_leaves_it_open() -> None:
    found = by_ingress(NGINX)
    assert (found.verdict, found.hops[0].verdict) == (Verdict.UNKNOWN, Verdict.UNKNOWN)
    assert "for the pods of edge/nginx" in found.arrival.because[0]


@pytest.mark.parametrize(
    ("spec", "address"),
    [
        ("hostNetwork: true, containers: [{name: c, image: a}]", ""),
        ("hostNetwork: true, containers: [{name: c, image: a}]", "10.0.0.1"),
        ("containers: [{name: c, image: a, ports: [{containerPort: 80, hostPort: 80}, {containerPort: 81}]}]", ""),
    ],
)
def test_a_controller_on_a_port_of_its_node_needs_no_service(spec: str, address: str) -> None:
    nginx = pod("nginx", "edge", spec=spec, labels="app.kubernetes.io/name: ingress-nginx", address=address)
    found = by_ingress(nginx)
    assert (found.verdict, found.arrival.accepted) == (Verdict.ACCEPTED, EVERYONE)


def test_without_a_controller_only_a_free_backend_is_sure() -> None:
    free, guarded = by_ingress(), by_ingress(admits_edge("{app: x}"))
    assert (free.verdict, guarded.verdict) == (Verdict.ACCEPTED, Verdict.UNKNOWN)
    assert free.hops[0].dst == ""
    assert "no pod of a controller of class nginx" in guarded.arrival.because[0]
    unread = "{apiVersion: crd.antrea.io/v1beta1, kind: NetworkPolicy, metadata: {name: x, namespace: shop}, spec: {}}"
    assert by_ingress(unread).verdict is Verdict.UNKNOWN


def test_an_address_behind_an_unknown_controller_is_free() -> None:
    away = service("web", "ports: [{name: www, port: 80}]")
    piece = """
    {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4,
     metadata: {name: w, namespace: shop, labels: {kubernetes.io/service-name: web}},
     endpoints: [{addresses: [198.51.100.7]}], ports: [{name: www, port: 8080}]}
    """
    found = only(WEB, away, piece, INGRESS)
    assert (found.verdict, found.backend.ips) == (Verdict.ACCEPTED, "198.51.100.7-198.51.100.7")


def test_the_class_says_which_controller() -> None:
    named = INGRESS.replace("ingressClassName: nginx", "ingressClassName: inner")
    known = CLASS % ("inner", "", "k8s.io/ingress-nginx")
    foreign = CLASS % ("nginx", "", "example.com/own")
    assert by_ingress(NGINX, FRONT, known, ingress=named).verdict is Verdict.ACCEPTED
    assert "example.com/own" in by_ingress(NGINX, FRONT, foreign).arrival.because[0]


def test_an_ingress_without_a_class_has_the_default_one() -> None:
    bare = INGRESS.replace("ingressClassName: nginx, ", "")
    default = CLASS % ("nginx", "ingressclass.kubernetes.io/is-default-class: 'true'", "k8s.io/ingress-nginx")
    assert by_ingress(NGINX, FRONT, default, ingress=bare).hops[0].dst == "edge/nginx"
    assert "names no class" in by_ingress(NGINX, FRONT, ingress=bare).arrival.because[0]


def test_a_backend_that_is_not_there_is_noted() -> None:
    assert notes(WEB, NGINX, INGRESS) == [
        "Ingress shop/site: backend shop/web port www leads to no pod",
        "Ingress shop/site: backend shop/web port 80 leads to no pod",
    ]


def test_the_pod_that_gets_furthest_speaks_for_its_controller() -> None:
    pods = [replica("nginx", number, "edge", "app.kubernetes.io/name: ingress-nginx") for number in range(2)]
    one = policy("podSelector: {matchLabels: {n: '0'}}, policyTypes: [Egress], egress: []", namespace="edge")
    assert by_ingress(*pods, FRONT, one).verdict is Verdict.ACCEPTED


ROUTER = pod(
    "router", "openshift-ingress",
    labels="ingresscontroller.operator.openshift.io/deployment-ingresscontroller: default", address="10.244.0.9",
)  # fmt: skip
ROUTER_SERVICE = service(
    "router", "type: NodePort, externalTrafficPolicy: Local, ports: [{port: 80}], "
    "selector: {ingresscontroller.operator.openshift.io/deployment-ingresscontroller: default}", "openshift-ingress",
)  # fmt: skip


def openshift_route(port: str, tls: str = "") -> str:
    return (
        "{apiVersion: route.openshift.io/v1, kind: Route, metadata: {name: r, namespace: shop}, "
        f"spec: {{host: a.example, to: {{kind: Service, name: web}}{port}{tls}}}}}"
    )


@pytest.mark.parametrize("port", ["", ", port: {targetPort: www}", ", port: {targetPort: 8080}"])
def test_an_openshift_route_is_served_by_the_routers(port: str) -> None:
    (found,) = (
        each for each in exposed(WEB, BACKEND, ROUTER, ROUTER_SERVICE, openshift_route(port)) if each.door == "Route"
    )
    assert (found.verdict, found.port, found.hosts, found.tls_hosts) == (Verdict.ACCEPTED, 8080, ("a.example",), ())
    assert found.hops[0].dst == "openshift-ingress/router"


def test_an_openshift_route_needs_a_router_and_a_port_that_is_there() -> None:
    found = only(WEB, BACKEND, openshift_route("", ", tls: {termination: edge}"), admits_edge("{app: x}"))
    assert (found.verdict, found.tls_hosts) == (Verdict.UNKNOWN, ("a.example",))
    assert "no router pod" in found.arrival.because[0]
    assert notes(WEB, BACKEND, openshift_route(", port: {targetPort: 9}"))
