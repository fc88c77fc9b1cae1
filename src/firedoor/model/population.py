"""
Who takes part in the network: live pods, and for workloads without any, the pods they would make.

Implements what the workload controllers add to a template (the StatefulSet
controller's ordinals and labels, the Job controller's job name label), so that
policies which select by those labels are judged rightly without a cluster.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from msgspec import Struct

from firedoor.algebra.cidrs import is_address
from firedoor.model.places import Gap, GapKind, ObjectRef, Place
from firedoor.model.workloads import FINISHED_PHASES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.model.snapshot import Snapshot
    from firedoor.model.workloads import Pod, PodSpec, PodTemplate, Workload

Named = tuple[tuple[str, str, int], ...]
Listening = tuple[tuple[str, int], ...]

MOST_ORDINALS = 100
"""Pods of one StatefulSet template that are told apart one by one."""

_TEMPLATE_HASH = "pod-template-hash"
_NOT_ALWAYS_ENDPOINTS = FINISHED_PHASES | {"Pending"}


class Member(Struct, frozen=True, gc=False):
    """
    A pod as the network sees it.

    `workload` is the topmost owner (the pod itself when it has none). `ports` are
    ``(name, protocol, number)`` of declared named ports, `listening` is
    ``(protocol, number)`` of all declared ones. `addresses` is empty where it is
    not known. `is_template` marks a pod that a workload would make. `annotations` are
    those of the pod, or of the template.
    """

    namespace: str
    name: str
    workload: ObjectRef
    labels: dict[str, str]
    ports: Named
    listening: Listening
    host_network: bool
    node: str
    addresses: tuple[str, ...]
    is_template: bool
    spec: PodSpec
    place: Place
    annotations: dict[str, str] = {}

    @property
    def full_name(self) -> str:
        """``namespace/name``."""
        return f"{self.namespace}/{self.name}"


def members(snapshot: Snapshot) -> tuple[Member, ...]:
    """Return all members of the cluster, sorted by namespace, workload and name."""
    owners = _Owners(snapshot)
    nodes = {node.metadata.name: node.internal_addresses for node in snapshot.nodes}
    found = _live(snapshot.pods, owners, nodes)
    for workload in snapshot.workloads:
        if workload.ref not in found and owners.stands_alone(workload):
            found[workload.ref] = list(_expected(workload, nodes))
    by_name = attrgetter("name")
    ordered: list[Member] = []
    for ref in sorted(found, key=lambda ref: (ref.namespace, ref.kind, ref.name)):
        ordered += sorted(found[ref], key=by_name)
    return tuple(ordered)


def _live(pods: Iterable[Pod], owners: _Owners, nodes: dict[str, tuple[str, ...]]) -> dict[ObjectRef, list[Member]]:
    """Return the pods that take part, by workload."""
    found: dict[ObjectRef, list[Member]] = {}
    # Replicas share their owners and containers, which the snapshot keeps alive.
    known: dict[tuple[int, int, int, str, str | None], tuple[ObjectRef, list[Member], Named, Listening]] = {}
    for pod in pods:
        metadata, spec, status = pod.metadata, pod.spec, pod.status
        if status.phase in _NOT_ALWAYS_ENDPOINTS and not pod.is_endpoint:
            continue
        labels, owned = metadata.labels, metadata.owner_references
        template = labels.get(_TEMPLATE_HASH)
        key = (id(owned), id(spec.containers), id(spec.init_containers), metadata.namespace, template)
        common = known.get(key)
        if common is None:
            workload = owners.top(pod)
            common = workload, found.setdefault(workload, []), *_declared(spec)
            if workload.kind != "Pod":
                known[key] = common
        workload, together, named, listening = common
        listed = status.pod_ips
        # What nearly every pod has: one address, told twice.
        is_plain = len(listed) == 1 and listed[0].ip == status.pod_ip and is_address(status.pod_ip)
        member = Member(
            workload.namespace,
            metadata.name,
            workload,
            labels,
            named,
            listening,
            spec.host_network,
            spec.node_name,
            (status.pod_ip,) if is_plain else _addresses(pod, nodes),
            False,  # noqa: FBT003 - by position, which is twice as fast
            spec,
            pod.place,
            metadata.annotations,
        )
        together.append(member)
    return found


class Register:
    """What pods come to, one by one, in a cluster of which all but the pods stays as it is."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Look at the workloads and nodes."""
        self._owners = _Owners(snapshot)
        self._nodes = {node.metadata.name: node.internal_addresses for node in snapshot.nodes}
        self._workloads = {workload.ref: workload for workload in snapshot.workloads}

    def workload(self, pod: Pod) -> ObjectRef:
        """Return the topmost owner of a pod."""
        return self._owners.top(pod)

    def member(self, pod: Pod) -> Member | None:
        """Return a live pod as a member; None if it takes no part."""
        found = _live((pod,), self._owners, self._nodes)
        return next((member for together in found.values() for member in together), None)

    def expected(self, ref: ObjectRef) -> list[Member]:
        """Return the members that stand for a workload without live pods, sorted by name."""
        workload = self._workloads.get(ref)
        if workload is None or not self._owners.stands_alone(workload):
            return []
        return sorted(_expected(workload, self._nodes), key=attrgetter("name"))


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
            suffix = "-" + pod.metadata.labels.get(_TEMPLATE_HASH, "")
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


def _addresses(pod: Pod, nodes: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    addresses = pod.addresses
    if pod.spec.host_network and not addresses:
        host = pod.status.host_ip
        return (host,) if is_address(host) else nodes.get(pod.spec.node_name, ())
    return addresses


def _expected(workload: Workload, nodes: dict[str, tuple[str, ...]]) -> Iterator[Member]:
    """Yield the pods that a workload would make, as far as they can be told apart."""
    template, place = workload.template, workload.place
    labels = template.metadata.labels
    addresses = nodes.get(template.spec.node_name, ()) if template.spec.host_network else ()
    name = workload.metadata.name
    if workload.kind == "StatefulSet":
        count = 1 if workload.replicas is None else max(1, workload.replicas)
        for ordinal in range(workload.start_ordinal, workload.start_ordinal + min(count, MOST_ORDINALS)):
            own = {
                "statefulset.kubernetes.io/pod-name": f"{name}-{ordinal}",
                "apps.kubernetes.io/pod-index": str(ordinal),
            }
            each = f"{name}-{ordinal}"
            yield _template(each, workload.ref, {**labels, **own}, template, addresses, place)
        return
    if workload.kind == "Job":
        labels = {**labels, "job-name": name, "batch.kubernetes.io/job-name": name}
    yield _template(name, workload.ref, labels, template, addresses, place)


def _template(
    name: str,
    workload: ObjectRef,
    labels: dict[str, str],
    template: PodTemplate,
    addresses: tuple[str, ...],
    place: Place,
) -> Member:
    spec = template.spec
    named, listening = _declared(spec)
    return Member(
        workload.namespace,
        name,
        workload,
        labels,
        named,
        listening,
        spec.host_network,
        spec.node_name,
        addresses,
        is_template=True,
        spec=spec,
        place=place,
        annotations=template.metadata.annotations,
    )


def _declared(spec: PodSpec) -> tuple[Named, Listening]:
    """Return the named ports and all ports."""
    declared = [port for container in spec.serving_containers for port in container.ports]
    named = {(port.name, port.protocol or "TCP", port.container_port) for port in declared if port.name}
    listening = {(port.protocol or "TCP", port.container_port) for port in declared}
    return tuple(sorted(named)), tuple(sorted(listening))
