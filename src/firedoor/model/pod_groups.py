"""
Pods by workload, found run by run: replicas stand together and share what tells their workload.

Where workloads have many pods nothing is faster; where most have one there are no runs (see `live_pods`).
"""

from __future__ import annotations

from itertools import repeat
from operator import attrgetter
from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import is_address
from firedoor.model.members import Kin, Listening, Member, Named, with_addresses
from firedoor.model.metadata import ObjectMeta
from firedoor.model.pod_table import PodSpan, PodTable
from firedoor.model.workloads import FINISHED_PHASES, Pod, PodSpec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from firedoor.model.owners import Owners
    from firedoor.model.places import ObjectRef
    from firedoor.model.workloads import ContainerPort, Node

NOT_ALWAYS_ENDPOINTS = FINISHED_PHASES | {"Pending"}
"""Phases of pods that may take no part in the network."""
_BY_NAME = attrgetter("pod.metadata.name")


class Nodes:
    """The addresses of nodes, which few pods have to be told by."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        """Know these nodes."""
        self._named = {node.metadata.name: node for node in nodes}

    def addresses(self, name: str) -> tuple[str, ...]:
        """Return those that connections from a node carry; none of a node that nobody knows."""
        node = self._named.get(name)
        return () if node is None else node.internal_addresses


class Groups:
    """The pods of each workload, found by what replicas share: the snapshot keeps their owners and containers alive."""

    def __init__(self, owners: Owners, nodes: Nodes) -> None:
        """Know no pod yet."""
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
        if phase != "Running" and phase in NOT_ALWAYS_ENDPOINTS:
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
            alike = [addressed(each, self._nodes) for each in alike]
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
        listed = (
            serving[0].ports
            if len(serving) == 1
            else tuple([port for container in serving for port in container.ports])
        )
        found = self._declared.get(listed)
        if found is None:
            found = self._declared[listed] = declared(listed)
        return found


def grouped(pods: Sequence[Pod], owners: Owners, nodes: Nodes) -> Groups:
    """Return which of some pods, one at least, take part, by workload, sorted by name."""
    groups = Groups(owners, nodes)
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
    groups.add(pods[start:], phase)
    if not is_sorted:
        for each in groups.found.values():
            each.sort(key=_BY_NAME)
    return groups


def declared(ports: Iterable[ContainerPort]) -> tuple[Named, Listening]:
    """Return the named ports, and all ports."""
    found = {(port.name, port.protocol or "TCP", port.container_port) for port in ports}
    return tuple(sorted(each for each in found if each[0])), tuple(sorted({each[1:] for each in found}))


def addressed(pod: Pod, nodes: Nodes) -> Pod:
    """Return a pod on the network of its node with the addresses of the node, where it does not tell its own."""
    if is_address(pod.status.pod_ip) or pod.addresses:
        return pod
    host = pod.status.host_ip
    return with_addresses(pod, (host,) if is_address(host) else nodes.addresses(pod.spec.node_name))
