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

from firedoor.model.declaring import Declarations
from firedoor.model.live_pods import REF_ORDER, LivePods, Nodes
from firedoor.model.members import Kin, Member
from firedoor.model.owners import Owners
from firedoor.model.places import Gap, GapKind
from firedoor.model.workloads import Pod, PodIP, PodStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.places import ObjectRef
    from firedoor.model.snapshot import Snapshot
    from firedoor.model.workloads import Workload

MOST_ORDINALS = 100
"""Pods of one StatefulSet template that are told apart one by one."""

_POD_NAME = "statefulset.kubernetes.io/pod-name"
_POD_INDEX = "apps.kubernetes.io/pod-index"
_BY_NAME = attrgetter("pod.metadata.name")


def members(snapshot: Snapshot) -> tuple[Member, ...]:
    """Return all members of the cluster, sorted by namespace, workload and name."""
    return populate(snapshot)[0]


def populate(snapshot: Snapshot) -> tuple[tuple[Member, ...], set[str]]:
    """Return what `members` does, and the namespaces of all pods, of those too that are no members."""
    owners, nodes = Owners(snapshot.workloads), Nodes(snapshot.nodes)
    live = LivePods(snapshot.pods, owners, nodes)
    having = live.workloads if snapshot.workloads else set()
    without: dict[ObjectRef, Workload] = {}
    for each in snapshot.workloads:
        if each.ref not in having and owners.stands_alone(each):
            without.setdefault(each.ref, each)
    found, first = list[Member](), 0
    for ref in sorted(without, key=REF_ORDER):
        place = live.place(ref)
        found += live.members[first:place]
        found += _expected(without[ref], nodes)
        first = place
    return (*found, *live.members[first:]), live.namespaces


class Register:
    """What pods come to, one by one, in a cluster of which all but the pods stays as it is."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Look at the workloads and nodes."""
        self._owners = Owners(snapshot.workloads)
        self._nodes = Nodes(snapshot.nodes)
        self._workloads = {workload.ref: workload for workload in snapshot.workloads}

    def workload(self, pod: Pod) -> ObjectRef:
        """Return the topmost owner of a pod."""
        return self._owners.top(pod)

    def member(self, pod: Pod) -> Member | None:
        """Return a live pod as a member; None if it takes no part."""
        return next(iter(LivePods((pod,), self._owners, self._nodes).members), None)

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


def _expected(workload: Workload, nodes: Nodes) -> Iterator[Member]:
    """Yield the pods that a workload would make, as far as they can be told apart."""
    metadata, spec = workload.template.metadata, workload.template.spec
    addresses = nodes.addresses(spec.node_name) if spec.host_network else ()
    status = PodStatus(pod_ips=tuple(map(PodIP, addresses)))
    ports = Declarations().of(spec)
    for name, own in _instances(workload):
        named = replace(metadata, name=name, labels={**metadata.labels, **own} if own else metadata.labels)
        kin = Kin(workload.ref, named.labels, *ports, spec.host_network)
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
