"""
Which pods a cluster has, read from Pod objects and from the templates of workloads.

A live pod always counts. A template stands in only where no live pod of its
workload is known, as when manifests are examined before they are applied.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.reference.addresses import Address, parse_address
from tests.reference.manifests import (
    Manifest,
    group_of,
    items,
    labels_of,
    name_of,
    namespace_of,
    objects,
    section,
)

WORKLOADS = (
    ("apps", "Deployment"),
    ("apps", "ReplicaSet"),
    ("apps", "DaemonSet"),
    ("apps", "StatefulSet"),
    ("", "ReplicationController"),
    ("batch", "Job"),
    ("batch", "CronJob"),
)

Owner = tuple[str, str, str, str]
"""Namespace, API group, kind and name of an object that controls others."""


@dataclass(frozen=True, slots=True)
class NamedPort:
    """A port that a container declares under a name (``containers[].ports[]``)."""

    name: str
    protocol: str
    number: int


@dataclass(frozen=True, slots=True)
class RefPod:
    """
    A pod that can take part in a connection.

    ``kind`` is that of the object it was read from: ``Pod``, or the workload
    whose template it represents. ``node`` is none, and ``addresses`` empty,
    where the manifests do not tell. A pod on the host network has the addresses
    of its node.
    """

    namespace: str
    kind: str
    name: str
    labels: dict[str, str] = field(hash=False)
    host_network: bool
    node: str | None
    addresses: tuple[Address, ...]
    named_ports: tuple[NamedPort, ...]


def pods(cluster: list[Manifest]) -> list[RefPod]:
    """Return every pod of the cluster, ordered by namespace, kind and name."""
    live = [pod for pod in objects(cluster, "", "Pod") if _is_endpoint(pod)]
    found = [_endpoint(cluster, pod, pod, "Pod", name_of(pod), {}) for pod in live]
    covered = {owner for pod in live for owner in _owners(cluster, pod)}
    for group, kind in WORKLOADS:
        for workload in objects(cluster, group, kind):
            identity = (namespace_of(workload), group, kind, name_of(workload))
            if identity not in covered and not _has_known_owner(cluster, workload):
                found.extend(_from_template(cluster, workload))
    return sorted(found, key=lambda pod: (pod.namespace, pod.kind, pod.name))


def node_addresses(cluster: list[Manifest], node: str) -> tuple[Address, ...]:
    """Return the ``InternalIP`` addresses of a node, none when the cluster has no such Node object."""
    return tuple(
        parse_address(address["address"])
        for manifest in objects(cluster, "", "Node")
        if name_of(manifest) == node
        for address in items(section(manifest, "status"), "addresses")
        if address.get("type") == "InternalIP"
    )


def _is_endpoint(pod: Manifest) -> bool:
    """Finished pods have given their address back; pending ones may not have one yet."""
    status = section(pod, "status")
    if status.get("phase") == "Pending":
        return bool(_pod_addresses(pod))
    return status.get("phase") not in ("Succeeded", "Failed")


def _owners(cluster: list[Manifest], manifest: Manifest) -> Iterator[Owner]:
    """Yield the direct and indirect owners of an object, whether or not the cluster holds them."""
    namespace = namespace_of(manifest)
    for reference in items(section(manifest, "metadata"), "ownerReferences"):
        group, kind, name = group_of(reference), reference["kind"], reference["name"]
        yield namespace, group, kind, name
        known = [
            owner
            for owner in objects(cluster, group, kind)
            if name_of(owner) == name and namespace_of(owner) == namespace
        ]
        for owner in known:
            yield from _owners(cluster, owner)
        # A Deployment names its ReplicaSets after itself and the hash that it also puts on the pods.
        suffix = "-" + labels_of(manifest).get("pod-template-hash", "")
        if not known and kind == "ReplicaSet" and suffix != "-" and name.endswith(suffix):
            yield namespace, "apps", "Deployment", name.removesuffix(suffix)


def _has_known_owner(cluster: list[Manifest], workload: Manifest) -> bool:
    """A ReplicaSet of a Deployment, or a Job of a CronJob, is represented by that owner."""
    owners = set(_owners(cluster, workload))
    return any(
        (namespace_of(other), group, kind, name_of(other)) in owners
        for group, kind in WORKLOADS
        for other in objects(cluster, group, kind)
    )


def _from_template(cluster: list[Manifest], workload: Manifest) -> Iterator[RefPod]:
    kind, name, spec = workload["kind"], name_of(workload), section(workload, "spec")
    if kind == "StatefulSet":
        yield from _replicas(cluster, workload)
    elif kind == "CronJob":
        template = section(section(section(spec, "jobTemplate"), "spec"), "template")
        yield _endpoint(cluster, workload, template, kind, name, {})
    else:
        added = {"job-name": name, "batch.kubernetes.io/job-name": name} if kind == "Job" else {}
        yield _endpoint(cluster, workload, section(spec, "template"), kind, name, added)


def _replicas(cluster: list[Manifest], workload: Manifest) -> Iterator[RefPod]:
    """Each replica of a StatefulSet has a name, and labels, of its own."""
    spec = section(workload, "spec")
    replicas = spec.get("replicas")
    start = section(spec, "ordinals").get("start") or 0
    for ordinal in range(start, start + (1 if replicas is None else replicas)):
        name = f"{name_of(workload)}-{ordinal}"
        added = {
            "statefulset.kubernetes.io/pod-name": name,
            "apps.kubernetes.io/pod-index": str(ordinal),
        }
        yield _endpoint(cluster, workload, section(spec, "template"), "StatefulSet", name, added)


def _endpoint(
    cluster: list[Manifest],
    holder: Manifest,
    pod: Manifest,
    kind: str,
    name: str,
    added_labels: dict[str, str],
) -> RefPod:
    """Build the endpoint that ``pod``, a Pod or a template, describes in the namespace of ``holder``."""
    spec = section(pod, "spec")
    host_network = spec.get("hostNetwork") is True
    node = spec.get("nodeName") or None
    addresses = _pod_addresses(pod)
    if host_network:
        addresses += _host_addresses(pod)
        addresses += node_addresses(cluster, node) if node is not None else ()
    return RefPod(
        namespace=namespace_of(holder),
        kind=kind,
        name=name,
        labels=labels_of(pod) | added_labels,
        host_network=host_network,
        node=node,
        addresses=tuple(dict.fromkeys(addresses)),
        named_ports=tuple(_named_ports(spec)),
    )


def _pod_addresses(pod: Manifest) -> tuple[Address, ...]:
    status = section(pod, "status")
    texts = [status.get("podIP"), *(entry.get("ip") for entry in items(status, "podIPs"))]
    return tuple(parse_address(text) for text in texts if text)


def _host_addresses(pod: Manifest) -> tuple[Address, ...]:
    status = section(pod, "status")
    texts = [status.get("hostIP"), *(entry.get("ip") for entry in items(status, "hostIPs"))]
    return tuple(parse_address(text) for text in texts if text)


def _named_ports(spec: Manifest) -> Iterator[NamedPort]:
    """Containers that run beside each other serve; other init containers have ended by then."""
    sidecars = [c for c in items(spec, "initContainers") if c.get("restartPolicy") == "Always"]
    for container in [*items(spec, "containers"), *sidecars]:
        for port in items(container, "ports"):
            if port.get("name"):
                yield NamedPort(port["name"], port.get("protocol") or "TCP", port["containerPort"])
