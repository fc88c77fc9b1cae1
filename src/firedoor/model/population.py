"""
Who takes part in the network: live pods, and for workloads without any, the pods they would make.

Implements what the workload controllers add to a template (the StatefulSet
controller's ordinals and labels, the Job controller's job name label), so that
policies which select by those labels are judged rightly without a cluster.
"""

from __future__ import annotations

from itertools import chain, repeat
from operator import attrgetter
from typing import TYPE_CHECKING

from msgspec.structs import replace

from firedoor.algebra.cidrs import is_address
from firedoor.model.members import Kin, Listening, Member, Named, with_addresses
from firedoor.model.metadata import ObjectMeta
from firedoor.model.places import Gap, GapKind, ObjectRef
from firedoor.model.pod_table import PodSpan, PodTable
from firedoor.model.workloads import FINISHED_PHASES, Pod, PodIP, PodSpec, PodStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firedoor.model.snapshot import Snapshot
    from firedoor.model.workloads import ContainerPort, Node, Workload

MOST_ORDINALS = 100
"""Pods of one StatefulSet template that are told apart one by one."""

_TEMPLATE_HASH = "pod-template-hash"
_POD_NAME = "statefulset.kubernetes.io/pod-name"
_POD_INDEX = "apps.kubernetes.io/pod-index"
_NOT_ALWAYS_ENDPOINTS = FINISHED_PHASES | {"Pending"}


def members(snapshot: Snapshot) -> tuple[Member, ...]:
    """Return all members of the cluster, sorted by namespace, workload and name."""
    return populate(snapshot)[0]


def populate(snapshot: Snapshot) -> tuple[tuple[Member, ...], set[str]]:
    """Return what `members` does, and the namespaces of all pods, of those too that are no members."""
    owners = _Owners(snapshot)
    nodes = _Nodes(snapshot.nodes)
    groups = _live(snapshot.pods, owners, nodes)
    found = groups.found
    for workload in snapshot.workloads:
        if workload.ref not in found and owners.stands_alone(workload):
            found[workload.ref] = list(_expected(workload, nodes))
    return tuple(chain.from_iterable(map(found.__getitem__, sorted(found, key=_REF_ORDER)))), groups.namespaces


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

    def __init__(self, owners: _Owners, nodes: _Nodes) -> None:
        self._owners = owners
        self._nodes = nodes
        self._known: dict[int, tuple[tuple[int, int, str, bool, str], Kin, list[Member]]] = {}
        """By owners: what else tells a workload, and the last one that was told by it."""
        self._declared: dict[tuple[ContainerPort, ...], tuple[Named, Listening]] = {}
        self.namespaces: set[str] = set()
        """Those of all pods."""
        self.found: dict[ObjectRef, list[Member]] = {}

    def add(self, alike: Sequence[Pod], phase: str) -> None:
        """Add pods, one at least, that share all that tells their workload, and whether they take part."""
        metadata = alike[0].metadata
        self.namespaces.add(metadata.namespace)
        if phase != "Running" and phase in _NOT_ALWAYS_ENDPOINTS:
            alike = [each for each in alike if each.is_endpoint]
        if not alike:
            return
        kin, together = self._of(alike[0])
        if kin.workload.kind == "Pod" and len(alike) > 1:
            # A pod without owner is a workload of its own.
            for each in alike:
                self.add((each,), phase)
            return
        if kin.host_network:
            alike = [_addressed(each, self._nodes) for each in alike]
        held = alike.held() if isinstance(alike, PodSpan) else alike
        together += map(Member, repeat(kin), held)

    def _of(self, pod: Pod) -> tuple[Kin, list[Member]]:
        """Return what a pod has in common with its replicas, and the list of the pods of its workload."""
        metadata, spec = pod.metadata, pod.spec
        owned, labels, is_host = metadata.owner_references, metadata.labels, spec.host_network
        told = (
            id(spec.containers),
            id(spec.init_containers),
            metadata.namespace,
            is_host,
            self._owners.hash_of(labels),
        )
        known = self._known.get(id(owned))
        if known is not None and known[0] == told:
            _, kin, together = known
            if kin.labels is not labels:
                kin = Kin(kin.workload, labels, kin.ports, kin.listening, is_host)
            return kin, together
        workload = self._owners.top(pod)
        kin, together = Kin(workload, labels, *self._ports(spec), is_host), self.found.setdefault(workload, [])
        if workload.kind != "Pod":
            self._known[id(owned)] = told, kin, together
        return kin, together

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


def _live(pods: Sequence[Pod], owners: _Owners, nodes: _Nodes) -> _Groups:
    """Return the pods that take part, by workload, sorted by name."""
    groups = _Groups(owners, nodes)
    if isinstance(pods, PodTable):
        for span in pods.spans():
            groups.add(span, span[0].status.phase)
        return groups
    # Replicas come one after the other, and most of them share all that tells their workload.
    containers, initial, is_host = PodSpec().containers, PodSpec().init_containers, False
    labels, owned, space, phase, name = dict[str, str](), ObjectMeta().owner_references, "", "", ""
    is_sorted, start = True, 0
    for position, pod in enumerate(pods):
        metadata, spec = pod.metadata, pod.spec
        if (
            spec.containers is not containers
            or metadata.labels is not labels
            or metadata.owner_references is not owned
            or metadata.namespace is not space
            or spec.host_network is not is_host
            or spec.init_containers is not initial
            or pod.status.phase != phase
        ):
            if position > start:
                groups.add(pods[start:position], phase)
            containers, initial, is_host = spec.containers, spec.init_containers, spec.host_network
            labels, owned, phase, start = metadata.labels, metadata.owner_references, pod.status.phase, position
            is_sorted = is_sorted and metadata.namespace >= space
            name, space = name if metadata.namespace == space else "", metadata.namespace
        if metadata.name < name:
            is_sorted = False
        name = metadata.name
    if pods:
        groups.add(pods[start:], phase)
    if not is_sorted:
        for each in groups.found.values():
            each.sort(key=_BY_NAME)
    return groups


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
        found = _live((pod,), self._owners, self._nodes).found
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

    def hash_of(self, labels: dict[str, str]) -> str:
        """Return the hash of the template, where it can tell the topmost owner."""
        return labels.get(_TEMPLATE_HASH, "") if self._workloads else ""

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
            suffix = "-" + self.hash_of(pod.metadata.labels)
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
