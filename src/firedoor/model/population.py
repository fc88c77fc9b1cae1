"""
Who takes part in the network: live pods, and for workloads without any, the pods they would make.

Implements what the workload controllers add to a template (the StatefulSet
controller's ordinals and labels, the Job controller's job name label), so that
policies which select by those labels are judged rightly without a cluster.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from firedoor.model.places import Gap, GapKind, ObjectRef, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.snapshot import Snapshot
    from firedoor.model.workloads import Pod, PodSpec, Workload

MOST_ORDINALS = 100
"""Pods of one StatefulSet template that are told apart one by one."""


class Member(Struct, frozen=True, gc=False):
    """
    A pod as the network sees it.

    `workload` is the topmost owner (the pod itself when it has none). `ports` are
    ``(name, protocol, number)`` of declared named ports, `listening` is
    ``(protocol, number)`` of all declared ones. `addresses` is empty where it is
    not known. `is_template` marks a pod that a workload would make.
    """

    namespace: str
    name: str
    workload: ObjectRef
    labels: dict[str, str]
    ports: tuple[tuple[str, str, int], ...]
    listening: tuple[tuple[str, int], ...]
    host_network: bool
    node: str
    addresses: tuple[str, ...]
    is_template: bool
    spec: PodSpec
    place: Place

    @property
    def full_name(self) -> str:
        """``namespace/name``."""
        return f"{self.namespace}/{self.name}"


def members(snapshot: Snapshot) -> tuple[Member, ...]:
    """Return all members of the cluster, sorted by namespace, workload and name."""
    owners = _Owners(snapshot)
    nodes = {node.metadata.name: node.addresses for node in snapshot.nodes}
    found = [_live(pod, owners.top(pod), nodes) for pod in snapshot.pods if pod.is_endpoint]
    inhabited = {each.workload for each in found}
    for workload in snapshot.workloads:
        if workload.ref not in inhabited and owners.stands_alone(workload):
            found.extend(_expected(workload, nodes))
    return tuple(sorted(found, key=lambda each: (each.namespace, each.workload, each.name)))


def ordinal_gaps(snapshot: Snapshot) -> Iterator[Gap]:
    """Yield a gap for every StatefulSet that has more replicas than are told apart."""
    for workload in snapshot.workloads:
        replicas = workload.replicas or 0
        if workload.kind == "StatefulSet" and replicas > MOST_ORDINALS:
            yield Gap(
                GapKind.INCOMPLETE,
                str(workload.place),
                f"{replicas} replicas: only the first {MOST_ORDINALS} pods are told apart by their ordinal",
                "analyse the live cluster or a saved snapshot, where every pod is listed",
                workload.ref,
                path="spec.replicas",
            )


class _Owners:
    """The chains of ownership: Pod to ReplicaSet to Deployment, Pod to Job to CronJob."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._workloads = {workload.ref: workload for workload in snapshot.workloads}

    def top(self, pod: Pod) -> ObjectRef:
        """Return the topmost known owner; a pod without one is its own workload."""
        owner = pod.metadata.controller
        if owner is None or owner.kind == "Node":
            return ObjectRef("Pod", pod.metadata.namespace, pod.metadata.name)
        ref = ObjectRef(owner.kind, pod.metadata.namespace, owner.name)
        if ref not in self._workloads and ref.kind == "ReplicaSet":
            # A listing may hold the Deployment and the pods, and leave the ReplicaSets out.
            suffix = "-" + pod.metadata.labels.get("pod-template-hash", "")
            deployment = ObjectRef("Deployment", ref.namespace, ref.name.removesuffix(suffix))
            ref = deployment if deployment in self._workloads else ref
        return self._climb(ref)

    def stands_alone(self, workload: Workload) -> bool:
        """Return whether nothing owns the workload, and it can still make pods."""
        return workload.metadata.controller is None and not workload.is_finished

    def _climb(self, ref: ObjectRef) -> ObjectRef:
        seen: set[ObjectRef] = set()
        # Hand-written manifests may own each other in a circle.
        while ref not in seen:
            seen.add(ref)
            workload = self._workloads.get(ref)
            owner = workload.metadata.controller if workload is not None else None
            if owner is None:
                break
            ref = ObjectRef(owner.kind, ref.namespace, owner.name)
        return ref


def _live(pod: Pod, workload: ObjectRef, nodes: dict[str, tuple[str, ...]]) -> Member:
    addresses = pod.addresses
    if pod.spec.host_network and not addresses:
        host = pod.status.host_ip
        addresses = (host,) if host else nodes.get(pod.spec.node_name, ())
    return _member(pod.metadata.name, workload, pod.metadata.labels, pod.spec, addresses, pod.place, is_template=False)


def _expected(workload: Workload, nodes: dict[str, tuple[str, ...]]) -> Iterator[Member]:
    """Yield the pods that a workload would make, as far as they can be told apart."""
    spec = workload.template.spec
    labels = workload.template.metadata.labels
    addresses = nodes.get(spec.node_name, ()) if spec.host_network else ()
    name = workload.metadata.name
    if workload.kind == "StatefulSet":
        count = 1 if workload.replicas is None else max(1, workload.replicas)
        for ordinal in range(workload.start_ordinal, workload.start_ordinal + min(count, MOST_ORDINALS)):
            own = {
                "statefulset.kubernetes.io/pod-name": f"{name}-{ordinal}",
                "apps.kubernetes.io/pod-index": str(ordinal),
            }
            yield _member(
                f"{name}-{ordinal}",
                workload.ref,
                {**labels, **own},
                spec,
                addresses,
                workload.place,
                is_template=True,
            )
        return
    if workload.kind == "Job":
        labels = {**labels, "job-name": name, "batch.kubernetes.io/job-name": name}
    yield _member(name, workload.ref, labels, spec, addresses, workload.place, is_template=True)


def _member(
    name: str,
    workload: ObjectRef,
    labels: dict[str, str],
    spec: PodSpec,
    addresses: tuple[str, ...],
    place: Place,
    *,
    is_template: bool,
) -> Member:
    declared = [port for container in spec.serving_containers for port in container.ports]
    named = {(port.name, port.protocol or "TCP", port.container_port) for port in declared if port.name}
    return Member(
        workload.namespace,
        name,
        workload,
        labels,
        tuple(sorted(named)),
        tuple(sorted({(port.protocol or "TCP", port.container_port) for port in declared})),
        spec.host_network,
        spec.node_name,
        addresses,
        is_template,
        spec,
        place,
    )
