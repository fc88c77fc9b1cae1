from __future__ import annotations

import pytest
from tests.engine.synth.making import deployment, network

from firedoor.engine.synth.basis_manifests import basis_from_manifests
from firedoor.model.generation import Basis

SERVICE = """
---
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: {namespace}}}
spec: {{{spec}ports: [{ports}]{selector}}}
"""


def service(name: str, ports: str, app: str = "", *, namespace: str = "shop", spec: str = "") -> str:
    selector = f", selector: {{app: {app}}}" if app else ""
    return SERVICE.format(name=name, namespace=namespace, ports=ports, selector=selector, spec=spec)


def env(*variables: tuple[str, str]) -> str:
    return ", env: [" + ", ".join(f'{{name: {name}, value: "{value}"}}' for name, value in variables) + "]"


DB = deployment("db", "app: db", namespace="data", pod=", ports: [{containerPort: 15432, name: sql}]")
DB_SERVICE = service("db", "{port: 5432, targetPort: sql}", "db", namespace="data")


def basis(*texts: str) -> Basis:
    return basis_from_manifests(network("".join(texts)))


def needs(*texts: str) -> list[str]:
    return list(map(str, basis(*texts).needs))


TO_DB = "Deployment shop/web -> Deployment data/db TCP/15432"


@pytest.mark.parametrize(
    "pod",
    [
        env(("DB_URL", "postgres://user:pw@db.data/shop")),
        env(("DB", "db.data.svc:5432")),
        env(("DB", "db.data.svc.cluster.local")),
        env(("DB_HOST", "db.data"), ("DB_PORT", "5432")),
        ", args: [--db, 'db.data:5432']",
        ", command: [sh, -c, 'serve --db=db.data:5432']",
        env(("DB", "db-0.db.data.svc:5432")),
    ],
)
def test_a_service_is_known_by_every_name_that_a_pod_can_use_and_leads_to_target_ports(pod: str) -> None:
    assert needs(deployment("web", "app: web", pod=pod), DB, DB_SERVICE) == [TO_DB]


def test_the_place_is_that_of_the_variable() -> None:
    text = deployment("web", "app: web", pod=env(("A", "b"), ("DB", "db.data:5432")))
    (found,) = basis(text, DB, DB_SERVICE).needs[0].evidence
    assert (found.text, found.place) == ("container main, env[1] names db.data:5432", "<stdin>:11")


def test_a_service_of_the_own_namespace_needs_no_namespace() -> None:
    web = deployment("web", "app: web", pod=env(("CACHE_HOST", "cache"), ("API", "$(API_SERVICE_HOST)")))
    text = deployment("cache", "app: cache") + service("cache", "{port: 80}, {port: 81, protocol: UDP}", "cache")
    text += deployment("api", "app: api") + service("api", "{port: 8080}", "api")
    assert needs(web, text) == [
        "Deployment shop/web -> Deployment shop/api TCP/8080",
        "Deployment shop/web -> Deployment shop/cache TCP/80",
        "Deployment shop/web -> Deployment shop/cache UDP/81",
    ]


def test_a_headless_service_leads_to_the_port_that_is_asked_for() -> None:
    headless = service("db", "{port: 5432, protocol: UDP}", "db", namespace="data", spec="clusterIP: None, ")
    web = deployment("web", "app: web", pod=env(("A", "db.data:7000"), ("B", "db.data.svc"), ("C", "db.data:5432")))
    assert needs(web, DB, headless) == [
        "Deployment shop/web -> Deployment data/db TCP/7000",
        "Deployment shop/web -> Deployment data/db UDP/5432",
    ]


def test_a_service_without_selector_leads_to_the_addresses_of_its_slices() -> None:
    outside = (
        service("legacy", "{port: 80}")
        + """
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: legacy-1, namespace: shop, labels: {kubernetes.io/service-name: legacy}}
addressType: IPv4
ports: [{port: 8080, protocol: TCP}]
endpoints: [{addresses: [203.0.113.4]}]
"""
    )
    web = deployment("web", "app: web", pod=env(("LEGACY", "legacy:80")))
    assert needs(web, outside) == ["Deployment shop/web -> 203.0.113.4/32 TCP/8080"]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("https://api.example.com/v1", "it is a name of the outside, of which manifests tell no address"),
        ("db.data:1", "the Service has no pods with that port"),
        ("queue:5672", "no Service of that name is in the source"),
    ],
)
def test_names_that_lead_nowhere_are_told(value: str, why: str) -> None:
    found = basis(deployment("web", "app: web", pod=env(("A", value))), DB, DB_SERVICE)
    assert found.needs == ()
    assert [each.why.partition(" (")[0] for each in found.left_out] == [why]


INGRESS = """
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front, namespace: data}
spec: {ingressClassName: nginx, defaultBackend: {service: {name: db, port: {number: 5432}}}}
"""
CONTROLLER = deployment(
    "controller", "app.kubernetes.io/name: ingress-nginx, app.kubernetes.io/component: controller", namespace="ingress"
)


def test_the_pods_of_an_ingress_controller_connect_to_its_backends() -> None:
    found = basis(CONTROLLER, INGRESS, DB, DB_SERVICE)
    assert list(map(str, found.needs)) == ["Deployment ingress/controller -> Deployment data/db TCP/15432"]
    assert found.needs[0].evidence[0].text == "backend of Ingress data/front"


def test_an_ingress_whose_controller_is_not_known_is_told() -> None:
    (left,) = basis(INGRESS, DB, DB_SERVICE).left_out
    assert left.what == "Ingress data/front -> its backends"
    assert "no pod of a controller of class nginx" in left.why


def test_a_route_of_openshift_names_the_port_of_the_pod() -> None:
    route = """
---
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: front, namespace: data}
spec: {host: a.example, to: {kind: Service, name: db}, port: {targetPort: PORT}}
"""
    router = deployment("router", "app: router", namespace="openshift-ingress")
    expected = ["Deployment openshift-ingress/router -> Deployment data/db TCP/15432"]
    for port, found in (("15432", expected), ("sql", []), ("5432", [])):
        assert needs(router, route.replace("PORT", port), DB, DB_SERVICE) == found


def test_a_service_that_is_open_to_the_outside_is_connected_to_from_outside() -> None:
    web = deployment("web", "app: web")
    opened = service("web", "{port: 80, targetPort: 8080}", "web", spec="type: LoadBalancer, ")
    nothing = service("none", "{port: 80}", "none", spec="type: NodePort, ")
    assert needs(web, opened, nothing) == ["0.0.0.0/0 -> Deployment shop/web TCP/8080"]
    some = service("web", "{port: 80}", "web", spec="type: LoadBalancer, loadBalancerSourceRanges: [198.51.100.0/24], ")
    assert needs(web, some) == ["198.51.100.0/24 -> Deployment shop/web TCP/80"]


def test_an_open_service_that_leads_outside_again_is_nobodys_need() -> None:
    text = (
        service("legacy", "{port: 80}", spec="type: NodePort, ")
        + """
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: legacy-1, namespace: shop, labels: {kubernetes.io/service-name: legacy}}
addressType: IPv4
ports: [{port: 8080, protocol: TCP}]
endpoints: [{addresses: [203.0.113.4]}]
"""
    )
    assert needs(deployment("web", "app: web"), text) == []


def scraped(annotations: str, ports: str = "") -> str:
    text = deployment("web", "app: web", pod=ports)
    return text.replace("metadata: {labels", f"metadata: {{annotations: {{{annotations}}}, labels")


PROMETHEUS = deployment("prometheus", "app.kubernetes.io/name: prometheus", namespace="monitoring")
IMAGE = deployment("scraper", "app: s", namespace="monitoring").replace(
    "example.test/scraper:1", "quay.io/prom/prometheus:v3"
)


@pytest.mark.parametrize(
    ("pod", "port"),
    [
        (scraped('prometheus.io/scrape: "true", prometheus.io/port: "9102"'), 9102),
        (
            scraped(
                'prometheus.io/scrape: "true"', ", ports: [{containerPort: 9000}, {containerPort: 53, protocol: UDP}]"
            ),
            9000,
        ),
    ],
)
@pytest.mark.parametrize("prometheus", [PROMETHEUS, IMAGE])
def test_prometheus_connects_to_what_is_annotated_for_it(pod: str, port: int, prometheus: str) -> None:
    name = "prometheus" if prometheus is PROMETHEUS else "scraper"
    assert needs(pod, prometheus) == [f"Deployment monitoring/{name} -> Deployment shop/web TCP/{port}"]


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        ((scraped('prometheus.io/scrape: "true", prometheus.io/port: "1"'),), "no pod of Prometheus is in the source"),
        ((scraped('prometheus.io/scrape: "true", prometheus.io/port: "x"'), PROMETHEUS), "it names no port"),
        ((scraped('prometheus.io/scrape: "true"'), PROMETHEUS), "it names no port and declares none"),
    ],
)
def test_what_cannot_be_scraped_is_told(texts: tuple[str, ...], why: str) -> None:
    (left,) = basis(*texts).left_out
    assert why in left.why


def test_what_is_not_read_is_said() -> None:
    (note,) = basis(DB).notes
    assert "Secrets are not read" in note


def test_a_workload_is_read_once_however_many_pods_it_has() -> None:
    pods = "".join(
        f"""
---
apiVersion: v1
kind: Pod
metadata:
  name: web-{number}
  namespace: shop
  labels: {{app: web}}
  ownerReferences: [{{apiVersion: apps/v1, kind: Deployment, name: web, controller: true, uid: u}}]
spec: {{containers: [{{name: main, image: i, env: [{{name: DB, value: "db.data:5432"}}]}}]}}
status: {{phase: Running}}
"""
        for number in (1, 2)
    )
    (found,) = basis(deployment("web", "app: web"), pods, DB, DB_SERVICE).needs
    assert len(found.evidence) == 1
