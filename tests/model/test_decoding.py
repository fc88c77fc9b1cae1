from __future__ import annotations

import msgspec
import pytest

from firedoor.model.decoding import api_group, decode, decode_json, has_pod_template
from firedoor.model.places import NOWHERE
from firedoor.model.services import GatewayRoute, IngressRoute
from firedoor.model.workloads import Namespace, Pod, Workload


def test_a_cluster_scoped_object_has_no_namespace_whatever_it_says() -> None:
    found = decode({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a", "namespace": "b"}}, NOWHERE, "x")
    assert isinstance(found, Namespace)
    assert found.metadata.namespace == ""


def test_an_object_without_a_namespace_is_put_into_the_given_one() -> None:
    found = decode({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}, NOWHERE, "shop")
    assert isinstance(found, Pod)
    assert found.metadata.namespace == "shop"


def test_json_bytes_and_documents_decode_alike() -> None:
    document = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "status": {"podIP": "10.0.0.1"}}
    assert decode_json(msgspec.json.encode(document), "", "Pod", NOWHERE, "shop") == decode(document, NOWHERE, "shop")


def test_json_with_nulls_is_left_to_the_general_way() -> None:
    assert decode_json(b'{"metadata":{"name":"a","labels":null}}', "", "Pod", NOWHERE, "shop") is None


def test_a_wrong_type_raises() -> None:
    with pytest.raises(msgspec.ValidationError):
        decode({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": 3}}, NOWHERE, "shop")


def test_a_custom_resource_with_a_pod_template_is_a_workload() -> None:
    document = {
        "apiVersion": "example.com/v1",
        "kind": "Rollout",
        "metadata": {"name": "a"},
        "spec": {"template": {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": []}}},
    }
    found = decode(document, NOWHERE, "shop")
    assert isinstance(found, Workload)
    assert (found.kind, found.template.metadata.labels) == ("Rollout", {"app": "a"})
    assert not has_pod_template({"spec": {"template": []}})
    assert decode({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}, NOWHERE, "shop") is None


def test_an_ingress_is_reduced_to_hosts_and_backends() -> None:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    document = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "a", "annotations": {"kubernetes.io/ingress.class": "nginx"}},
        "spec": {
            "defaultBackend": {"resource": {"kind": "Bucket", "name": "x"}},
            "tls": [{"hosts": ["a.example"]}],
            "rules": [{"host": "a.example", "http": {"paths": [{"backend": backend}, {"backend": backend}]}}, {}],
        },
    }
    found = decode(document, NOWHERE, "shop")
    assert isinstance(found, IngressRoute)
    assert (found.class_name, found.hosts, found.tls_hosts) == ("nginx", ("a.example", "*"), ("a.example",))
    assert found.backends == (("web", "80"),)


@pytest.mark.parametrize(
    ("tls", "for_all"),
    [([], False), ([{"hosts": ["a.example"]}], False), ([{"hosts": ["a"]}, {"secretName": "s"}], True)],
)
def test_an_ingress_may_have_a_default_backend_and_tls_for_all(tls: list[dict[str, object]], for_all: bool) -> None:
    backend = {"service": {"name": "web", "port": {"name": "http"}}}
    spec = {"defaultBackend": backend, "tls": tls}
    document = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "a"}, "spec": spec}
    found = decode(document, NOWHERE, "shop")
    assert isinstance(found, IngressRoute)
    assert (found.default_backend, found.backends) == (("web", "http"), (("web", "http"),))
    assert found.has_tls_for_all is for_all


def test_a_gateway_route_names_its_parents_and_backends() -> None:
    spec = {
        "parentRefs": [{"name": "gate", "namespace": "infra"}],
        "hostnames": ["a.example"],
        "rules": [{"backendRefs": [{"name": "web", "port": 8080}]}],
    }
    document = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": "a"},
        "spec": spec,
    }
    found = decode(document, NOWHERE, "shop")
    assert isinstance(found, GatewayRoute)
    assert (found.parents, found.hostnames) == (("infra/gate",), ("a.example",))
    assert found.backends == (("shop", "web", "8080"),)


def test_an_openshift_route_names_its_service() -> None:
    spec = {"host": "a.example", "to": {"kind": "Service", "name": "web"}, "port": {"targetPort": "http"}}
    document = {"apiVersion": "route.openshift.io/v1", "kind": "Route", "metadata": {"name": "a"}, "spec": spec}
    found = decode(document, NOWHERE, "shop")
    assert isinstance(found, GatewayRoute)
    assert found.backends == (("shop", "web", "http"),)


def test_the_core_group_is_empty() -> None:
    assert (api_group("v1"), api_group("apps/v1")) == ("", "apps")
