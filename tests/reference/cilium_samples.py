"""Minimal valid Cilium policies and what they refer to, for the examples, which change one thing at a time."""

from __future__ import annotations

from typing import Any

from tests.reference.cilium import Options, decide_direction
from tests.reference.manifests import Manifest
from tests.reference.samples import Ask


def cilium_policy(name: str = "sample", namespace: str | None = None, **spec: Any) -> Manifest:
    """Return a CiliumNetworkPolicy for all pods of its namespace, unless it has a selector of its own."""
    metadata = {"name": name} if namespace is None else {"name": name, "namespace": namespace}
    return _policy("CiliumNetworkPolicy", metadata, spec)


def clusterwide_policy(name: str = "sample", **spec: Any) -> Manifest:
    """Return a CiliumClusterwideNetworkPolicy for all pods, unless it has a selector of its own."""
    return _policy("CiliumClusterwideNetworkPolicy", {"name": name}, spec)


def cidr_group(name: str, *cidrs: str, **labels: str) -> Manifest:
    """Return a CiliumCIDRGroup with labels."""
    metadata = {"name": name, "labels": labels}
    spec = {"externalCIDRs": list(cidrs)}
    return {"apiVersion": "cilium.io/v2", "kind": "CiliumCIDRGroup", "metadata": metadata, "spec": spec}


def service(name: str, namespace: str = "default", labels: Any = None, **spec: Any) -> Manifest:
    """Return a Service with the fields of its ``spec``."""
    metadata = {"name": name, "namespace": namespace, "labels": labels}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}


def endpoint_slice(of_service: str, *addresses: str, namespace: str = "default", **conditions: bool) -> Manifest:
    """Return an EndpointSlice of a Service, all its addresses under the same conditions."""
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "addressType": "IPv4",
        "metadata": {
            "name": f"{of_service}-1",
            "namespace": namespace,
            "labels": {"kubernetes.io/service-name": of_service},
        },
        "endpoints": [{"addresses": [address], "conditions": conditions} for address in addresses],
    }


verdict = Ask(decide_direction, Options(ipblock_matches_nodes=False))


def _policy(kind: str, metadata: Manifest, spec: Manifest) -> Manifest:
    return {
        "apiVersion": "cilium.io/v2",
        "kind": kind,
        "metadata": metadata,
        "spec": {"endpointSelector": {}, **spec},
    }
