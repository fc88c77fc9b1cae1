"""Minimal valid objects for the examples, which change one thing at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from tests.reference.domains import DomainName
from tests.reference.manifests import Manifest
from tests.reference.networkpolicy import (
    Connection,
    DecideDirection,
    Direction,
    Endpoint,
    Options,
    Verdict,
    by_both_ends,
    decide_direction,
    pods,
)

OUTSIDE = "198.51.100.7"


def pod(name: str, namespace: str | None = None, labels: Any = None, **more: Any) -> Manifest:
    """Return a pod; ``status`` and ``metadata`` extend those sections, the rest goes into ``spec``."""
    metadata = {"name": name, "labels": labels, **more.pop("metadata", {})}
    if namespace is not None:
        metadata["namespace"] = namespace
    status = more.pop("status", None)
    spec = {"containers": [{"name": "main"}], **more}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status}


def host_pod(name: str, **more: Any) -> Manifest:
    """Return a pod on the host network."""
    return pod(name, **{"hostNetwork": True, **more})


def policy(namespace: str | None = None, **spec: Any) -> Manifest:
    """Return a policy with the fields of its ``spec``."""
    metadata = {"name": "sample"} if namespace is None else {"name": "sample", "namespace": namespace}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def namespace_object(name: str, **labels: str | None) -> Manifest:
    """Return a Namespace with labels."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def node(name: str, *addresses: str) -> Manifest:
    """Return a Node with internal addresses."""
    internal = [{"type": "InternalIP", "address": address} for address in addresses]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name},
        "status": {"addresses": [*internal, {"type": "ExternalIP", "address": "192.0.2.99"}]},
    }


def serving(name: str, number: int, protocol: str | None = None) -> Manifest:
    """Return a container that declares one named port."""
    port: Manifest = {"name": name, "containerPort": number}
    return {"name": "main", "ports": [port if protocol is None else port | {"protocol": protocol}]}


def workload(kind: str, version: str, *, labels: Any = None, **spec: Any) -> Manifest:
    """Return a workload named ``app``, with a template and further fields of its ``spec``."""
    template = {"metadata": {"labels": labels or {"app": "x"}}, "spec": {"containers": [{"name": "main"}]}}
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": {"name": "app"},
        "spec": {"template": template, **spec},
    }


@dataclass(frozen=True, slots=True)
class Ask:
    """Asks a reference between two ends, each an address, a ``DomainName`` or ``namespace/name`` of a pod."""

    decide_direction: DecideDirection
    usual: Options

    def __call__(
        self,
        cluster: list[Manifest],
        src: str,
        dst: str,
        port: int = 80,
        protocol: str = "TCP",
        direction: Direction | None = None,
        **options: bool,
    ) -> Verdict:
        """Return the verdict, that of one end if a direction is given."""
        asked, chosen = connection(cluster, src, dst, port, protocol), replace(self.usual, **options)
        if direction is None:
            return by_both_ends(self.decide_direction)(cluster, asked, chosen)
        return self.decide_direction(cluster, asked, direction, chosen)


verdict = Ask(decide_direction, Options())


def connection(cluster: list[Manifest], src: str, dst: str, port: int = 80, protocol: str = "TCP") -> Connection:
    """Return the connection between two ends."""
    return Connection(end(cluster, src), end(cluster, dst), protocol, port)


def end(cluster: list[Manifest], text: str) -> Endpoint:
    """Return the pod called ``namespace/name``, or the address or the ``DomainName`` that the text is."""
    if isinstance(text, DomainName) or "/" not in text:
        return text
    (found,) = [p for p in pods(cluster) if f"{p.namespace}/{p.name}" == text]
    return found
