"""
Who takes part in the network: live pods, and for workloads without any, the pods they would make.

Implements what the workload controllers add to a template (the StatefulSet
controller's ordinals and labels, the Job controller's job name label), so that
policies which select by those labels are judged rightly without a cluster.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from msgspec.structs import replace

from firedoor.algebra.cidrs import is_address
from firedoor.model.members import Kin, Listening, Member, Named, with_addresses
from firedoor.model.metadata import ObjectMeta
from firedoor.model.places import Gap, GapKind, ObjectRef
from firedoor.model.workloads import FINISHED_PHASES, Pod, PodIP, PodStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firedoor.model.snapshot import Snapshot
    from firedoor.model.workloads import ContainerPort, Node, PodSpec, Workload

MOST_ORDINALS = 100
"""Pods of one StatefulSet template that are told apart one by one."""

_TEMPLATE_HASH = "pod-template-hash"
_POD_NAME = "statefulset.kubernetes.io/pod-name"
_POD_INDEX = "apps.kubernetes.io/pod-index"
_NOT_ALWAYS_ENDPOINTS = FINISHED_PHASES | {"Pending"}


def members(snapshot: Snapshot) -> tuple[Member, ...]:
    """Return all members of the cluster, sorted by namespace, workload and name."""
    owners = _Owners(snapshot)
    nodes = _Nodes(snapshot.nodes)
    found = _live(snapshot.pods, owners, nodes)
    for workload in snapshot.workloads:
        if workload.ref not in found and owners.stands_alone(workload):
            found[workload.ref] = list(_expected(workload, nodes))
    ordered: list[Member] = []
    for ref in sorted(found, key=_REF_ORDER):
        ordered += found[ref]
    return tuple(ordered)


class _Nodes:
    """The addresses of nodes, which few pods have to be told by."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._named = {node.metadata.name: node for node in nodes}

    def addresses(self, name: str) -> tuple[str, ...]:
        """Return those that connections from a node carry; none of a node that nobody knows."""
        node = self._named.get(name)
        return () if node is None else node.internal_addresses


_REF_ORDER = attrgetter("namespace", "kind", "name")
_BY_NAME = attrgetter("pod.metadata.name")


class _Groups:
    """The pods of each workload, found by what replicas share: the snapshot keeps their owners and containers alive."""

    def __init__(self, owners: _Owners) -> None:
        self._owners = owners
        self._known: dict[tuple[int, int, int, str, str | None, bool], tuple[Kin, list[Member]]] = {}
        self._declared: dict[tuple[ContainerPort, ...], tuple[Named, Listening]] = {}
        self.found: dict[ObjectRef, list[Member]] = {}

    def of(self, pod: Pod) -> tuple[Kin, list[Member]]:
        """Return what a pod has in common with its replicas, and the list of the pods of its workload."""
        metadata, spec = pod.metadata, pod.spec
        labels, owned, is_host = metadata.labels, metadata.owner_references, spec.host_network
        template = labels.get(_TEMPLATE_HASH)
        key = (id(owned), id(spec.containers), id(spec.init_containers), metadata.namespace, template, is_host)
        found = self._known.get(key)
        if found is None:
            workload = self._owners.top(pod)
            found = Kin(workload, labels, *self._ports(spec), is_host), self.found.setdefault(workload, [])
            if workload.kind != "Pod":
                self._known[key] = found
        elif found[0].labels is not labels:
            kin, together = found
            found = self._known[key] = (
                Kin(kin.workload, labels, kin.ports, kin.listening, kin.host_network),
                together,
            )
        return found

    def _ports(self, spec: PodSpec) -> tuple[Named, Listening]:
        serving = spec.serving_containers
        declared = (
            serving[0].ports
            if len(serving) == 1
            else tuple([port for container in serving for port in container.ports])
        )
        found = self._declared.get(declared)
        if found is None:
            found = self._declared[declared] = _declared(declared)
        return found


def _live(pods: Iterable[Pod], owners: _Owners, nodes: _Nodes) -> dict[ObjectRef, list[Member]]:
    """Return the pods that take part, by workload, sorted by name."""
    groups = _Groups(owners)
    # Replicas come one after the other, and most of them share all that tells their workload.
    last, containers, initial = ObjectMeta(), None, None
    kin, together = Kin(ObjectRef("", "", ""), {}, (), (), host_network=False), list[Member]()
    is_sorted, is_alone = True, False
    for pod in pods:
        metadata, spec = pod.metadata, pod.spec
        phase = pod.status.phase
        if phase != "Running" and phase in _NOT_ALWAYS_ENDPOINTS and not pod.is_endpoint:
            continue
        if (
            spec.containers is not containers
            or metadata.owner_references is not last.owner_references
            or metadata.labels is not last.labels
            or metadata.namespace is not last.namespace
            or spec.host_network is not kin.host_network
            or spec.init_containers is not initial
            or is_alone
        ):
            containers, initial = spec.containers, spec.init_containers
            kin, together = groups.of(pod)
            is_alone = kin.workload.kind == "Pod"
            is_sorted = is_sorted and metadata.namespace >= last.namespace
        if metadata.name < last.name and metadata.namespace == last.namespace:
            is_sorted = False
        last = metadata
        together.append(Member(kin, _addressed(pod, nodes) if kin.host_network else pod))
    if not is_sorted:
        for each in groups.found.values():
            each.sort(key=_BY_NAME)
    return groups.found


def _addressed(pod: Pod, nodes: _Nodes) -> Pod:
    """Return a pod on the network of its node with the addresses of the node, where it does not tell its own."""
    if is_address(pod.status.pod_ip) or pod.addresses:
        return pod
    host = pod.status.host_ip
    return with_addresses(pod, (host,) if is_address(host) else nodes.addresses(pod.spec.node_name))


class Register:
    """What pods come to, one by one, in a cluster of which all but the pods stays as it is."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Look at the workloads and nodes."""
        self._owners = _Owners(snapshot)
        self._nodes = _Nodes(snapshot.nodes)
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
        return sorted(_expected(workload, self._nodes), key=_BY_NAME)


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
        if not self._workloads:
            return ref
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


def _expected(workload: Workload, nodes: _Nodes) -> Iterator[Member]:
    """Yield the pods that a workload would make, as far as they can be told apart."""
    metadata, spec = workload.template.metadata, workload.template.spec
    addresses = nodes.addresses(spec.node_name) if spec.host_network else ()
    status = PodStatus(pod_ips=tuple(map(PodIP, addresses)))
    ports = [port for container in spec.serving_containers for port in container.ports]
    declared = _declared(ports)
    for name, own in _instances(workload):
        named = replace(metadata, name=name, labels={**metadata.labels, **own} if own else metadata.labels)
        kin = Kin(workload.ref, named.labels, *declared, spec.host_network)
        yield Member(kin, Pod(named, spec, status, workload.place), is_template=True)


def _instances(workload: Workload) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the names of the pods that are told apart, each with the labels that its controller adds."""
    name = workload.metadata.name
    match workload.kind:
        case "StatefulSet":
            count = 1 if workload.replicas is None else max(1, workload.replicas)
            for ordinal in range(workload.start_ordinal, workload.start_ordinal + min(count, MOST_ORDINALS)):
                each = f"{name}-{ordinal}"
                yield each, {_POD_NAME: each, _POD_INDEX: str(ordinal)}
        case "Job":
            yield name, {"job-name": name, "batch.kubernetes.io/job-name": name}
        case _:
            yield name, {}


def _declared(ports: Sequence[ContainerPort]) -> tuple[Named, Listening]:
    """Return the named ports and all ports."""
    declared = {(port.name, port.protocol or "TCP", port.container_port) for port in ports}
    return tuple(sorted(each for each in declared if each[0])), tuple(sorted({each[1:] for each in declared}))
