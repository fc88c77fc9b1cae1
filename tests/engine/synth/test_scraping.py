from __future__ import annotations

import pytest
from tests.engine.synth.making import deployment
from tests.engine.synth.test_basis_manifests import basis, needs, service

PORTS = (
    ", ports: [{containerPort: 8080, name: web}, {containerPort: 9090, name: metrics}, "
    "{containerPort: 53, protocol: UDP}]"
)
WEB = deployment("web", "app: web", pod=PORTS)
SERVICE = service("web", "{name: http, port: 80, targetPort: web}, {name: m, port: 90, targetPort: metrics}", "web")
LABELLED = SERVICE.replace("namespace: shop}", "namespace: shop, labels: {team: a}}")

MONITOR = """
---
apiVersion: monitoring.coreos.com/v1
kind: {kind}
metadata: {{name: web, namespace: {namespace}, labels: {{release: one}}}}
spec: {{selector: {{matchLabels: {{{label}}}}}{rest}}}
"""
PROMETHEUS = """
---
apiVersion: monitoring.coreos.com/{version}
kind: {kind}
metadata: {{name: main, namespace: monitoring}}
spec: {{{spec}}}
"""
MADE = """
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: prometheus-main, namespace: monitoring{owner}}}
spec:
  selector: {{}}
  template:
    metadata: {{labels: {{{labels}}}}}
    spec: {{containers: [{{name: prometheus, image: "quay.io/prometheus/prometheus:v3"}}]}}
"""
BY_LABELS = MADE.format(owner="", labels="app.kubernetes.io/name: prometheus, operator.prometheus.io/name: main")
OLD = MADE.format(owner="", labels="prometheus: main")
OWNER = (
    ", ownerReferences: [{apiVersion: monitoring.coreos.com/v1, kind: Prometheus, name: main, uid: u, "
    "controller: true}]"
)
LIVE = (
    MADE.format(owner=OWNER, labels="app.kubernetes.io/name: prometheus")
    + """
---
apiVersion: v1
kind: Pod
metadata:
  name: prometheus-main-0
  namespace: monitoring
  labels: {app.kubernetes.io/name: prometheus}
  ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: prometheus-main, uid: s, controller: true}]
spec: {containers: [{name: prometheus, image: x}]}
status: {phase: Running}
"""
)
TAKES_ALL = (
    "serviceMonitorSelector: {}, podMonitorSelector: {}, serviceMonitorNamespaceSelector: {}, "
    "podMonitorNamespaceSelector: {}"
)


def monitor(rest: str, kind: str = "ServiceMonitor", label: str = "team: a", namespace: str = "shop") -> str:
    return MONITOR.format(kind=kind, namespace=namespace, label=label, rest=f", {rest}" if rest else "")


def prometheus(spec: str = TAKES_ALL, kind: str = "Prometheus") -> str:
    return PROMETHEUS.format(version="v1" if kind == "Prometheus" else "v1alpha1", kind=kind, spec=spec)


ALL = (WEB, LABELLED, BY_LABELS)
FROM = "StatefulSet monitoring/prometheus-main"


def to(*ports: int, source: str = FROM) -> list[str]:
    return [f"{source} -> Deployment shop/web TCP/{port}" for port in ports]


@pytest.mark.parametrize(
    ("endpoint", "ports"),
    [
        ("{port: m}", (9090,)),
        ("{port: http}", (8080,)),
        ("{port: metrics}", ()),
        ("{targetPort: metrics}", (9090,)),
        ("{targetPort: 8080}", (8080,)),
        ("{targetPort: 7070}", ()),
        ("{port: m, targetPort: web}", (9090,)),
        ("{}", (8080, 9090)),
        ("{port: m}, {port: http}", (8080, 9090)),
    ],
)
def test_a_service_monitor_names_ports_of_services_or_of_the_pods_behind_them(
    endpoint: str, ports: tuple[int, ...]
) -> None:
    assert needs(*ALL, monitor(f"endpoints: [{endpoint}]"), prometheus()) == to(*ports)


@pytest.mark.parametrize(
    ("endpoint", "ports"),
    [
        ("{port: metrics}", (9090,)),
        ("{portNumber: 8080}", (8080,)),
        ("{portNumber: 7070}", ()),
        ("{targetPort: web}", (8080,)),
        ("{}", (8080, 9090)),
    ],
)
def test_a_pod_monitor_names_ports_that_pods_declare(endpoint: str, ports: tuple[int, ...]) -> None:
    text = monitor(f"podMetricsEndpoints: [{endpoint}]", "PodMonitor", "app: web")
    assert needs(WEB, BY_LABELS, text, prometheus()) == to(*ports)


@pytest.mark.parametrize(
    ("where", "namespace", "found"),
    [
        ("", "shop", True),
        ("", "monitoring", False),
        (", namespaceSelector: {any: true}", "monitoring", True),
        (", namespaceSelector: {matchNames: [shop]}", "monitoring", True),
        (", namespaceSelector: {matchNames: [other]}", "shop", False),
    ],
)
def test_a_monitor_looks_in_its_own_namespace_or_in_those_that_it_names(
    where: str, namespace: str, found: bool
) -> None:
    text = monitor(f"endpoints: [{{port: m}}]{where}", namespace=namespace)
    assert needs(*ALL, text, prometheus()) == (to(9090) if found else [])
    own_only = needs(*ALL, text, prometheus(f"ignoreNamespaceSelectors: true, {TAKES_ALL}"))
    assert own_only == (to(9090) if namespace == "shop" else [])


NAMESPACE = "\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {watched: 'yes'}}\n"


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ("", False),
        ("serviceMonitorSelector: {}", False),
        ("serviceMonitorSelector: {}, serviceMonitorNamespaceSelector: {}", True),
        ("serviceMonitorSelector: {matchLabels: {release: one}}, serviceMonitorNamespaceSelector: {}", True),
        ("serviceMonitorSelector: {matchLabels: {release: two}}, serviceMonitorNamespaceSelector: {}", False),
        ("serviceMonitorSelector: {}, serviceMonitorNamespaceSelector: {matchLabels: {watched: 'yes'}}", True),
        ("serviceMonitorSelector: {}, serviceMonitorNamespaceSelector: {matchLabels: {watched: 'no'}}", False),
        ("podMonitorSelector: {}, podMonitorNamespaceSelector: {}", False),
    ],
)
def test_prometheus_takes_monitors_by_their_labels_and_those_of_their_namespaces(spec: str, found: bool) -> None:
    told = basis(*ALL, NAMESPACE, monitor("endpoints: [{port: m}]"), prometheus(spec))
    assert list(map(str, told.needs)) == (to(9090) if found else [])
    whys = [each.why.partition(" (")[0] for each in told.left_out]
    assert whys == ([] if found else ["no Prometheus in the source takes it by its labels and namespace"])


def test_monitors_of_its_own_namespace_need_no_namespace_selector() -> None:
    text = monitor("endpoints: [{port: m}], namespaceSelector: {any: true}", namespace="monitoring")
    assert needs(*ALL, text, prometheus("serviceMonitorSelector: {}")) == to(9090)


@pytest.mark.parametrize(("made", "source"), [(BY_LABELS, FROM), (OLD, FROM), (LIVE, "Prometheus monitoring/main")])
def test_the_pods_of_a_prometheus_are_known_by_labels_or_by_their_owner(made: str, source: str) -> None:
    found = basis(WEB, LABELLED, made, monitor("endpoints: [{port: m}]"), prometheus())
    assert list(map(str, found.needs)) == to(9090, source=source)
    (evidence,) = found.needs[0].evidence
    assert evidence.text == "ServiceMonitor shop/web, taken by Prometheus monitoring/main"


def test_an_agent_has_pods_of_its_own() -> None:
    agent = MADE.format(owner="", labels="app.kubernetes.io/name: prometheus-agent, operator.prometheus.io/name: main")
    texts = (WEB, LABELLED, agent, monitor("endpoints: [{port: m}]"), prometheus(kind="PrometheusAgent"))
    assert needs(*texts) == to(9090)
    assert needs(*texts[:2], BY_LABELS, *texts[3:]) == []


def test_pods_and_targets_that_are_not_there_are_told() -> None:
    (left,) = basis(WEB, LABELLED, monitor("endpoints: [{port: m}]"), prometheus()).left_out
    assert left.what == "Prometheus monitoring/main -> targets of ServiceMonitor shop/web"
    assert "the pods that the operator makes for it are not in the source" in left.why
    (left,) = basis(*ALL, monitor("endpoints: [{port: none}]"), prometheus()).left_out
    assert "it selects no ports of pods in the source" in left.why


def test_targets_of_the_outside_and_of_nodes_are_addresses() -> None:
    nodes = """
---
apiVersion: v1
kind: Node
metadata: {name: one}
status: {addresses: [{type: InternalIP, address: 192.0.2.1}]}
---
apiVersion: v1
kind: Service
metadata: {name: kubelet, namespace: shop, labels: {team: a}}
spec: {clusterIP: None, ports: [{name: m, port: 10250}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: kubelet-1, namespace: shop, labels: {kubernetes.io/service-name: kubelet}}
addressType: IPv4
ports: [{name: m, port: 10250, protocol: TCP}]
endpoints: [{addresses: [192.0.2.1]}, {addresses: [198.51.100.1]}]
"""
    texts = (nodes, BY_LABELS, prometheus())
    expected = [f"{FROM} -> {each} TCP/10250" for each in ("198.51.100.1/32", "node one")]
    assert needs(*texts, monitor("endpoints: [{port: m}]")) == expected
    assert needs(*texts, monitor("endpoints: [{targetPort: 10250}]")) == []


def test_the_port_of_another_protocol_is_not_scraped() -> None:
    both = LABELLED.replace("{name: m, port: 90", "{name: m, protocol: UDP, port: 90")
    assert needs(WEB, both, BY_LABELS, monitor("endpoints: [{}]"), prometheus()) == to(8080)


PLAIN = deployment("prometheus", "app.kubernetes.io/name: prometheus", namespace="monitoring")


@pytest.mark.parametrize(
    ("annotations", "ports"),
    [
        ("prometheus.io/scrape: 'true'", (8080, 9090)),
        ("prometheus.io/scrape: 'true', prometheus.io/port: '7070'", (7070,)),
        ("prometheus.io/scrape: 'true', prometheus.io/port: '0'", ()),
        ("prometheus.io/scrape: 'false'", ()),
    ],
)
def test_a_service_is_annotated_for_the_pods_behind_it(annotations: str, ports: tuple[int, ...]) -> None:
    text = SERVICE.replace("namespace: shop}", f"namespace: shop, annotations: {{{annotations}}}}}")
    assert needs(WEB, text, PLAIN) == to(*ports, source="Deployment monitoring/prometheus")


def test_what_the_operator_made_does_not_go_by_annotations() -> None:
    text = SERVICE.replace("namespace: shop}", "namespace: shop, annotations: {prometheus.io/scrape: 'true'}}")
    assert needs(WEB, text, BY_LABELS, prometheus("")) == []
