"""Everything of a plan but pods and policies: namespaces, nodes, services, and on request the owners of the pods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.scale.json_text import element
from benchmarks.scale.plan import Plan
from benchmarks.scale.pod_fields import pod_spec
from benchmarks.scale.pods import node_address, node_name
from benchmarks.scale.workload import DEPLOYMENT, JOB, STATEFUL_SET, Workload

_MADE = "2026-03-01T10:00:00Z"
_EVERY = 10
"""One workload in so many has a Service."""


def namespaces(plan: Plan, *, indented: bool) -> Iterator[str]:
    """Yield the JSON of every Namespace."""
    for number, each in enumerate(plan.namespaces):
        metadata = _metadata(each.name, "", f"11{number:06x}", each.labels)
        value = {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": metadata,
            "spec": {"finalizers": ["kubernetes"]},
            "status": {"phase": "Active"},
        }
        yield element(value, indented=indented)


def nodes(plan: Plan, *, indented: bool) -> Iterator[str]:
    """Yield the JSON of every Node."""
    for number in range(plan.size.nodes):
        cidr = f"10.{128 + (number >> 8)}.{number & 255}.0/24"
        labels = {
            "kubernetes.io/arch": "amd64",
            "kubernetes.io/hostname": node_name(number),
            "kubernetes.io/os": "linux",
            "topology.kubernetes.io/zone": f"eu-central-1{'abc'[number % 3]}",
        }
        addresses = [
            {"address": node_address(number), "type": "InternalIP"},
            {"address": node_name(number), "type": "Hostname"},
        ]
        value = {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": _metadata(node_name(number), "", f"22{number:06x}", labels),
            "spec": {"podCIDR": cidr, "podCIDRs": [cidr]},
            "status": {
                "addresses": addresses,
                "capacity": {"cpu": "32", "memory": "131072000Ki", "pods": "250"},
                "nodeInfo": {"kubeletVersion": "v1.34.1", "osImage": "Linux", "operatingSystem": "linux"},
            },
        }
        yield element(value, indented=indented)


def services(plan: Plan, *, indented: bool) -> Iterator[str]:
    """Yield the JSON of a few Services."""
    for number, each in enumerate(plan.workloads[::_EVERY]):
        address = f"172.20.{number >> 8}.{number & 255}"
        ports = [
            {"name": name, "port": port, "protocol": protocol, "targetPort": name}
            for name, port, protocol in each.ports
        ]
        value = {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": _metadata(each.name, each.namespace, f"33{number:06x}", {"app": each.app}),
            "spec": {
                "clusterIP": address,
                "clusterIPs": [address],
                "ipFamilies": ["IPv4"],
                "ports": ports,
                "selector": _selector(each),
                "type": "ClusterIP",
            },
        }
        yield element(value, indented=indented)


def owners(plan: Plan, *, indented: bool) -> Iterator[str]:
    """Yield the JSON of the Deployments, ReplicaSets, StatefulSets, DaemonSets and Jobs that made the pods."""
    for number, each in enumerate(plan.workloads):
        yield element(_owner(each, number), indented=indented)
        if each.kind == DEPLOYMENT:
            yield element(_replica_set(each, number), indented=indented)


def _owner(each: Workload, number: int) -> dict[str, Any]:
    uid = f"44{number:06x}" if each.kind == DEPLOYMENT else each.uid
    spec: dict[str, Any] = {
        "selector": {"matchLabels": _selector(each)},
        "template": {"metadata": {"labels": each.labels}, "spec": pod_spec(each)},
    }
    if each.kind in {DEPLOYMENT, STATEFUL_SET}:
        spec["replicas"] = each.replicas
    if each.kind == STATEFUL_SET:
        spec["serviceName"] = each.name
    return {
        "apiVersion": "batch/v1" if each.kind == JOB else "apps/v1",
        "kind": each.kind,
        "metadata": _metadata(each.name, each.namespace, uid, each.labels),
        "spec": spec,
    }


def _replica_set(each: Workload, number: int) -> dict[str, Any]:
    version, kind, name = each.owner
    labels = {**each.labels, "pod-template-hash": each.hashed}
    metadata = _metadata(name, each.namespace, each.uid, labels)
    deployment = {
        "apiVersion": "apps/v1",
        "controller": True,
        "kind": each.kind,
        "name": each.name,
        "uid": _uid(f"44{number:06x}"),
    }
    metadata["ownerReferences"] = [deployment]
    selector = {**_selector(each), "pod-template-hash": each.hashed}
    template = {"metadata": {"labels": labels}, "spec": pod_spec(each)}
    spec = {"replicas": each.replicas, "selector": {"matchLabels": selector}, "template": template}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


def _selector(each: Workload) -> dict[str, str]:
    return {"app.kubernetes.io/instance": each.labels["app.kubernetes.io/instance"]}


def _metadata(name: str, namespace: str, uid: str, labels: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {"creationTimestamp": _MADE, "labels": labels, "name": name, "uid": _uid(uid)}
    if namespace:
        found["namespace"] = namespace
    return found


def _uid(text: str) -> str:
    return text if "-" in text else f"{text}-0000-4000-8000-000000000000"
