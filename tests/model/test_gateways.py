from __future__ import annotations

from typing import Any

import pytest

from firedoor.model.assembly import SnapshotBuilder, reference
from firedoor.model.decoding import decode
from firedoor.model.gateways import ControllerClass, Gateway, Listener, ReferenceGrant, VirtualService
from firedoor.model.places import NOWHERE
from firedoor.model.services import GatewayRoute
from firedoor.model.snapshot import Origin

GATEWAY_API, ISTIO = "gateway.networking.k8s.io/v1", "networking.istio.io/v1"


def read(api_version: str, kind: str, spec: Any, **metadata: Any) -> Any:
    document = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "a", **metadata}, "spec": spec}
    return decode(document, NOWHERE, "shop")


def test_a_gateway_has_a_class_and_listeners() -> None:
    listeners = [
        {"name": "web", "port": 80, "protocol": "HTTP"},
        {"name": "tls", "port": 443, "protocol": "TLS", "hostname": "a.example", "allowedRoutes": {
            "kinds": [{"kind": "TLSRoute"}],
            "namespaces": {"from": "Selector", "selector": {"matchLabels": {"team": "a"}}}}},
    ]  # fmt: skip
    found = read(GATEWAY_API, "Gateway", {"gatewayClassName": "envoy", "listeners": listeners})
    assert isinstance(found, Gateway)
    assert (found.group, found.class_name, found.full_name) == ("gateway.networking.k8s.io", "envoy", "shop/a")
    plain, tls = found.listeners
    assert (plain, plain.is_tls) == (Listener("web", 80, "HTTP"), False)
    assert (tls.hosts, tls.kinds, tls.namespaces, tls.is_tls) == (("a.example",), ("TLSRoute",), "Selector", True)
    assert tls.selector.matches({"team": "a"})


def test_gateways_of_two_apis_may_have_one_name() -> None:
    first = read(GATEWAY_API, "Gateway", {})
    second = read(ISTIO, "Gateway", {"selector": {"istio": "gate"}, "servers": [
        {"port": {"number": 443, "name": "https", "protocol": "HTTPS"}, "hosts": ["shop/a.example"]}]})  # fmt: skip
    assert (second.selector, second.listeners) == (
        {"istio": "gate"}, (Listener("https", 443, "HTTPS", ("shop/a.example",)),)
    )  # fmt: skip
    builder = SnapshotBuilder()
    builder.add(first)
    builder.add(second)
    snapshot = builder.build(Origin())
    assert (len(snapshot.gateways), snapshot.gaps) == (2, ())


def test_classes_name_their_controller() -> None:
    default = {"ingressclass.kubernetes.io/is-default-class": "true"}
    ingress = read("networking.k8s.io/v1", "IngressClass", {"controller": "x"}, annotations=default)
    gateway = read(GATEWAY_API, "GatewayClass", {"controllerName": "y"})
    assert isinstance(ingress, ControllerClass)
    assert (ingress.controller, ingress.is_default, ingress.metadata.namespace) == ("x", True, "")
    assert (gateway.controller, gateway.is_default, str(reference(gateway))) == ("y", False, "GatewayClass a")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("web", ("shop", "web", "80")),
        ("web.data.svc.cluster.local", ("data", "web", "80")),
        ("web.data.svc", ("", "web.data.svc", "80")),
        ("api.example.com", ("", "api.example.com", "80")),
    ],
)
def test_a_virtual_service_leads_to_services_by_host(host: str, expected: tuple[str, str, str]) -> None:
    route = {"route": [{"destination": {"host": host, "port": {"number": 80}}}]}
    found = read(ISTIO, "VirtualService", {"hosts": ["a"], "gateways": ["gate", "other/gate", "mesh"], "tcp": [route]})
    assert isinstance(found, VirtualService)
    (only,) = found.routes
    assert (only.backends, only.gateways, only.delegate) == ((expected,), ("shop/gate", "other/gate"), "")


def test_conditions_of_a_route_narrow_its_gateways() -> None:
    http = [
        {"match": [{"gateways": ["gate"]}, {"uri": {"exact": "/"}}], "delegate": {"name": "b", "namespace": "c"}},
        {"match": [{"gateways": ["mesh"]}]},
        {},
    ]
    found = read(ISTIO, "VirtualService", {"gateways": ["x/y"], "http": http, "exportTo": ["."]})
    assert [each.gateways for each in found.routes] == [("shop/gate", "x/y"), (), ("x/y",)]
    assert ([each.delegate for each in found.routes], found.export_to) == (["c/b", "", ""], (".",))


def test_a_grant_names_who_may_refer_to_which_services() -> None:
    spec = {
        "from": [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "namespace": "front"}],
        "to": [{"group": "", "kind": "Service", "name": "web"}, {"group": "", "kind": "Secret"}],
    }
    found = read("gateway.networking.k8s.io/v1beta1", "ReferenceGrant", spec)
    assert isinstance(found, ReferenceGrant)
    assert found.services == ("web",)
    assert found.allows("HTTPRoute", "front", "web")
    assert not found.allows("HTTPRoute", "front", "other")
    assert not found.allows("TCPRoute", "front", "web")


def test_routes_know_the_listeners_they_ask_for_and_what_is_no_service() -> None:
    spec = {
        "parentRefs": [{"name": "gate", "sectionName": "web", "port": 80}, {"name": "svc", "kind": "Service"}],
        "rules": [
            {"backendRefs": [{"name": "web", "port": 1}, {"name": "far", "kind": "ServiceImport", "group": "x"}]}
        ],
    }
    found = read(GATEWAY_API, "HTTPRoute", spec)
    assert isinstance(found, GatewayRoute)
    assert (found.parents, found.sections) == (("shop/gate",), (("web", 80),))
    assert (found.backends, found.others) == ((("shop", "web", "1"),), ("ServiceImport far",))


def test_an_openshift_route_may_have_more_backends_and_tls() -> None:
    spec = {"to": {"name": "web"}, "alternateBackends": [{"name": "b"}], "tls": {"termination": "edge"}}
    found = read("route.openshift.io/v1", "Route", spec)
    assert (found.backends, found.tls) == ((("shop", "web", ""), ("shop", "b", "")), True)


@pytest.mark.parametrize("kind", ["Gateway", "VirtualService", "ReferenceGrant", "GatewayClass", "HTTPRoute"])
@pytest.mark.parametrize("junk", [None, 7, "text", [1, "a", None], {"a": 1}])
def test_a_form_that_the_api_does_not_have_counts_as_absent(kind: str, junk: object) -> None:
    api = ISTIO if kind == "VirtualService" else GATEWAY_API
    keys = ("listeners", "gateways", "http", "hosts", "from", "to", "exportTo", "controllerName", "parentRefs", "rules")
    deep = {
        "listeners": [{"allowedRoutes": junk, "port": junk, "name": junk}],
        "http": [{"match": junk, "route": [{"destination": junk}], "delegate": junk}],
        "from": [{"kind": junk}],
        "parentRefs": [{"name": junk, "port": junk}],
    }
    for spec in (junk, dict.fromkeys(keys, junk), deep):
        assert read(api, kind, spec) is not None
