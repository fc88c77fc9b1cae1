"""Realistic clusters of any size, seeded: namespaces, workloads with replicas, and the usual kinds of policies."""

from __future__ import annotations

import random
from typing import Any

_APPS = ("web", "api", "worker", "cache", "db", "queue", "auth", "search")


def cluster(pods: int, policies: int, *, seed: int = 7) -> list[dict[str, Any]]:
    """Return manifests of live pods and policies, about five policies to a namespace."""
    rng = random.Random(seed)
    namespaces = [f"team-{number:04d}" for number in range(max(2, policies // 5))]
    manifests: list[dict[str, Any]] = [_namespace(name, rng) for name in [*namespaces, "kube-system", "monitoring"]]
    manifests += [_pod("kube-system", ("coredns", "5dd5756b68"), index, 53) for index in range(2)]
    made = 2
    while made < pods:
        namespace, app = rng.choice(namespaces), rng.choice(_APPS)
        hashed = f"{rng.randrange(16**10):010x}"
        for index in range(min(pods - made, 1 + int(rng.lognormvariate(1.6, 1.0)))):
            # One workload: all its pods share the hash of their ReplicaSet.
            manifests.append(_pod(namespace, (f"{app}-{made % 4}", hashed), index + made, 8000 + made % 20))
        made = len(manifests) - len(namespaces) - 2
    manifests += [_policy(number, namespaces[number // 5 % len(namespaces)], rng) for number in range(policies)]
    return manifests


def _namespace(name: str, rng: random.Random) -> dict[str, Any]:
    labels = {"kubernetes.io/metadata.name": name, "env": rng.choice(["prod", "stage", "dev"])}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def _pod(namespace: str, owner_name: tuple[str, str], index: int, port: int) -> dict[str, Any]:
    workload, hashed = owner_name
    name = f"{workload}-{hashed}-{index:05d}"
    labels = {
        "app": workload.split("-")[0],
        "app.kubernetes.io/name": workload,
        "app.kubernetes.io/part-of": namespace,
        "pod-template-hash": hashed,
        "tier": "front" if workload.startswith(("web", "api")) else "back",
    }
    if workload == "coredns":
        labels = {"k8s-app": "kube-dns", "pod-template-hash": hashed}
    owner = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "name": f"{workload}-{hashed}",
        "controller": True,
        "uid": hashed,
    }
    ports = [{"name": "http", "containerPort": port}, {"name": "metrics", "containerPort": 9090}]
    containers = [
        {
            "name": "main",
            "image": f"registry.example/{workload}:1.{index % 9}",
            "ports": ports,
            "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
            "env": [{"name": f"SETTING_{number}", "value": f"value-{number}"} for number in range(12)],
            "volumeMounts": [{"name": f"volume-{number}", "mountPath": f"/data/{number}"} for number in range(4)],
            "livenessProbe": {"httpGet": {"path": "/healthz", "port": "http"}, "periodSeconds": 10},
            "readinessProbe": {"httpGet": {"path": "/readyz", "port": "http"}, "periodSeconds": 5},
            "securityContext": {
                "runAsNonRoot": True,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            },
            "terminationMessagePath": "/dev/termination-log",
            "imagePullPolicy": "IfNotPresent",
        }
    ]
    kinds = ("Initialized", "Ready", "ContainersReady", "PodScheduled", "PodReadyToStartContainers")
    conditions = [{"type": kind, "status": "True", "lastTransitionTime": "2026-03-10T08:00:00Z"} for kind in kinds]
    statuses = [{"name": "main", "ready": True, "started": True, "restartCount": 0, "image": "x", "imageID": "y"}]
    volumes = [{"name": f"volume-{number}", "configMap": {"name": f"settings-{number}"}} for number in range(4)]
    tolerations = [
        {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
        for key in ("not-ready", "unreachable")
    ]
    address = f"10.{index >> 16 & 255}.{index >> 8 & 255}.{index & 255}"
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "uid": name,
            "labels": labels,
            "ownerReferences": [owner],
        },
        "spec": {
            "nodeName": f"node-{index % 50}",
            "serviceAccountName": "default",
            "containers": containers,
            "volumes": volumes,
            "tolerations": tolerations,
            "restartPolicy": "Always",
            "dnsPolicy": "ClusterFirst",
            "schedulerName": "default-scheduler",
        },
        "status": {
            "phase": "Running",
            "podIP": address,
            "podIPs": [{"ip": address}],
            "conditions": conditions,
            "containerStatuses": statuses,
        },
    }


def _policy(number: int, namespace: str, rng: random.Random) -> dict[str, Any]:
    app = rng.choice(_APPS)
    everyone: dict[str, Any] = {}
    monitoring = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
    dns = {"namespaceSelector": everyone, "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}
    private = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]
    shapes: list[dict[str, Any]] = [
        {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
        {
            "podSelector": {},
            "policyTypes": ["Egress"],
            "egress": [{"to": [dns], "ports": [{"protocol": "UDP", "port": 53}, {"port": 53}]}],
        },
        {"podSelector": {}, "ingress": [{"from": [monitoring], "ports": [{"port": "metrics"}]}]},
        {
            "podSelector": {"matchLabels": {"app": app}},
            "ingress": [
                {
                    "from": [{"podSelector": {"matchLabels": {"app": rng.choice(_APPS)}}}],
                    "ports": [{"port": 8000 + rng.randrange(20), "endPort": 8019}],
                }
            ],
        },
        {
            "podSelector": {"matchExpressions": [{"key": "app", "operator": "In", "values": [app, "api"]}]},
            "policyTypes": ["Egress"],
            "egress": [
                {"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": private}}], "ports": [{"port": 443}]},
                {"to": [{"namespaceSelector": {"matchLabels": {"env": "prod"}}}]},
            ],
        },
    ]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": f"policy-{number:05d}", "namespace": namespace},
        "spec": shapes[number % 5],
    }
