"""
Consoles for operators, reachable from outside.

What it finds
-------------
Pods that run the image of a known console (Kubernetes Dashboard, Argo CD, Argo
Workflows, Prometheus, Alertmanager, Grafana, Kibana, Jaeger, Kiali, Airflow, Jenkins,
pgAdmin, phpMyAdmin, Adminer, RabbitMQ, MinIO, Kubeflow) and that a Service or a route
opens to the outside.

Why it matters
--------------
Consoles show, and many of them change, what runs in the cluster. Several come without a
login.

Example
-------
An Ingress for `kubernetes-dashboard`.

Remedy
------
Take it off the Ingress or the load balancer, or put a proxy that asks for a login in
front of it.

References
----------
https://kubernetes.io/docs/tasks/access-application-cluster/web-ui-dashboard/
https://attack.mitre.org/techniques/T1133/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.exposed import exposed
from firedoor.model.findings import Confidence, Severity
from firedoor.model.frameworks import Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.posture.doors import Door
    from firedoor.model.findings import Finding
    from firedoor.model.workloads import Container

_CONSOLES = {
    "kubernetesui/dashboard": "Kubernetes Dashboard",
    "kubernetesui/dashboard-web": "Kubernetes Dashboard",
    "headlamp-k8s/headlamp": "Headlamp",
    "argoproj/argocd": "Argo CD",
    "argoproj/argocli": "Argo Workflows",
    "prometheus/prometheus": "Prometheus",
    "prom/prometheus": "Prometheus",
    "prometheus/alertmanager": "Alertmanager",
    "prom/alertmanager": "Alertmanager",
    "grafana/grafana": "Grafana",
    "kibana/kibana": "Kibana",
    "jaegertracing/all-in-one": "Jaeger",
    "jaegertracing/jaeger-query": "Jaeger",
    "kiali/kiali": "Kiali",
    "apache/airflow": "Airflow",
    "jenkins/jenkins": "Jenkins",
    "dpage/pgadmin4": "pgAdmin",
    "library/phpmyadmin": "phpMyAdmin",
    "library/adminer": "Adminer",
    "library/rabbitmq": "RabbitMQ",
    "minio/minio": "MinIO",
    "kubeflow/centraldashboard": "Kubeflow",
    "portainer/portainer-ce": "Portainer",
    "weaveworks/scope": "Weave Scope",
}
"""The images of consoles: the last two parts of their names."""

_PORTS = {"RabbitMQ": 15672, "MinIO": 9001}
"""The ports of those that serve something else as well."""

_FIX = "take it off the Ingress or the load balancer, or put a proxy that asks for a login in front of it"


def _what(door: Door) -> str:
    found = filter(None, (_CONSOLES.get(_image(each)) for each in door.crew.spec.containers))
    return next((each for each in found if _PORTS.get(each, door.number) == door.number), "")


def _image(container: Container) -> str:
    parts = container.image.partition("@")[0].split("/")
    name = parts[-1].partition(":")[0]
    return f"{parts[-2]}/{name}" if len(parts) > 1 else f"library/{name}"


def _run(context: Context) -> Iterator[Finding]:
    return exposed(CHECK, context, _what, _words, _FIX)


def _words(door: Door, what: str) -> str:
    return f"{what}, which {door.crew.workload} runs, is open to the outside on port {door.number}"


CHECK = Check(
    id="exposed-dashboard",
    title="Dashboards that the outside reaches",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="whoever is let in sees, and may change, what runs in the cluster",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("network-policies", "authentication"),
        nist_800_207=("2",),
        nist_800_53=("AC-17", "SC-7"),
        mitre=("T1133",),
        pci_dss_4=("1.4.2", "2.2.4"),
    ),
    run=_run,
)
