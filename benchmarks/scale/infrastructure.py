"""What every cluster has besides its tenants: DNS, ingress, monitoring, and an agent on each node."""

from __future__ import annotations

import random

from benchmarks.scale.size import Size
from benchmarks.scale.workload import DAEMON_SET, DEPLOYMENT, STATEFUL_SET, Workload

DNS_LABELS = {"k8s-app": "kube-dns"}
INGRESS_LABELS = {"app.kubernetes.io/name": "ingress-nginx", "app.kubernetes.io/component": "controller"}
PROMETHEUS_LABELS = {"app.kubernetes.io/name": "prometheus"}
INFRASTRUCTURE = ("kube-system", "monitoring", "ingress-nginx", "logging")


def infrastructure(size: Size, rng: random.Random) -> tuple[dict[str, dict[str, str]], list[Workload]]:
    """Return the labels of the infrastructure's namespaces, and its workloads."""
    namespaces = {
        name: {"kubernetes.io/metadata.name": name, "purpose": "infrastructure", "env": "prod"}
        for name in INFRASTRUCTURE
    }
    metrics = ("metrics", 9153, "TCP")
    dns = (("dns", 53, "UDP"), ("dns-tcp", 53, "TCP"), metrics)
    web = (("http", 80, "TCP"), ("https", 443, "TCP"), ("metrics", 10254, "TCP"))
    made = [
        _workload(DEPLOYMENT, "kube-system", "coredns", DNS_LABELS, max(2, size.nodes // 100), dns, rng),
        _workload(
            DEPLOYMENT, "ingress-nginx", "ingress-nginx-controller", INGRESS_LABELS, max(2, size.nodes // 50), web, rng
        ),
        _workload(STATEFUL_SET, "monitoring", "prometheus", PROMETHEUS_LABELS, 2, (("http-web", 9090, "TCP"),), rng),
        _daemon("kube-system", "kube-proxy", 10249, size, rng, host_network=True),
        _daemon("kube-system", "cni-agent", 9964, size, rng, host_network=True),
        _daemon("monitoring", "node-exporter", 9100, size, rng),
        _daemon("logging", "log-agent", 2020, size, rng),
    ]
    return namespaces, made


def _daemon(
    namespace: str, name: str, port: int, size: Size, rng: random.Random, *, host_network: bool = False
) -> Workload:
    labels = {"k8s-app": name}
    ports = (("metrics", port, "TCP"),)
    return _workload(DAEMON_SET, namespace, name, labels, size.nodes, ports, rng, host_network=host_network)


def _workload(  # noqa: PLR0913 - a workload has these parts
    kind: str,
    namespace: str,
    name: str,
    labels: dict[str, str],
    replicas: int,
    ports: tuple[tuple[str, int, str], ...],
    rng: random.Random,
    *,
    host_network: bool = False,
) -> Workload:
    common = {
        "app.kubernetes.io/name": name,
        "app.kubernetes.io/instance": name,
        "app.kubernetes.io/managed-by": "Helm",
        "app.kubernetes.io/part-of": namespace,
        "app.kubernetes.io/version": "1.14.2",
        "helm.sh/chart": f"{name}-4.11.3",
    }
    return Workload(
        kind,
        namespace,
        name,
        name,
        {**common, **labels},
        replicas,
        ports,
        seed=rng.getrandbits(64),
        host_network=host_network,
    )
