from __future__ import annotations

import pytest
from tests.engine.exposure.clusters import exposed, notes, only, pod, policy, service

from firedoor.model.verdicts import Verdict

WEB = pod("web", address="10.244.0.5")
BACKEND = service("web", "selector: {app: web}, ports: [{port: 80, targetPort: 8080}]")
GATE = pod("gate", "infra", labels="gateway.networking.k8s.io/gateway-name: gate", address="10.244.0.9")
GATE_SERVICE = service(
    "gate", "type: LoadBalancer, externalTrafficPolicy: Local, ports: [{port: 443}], "
    "selector: {gateway.networking.k8s.io/gateway-name: gate}", "infra",
)  # fmt: skip
SHOP = "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: a}}}"


def gateway(listener: str, class_name: str = "envoy") -> str:
    return (
        "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: gate, namespace: infra}, "
        f"spec: {{gatewayClassName: {class_name}, listeners: [{{name: web, port: 443, {listener}}}]}}}}"
    )


ALL = "allowedRoutes: {namespaces: {from: All}}"
SOME = "allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {team: %s}}}}"
OPEN = gateway(f"protocol: HTTPS, {ALL}")


def route(
    kind: str = "HTTPRoute",
    namespace: str = "shop",
    backend: str = "name: web, port: 80",
    ref: str = "",
    hosts: str = "a.example",
) -> str:
    return (
        f"{{apiVersion: gateway.networking.k8s.io/v1, kind: {kind}, metadata: {{name: r, namespace: {namespace}}}, "
        f"spec: {{parentRefs: [{{name: gate, namespace: infra{ref}}}], hostnames: [{hosts}], "
        f"rules: [{{backendRefs: [{{{backend}}}]}}]}}}}"
    )


def chain(*documents: str) -> list[str]:
    return [
        " ".join((each.hops[0].dst, str(each.verdict), *each.hosts))
        for each in exposed(WEB, BACKEND, GATE, GATE_SERVICE, SHOP, *documents)
        if each.hops
    ]


def test_a_route_is_served_by_the_pods_made_for_its_gateway() -> None:
    (found,) = (each for each in exposed(WEB, BACKEND, GATE, GATE_SERVICE, OPEN, route()) if each.hops)
    assert (found.verdict, found.door, found.hosts, found.tls_hosts) == (
        Verdict.ACCEPTED, "HTTPRoute", ("a.example",), ("a.example",)
    )  # fmt: skip
    denied = policy("podSelector: {}, ingress: [{from: [{podSelector: {}}]}]")
    assert chain(OPEN, route(), denied) == ["infra/gate denied a.example"]


@pytest.mark.parametrize(
    ("listener", "kind", "is_attached"),
    [
        (f"protocol: HTTP, {ALL}", "HTTPRoute", True),
        (f"protocol: HTTP, {ALL}", "GRPCRoute", True),
        (f"protocol: HTTP, {ALL}", "TCPRoute", False),
        (f"protocol: TCP, {ALL}", "TCPRoute", True),
        (f"protocol: TLS, {ALL}", "TLSRoute", True),
        (f"protocol: UDP, {ALL}", "UDPRoute", True),
        (f"protocol: example.com/own, {ALL}", "UDPRoute", True),
        ("protocol: HTTP", "HTTPRoute", False),
        ("protocol: HTTP, allowedRoutes: {namespaces: {from: None}}", "HTTPRoute", False),
        (f"protocol: HTTP, {SOME % 'a'}", "HTTPRoute", True),
        (f"protocol: HTTP, {SOME % 'b'}", "HTTPRoute", False),
        ("protocol: HTTP, allowedRoutes: {kinds: [{kind: GRPCRoute}], namespaces: {from: All}}", "HTTPRoute", False),
        (f"protocol: HTTP, hostname: b.example, {ALL}", "HTTPRoute", False),
        (f"protocol: HTTP, hostname: '*.example', {ALL}", "HTTPRoute", True),
    ],
)  # fmt: skip
def test_a_listener_admits_routes_by_kind_namespace_and_host(listener: str, kind: str, is_attached: bool) -> None:
    documents = (gateway(listener), route(kind))
    assert chain(*documents) == (["infra/gate accepted a.example"] if is_attached else [])
    refused = [f"{kind} shop/r is not attached to Gateway infra/gate: no listener admits it"]
    assert notes(WEB, BACKEND, SHOP, *documents) == ([] if is_attached else refused)


@pytest.mark.parametrize(
    ("ref", "is_attached"),
    [(", sectionName: web", True), (", sectionName: x", False), (", port: 443", True), (", port: 80", False)],
)
def test_a_route_may_ask_for_one_listener(ref: str, is_attached: bool) -> None:
    assert bool(chain(OPEN, route(ref=ref))) is is_attached


def test_hosts_are_those_that_both_sides_have() -> None:
    wide = gateway(f"protocol: HTTP, hostname: a.example.org, {ALL}")
    assert chain(wide, route(hosts="'*.example.org'")) == ["infra/gate accepted a.example.org"]
    assert chain(wide, route(hosts="'*.a.example.org'")) == []
    assert chain(wide, route(hosts="")) == ["infra/gate accepted a.example.org"]
    assert chain(OPEN, route(hosts="")) == ["infra/gate accepted *"]


def test_a_backend_in_another_namespace_needs_a_reference_grant() -> None:
    away = route(namespace="front", backend="name: web, namespace: shop, port: 80")
    grant = """
    {apiVersion: gateway.networking.k8s.io/v1beta1, kind: ReferenceGrant, metadata: {name: g, namespace: shop},
     spec: {from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: %s}],
            to: [{group: '', kind: Service%s}]}}
    """
    assert chain(OPEN, away) == []
    assert "HTTPRoute front/r may not lead to Service shop/web: no ReferenceGrant there allows it" in notes(
        WEB, BACKEND, OPEN, away
    )
    assert chain(OPEN, away, grant % ("front", "")) == ["infra/gate accepted a.example"]
    assert chain(OPEN, away, grant % ("front", ", name: web")) == ["infra/gate accepted a.example"]
    assert chain(OPEN, away, grant % ("front", ", name: other")) == []
    assert chain(OPEN, away, grant % ("other", "")) == []


def test_pods_of_a_gateway_class_serve_where_none_is_made_for_the_gateway() -> None:
    traefik = pod("traefik", "edge", labels="app.kubernetes.io/name: traefik")
    known = """
    {apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: t},
     spec: {controllerName: traefik.io/gateway-controller}}
    """
    open_ = gateway(f"protocol: HTTP, {ALL}", "t")
    found = only(WEB, BACKEND, traefik, known, open_, route())
    assert found.hops[0].dst == "edge/traefik"
    nobody = only(WEB, BACKEND, known, open_, route())
    assert "no pod of Gateway infra/gate or of a controller of class t is known" in nobody.arrival.because


def test_envoy_gateway_names_the_owner_in_labels_of_its_own() -> None:
    labels = "gateway.envoyproxy.io/owning-gateway-name: gate, gateway.envoyproxy.io/owning-gateway-namespace: infra"
    proxy = pod("proxy", "envoy-gateway-system", labels=labels)
    assert only(WEB, BACKEND, proxy, OPEN, route()).hops[0].dst == "envoy-gateway-system/proxy"


def test_a_gateway_that_is_not_known_leaves_open_who_serves() -> None:
    found = only(WEB, BACKEND, route(), policy("podSelector: {}, ingress: []"))
    assert (found.verdict, found.arrival.because[0]) == (Verdict.UNKNOWN, "Gateway infra/gate is not known")
    assert only(WEB, BACKEND, route(hosts="")).hosts == ("*",)


def test_a_parent_that_is_a_service_leads_nobody_in_and_other_backends_are_noted() -> None:
    assert chain(OPEN, route(ref=", kind: Service, group: ''")) == []
    other = route(backend="kind: ServiceImport, group: multicluster.x-k8s.io, name: far")
    assert notes(WEB, OPEN, other) == ["HTTPRoute shop/r: backend ServiceImport far is no Service and is not evaluated"]


ISTIO_GATE = pod("gate", "istio-system", labels="istio: ingressgateway", address="10.244.0.9")
ISTIO_SERVICE = service(
    "gate", "type: LoadBalancer, externalTrafficPolicy: Local, ports: [{port: 443}], selector: {istio: ingressgateway}",
    "istio-system",
)  # fmt: skip


def istio_gateway(hosts: str = "'*'", selector: str = "{istio: ingressgateway}") -> str:
    return (
        "{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: gate, namespace: shop}, "
        f"spec: {{selector: {selector}, servers: [{{port: {{number: 443, name: https, protocol: HTTPS}}, "
        f"hosts: [{hosts}]}}]}}}}"
    )


def virtual(
    spec: str = "", http: str = "route: [{destination: {host: web, port: {number: 80}}}]", name: str = "v"
) -> str:
    return (
        f"{{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {{name: {name}, namespace: shop}}, "
        f"spec: {{hosts: [a.example], {spec or 'gateways: [gate]'}, http: [{{{http}}}]}}}}"
    )


def istio(*documents: str) -> list[str]:
    return [
        " ".join((each.hops[0].dst or "?", str(each.verdict), *each.hosts))
        for each in exposed(WEB, BACKEND, ISTIO_GATE, ISTIO_SERVICE, *documents)
        if each.hops
    ]


def test_a_virtual_service_is_served_by_the_pods_that_its_gateway_selects() -> None:
    assert istio(istio_gateway(), virtual()) == ["istio-system/gate accepted a.example"]
    assert istio(istio_gateway(), virtual(), policy("podSelector: {}, ingress: []")) == [
        "istio-system/gate denied a.example"
    ]


@pytest.mark.parametrize(
    ("hosts", "is_attached"),
    [
        ("a.example", True),
        ("'*.example'", True),
        ("b.example", False),
        ("shop/a.example", True),
        ("other/a.example", False),
        ("'./a.example'", True),
        ("'*/*'", True),
    ],
)
def test_a_server_takes_virtual_services_by_host_and_namespace(hosts: str, is_attached: bool) -> None:
    documents = (istio_gateway(hosts), virtual())
    assert istio(*documents) == (["istio-system/gate accepted a.example"] if is_attached else [])
    refused = ["VirtualService shop/v is not attached to Gateway shop/gate: no server has a host of it"]
    assert notes(WEB, BACKEND, *documents) == ([] if is_attached else refused)


def test_a_virtual_service_of_the_mesh_alone_exposes_nothing() -> None:
    assert istio(istio_gateway(), virtual("gateways: [mesh]")) == []
    assert istio(istio_gateway(), virtual("exportTo: ['*']")) == []
    mesh_only = "match: [{gateways: [mesh]}], route: [{destination: {host: web}}]"
    assert istio(istio_gateway(), virtual("gateways: [gate, mesh]", mesh_only)) == []


def test_a_delegate_brings_the_backends_of_its_routes() -> None:
    root = virtual(http="delegate: {name: leaf}")
    leaf = (
        "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: leaf, namespace: shop}, "
        "spec: {http: [{route: [{destination: {host: web.shop.svc.cluster.local}}]}]}}"
    )
    assert istio(istio_gateway(), root, leaf) == ["istio-system/gate accepted a.example"]
    assert istio(istio_gateway(), root) == []


def test_export_decides_which_gateway_pods_know_it() -> None:
    guarded = policy("podSelector: {}, ingress: []")
    assert istio(istio_gateway(), virtual("gateways: [shop/gate], exportTo: [istio-system]"), guarded) == [
        "istio-system/gate denied a.example"
    ]
    assert istio(istio_gateway(), virtual("gateways: [gate], exportTo: ['.']"), guarded) == ["? unknown a.example"]


def test_istio_gateways_that_are_unknown_or_select_everything_leave_it_open() -> None:
    guarded = policy("podSelector: {}, ingress: []")
    assert istio(virtual(), guarded) == ["? unknown a.example"]
    assert istio(istio_gateway(selector="{}"), virtual(), guarded) == ["? unknown a.example"]


def test_a_host_that_is_no_service_is_noted() -> None:
    away = virtual(http="route: [{destination: {host: api.example.com}}]")
    assert notes(WEB, istio_gateway(), away) == [
        "VirtualService shop/v: backend api.example.com port any leads to no pod"
    ]
