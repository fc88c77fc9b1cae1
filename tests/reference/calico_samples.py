"""Minimal Calico objects for the examples, which change one thing at a time."""

from __future__ import annotations

from typing import Any

from tests.reference.calico import Options, decide_direction
from tests.reference.manifests import Manifest
from tests.reference.samples import Ask

VERSION = "projectcalico.org/v3"


def calico(kind: str, name: str = "sample", namespace: str | None = None, labels: Any = None, **spec: Any) -> Manifest:
    """Return an object of a Calico kind with the fields of its ``spec``."""
    metadata: Manifest = {"name": name}
    if namespace is not None:
        metadata["namespace"] = namespace
    if labels is not None:
        metadata["labels"] = labels
    return {"apiVersion": VERSION, "kind": kind, "metadata": metadata, "spec": spec}


def gnp(name: str = "sample", **spec: Any) -> Manifest:
    """Return a GlobalNetworkPolicy."""
    return calico("GlobalNetworkPolicy", name, **spec)


def np(name: str = "sample", namespace: str | None = None, **spec: Any) -> Manifest:
    """Return a Calico NetworkPolicy."""
    return calico("NetworkPolicy", name, namespace, **spec)


def tier(name: str, order: float | None = None, default: str | None = None) -> Manifest:
    """Return a Tier, its unset fields left out."""
    spec: Manifest = {"order": order, "defaultAction": default}
    return calico("Tier", name, **{field: value for field, value in spec.items() if value is not None})


def networks(*nets: str, namespace: str | None = None, **labels: str) -> Manifest:
    """Return a NetworkSet, or outside of any namespace a GlobalNetworkSet."""
    kind = "GlobalNetworkSet" if namespace is None else "NetworkSet"
    return calico(kind, f"{kind.lower()}-{'-'.join(labels.values())}", namespace, labels, nets=list(nets))


def account(name: str, namespace: str = "default", **labels: str) -> Manifest:
    """Return a ServiceAccount with labels."""
    metadata = {"name": name, "namespace": namespace, "labels": labels}
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}


def service(name: str, namespace: str = "default", **spec: Any) -> Manifest:
    """Return a Service with the fields of its ``spec``."""
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}


def endpoint_slice(of: str, addresses: list[str], ports: Any = None, namespace: str = "default") -> Manifest:
    """Return an EndpointSlice of a Service with one endpoint per address."""
    metadata = {"name": f"{of}-1", "namespace": namespace, "labels": {"kubernetes.io/service-name": of}}
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": metadata,
        "endpoints": [{"addresses": [address]} for address in addresses],
        "ports": ports,
    }


def rule(action: str = "Allow", **fields: Any) -> Manifest:
    """Return a rule."""
    return {"action": action, **fields}


verdict = Ask(decide_direction, Options())
