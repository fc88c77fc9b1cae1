"""The inventory of a cluster: its pods, nodes and networks, and which pods policies isolate."""

from __future__ import annotations

from msgspec import Struct


class PodRow(Struct, frozen=True, gc=False):
    """
    One pod.

    `state` is its phase, ``template`` where a workload would make it, or ``declared``
    where a manifest has no status; `network` is ``pod`` or ``host``; `ingress` and
    `egress` are ``isolated``, ``open``, or ``host`` where no policy can apply.
    """

    namespace: str
    workload: str
    kind: str
    name: str
    node: str = ""
    ips: tuple[str, ...] = ()
    network: str = "pod"
    state: str = "template"
    ingress: str = "open"
    egress: str = "open"


class NodeRow(Struct, frozen=True, gc=False):
    """One node, its addresses, the ranges of its pods, its kubelet's version and how many pods run there."""

    name: str
    ips: tuple[str, ...] = ()
    pod_cidrs: tuple[str, ...] = ()
    kubelet: str = ""
    pods: int = 0


class NetworkRow(Struct, frozen=True, gc=False):
    """One network, what is to be said of it, and how many pods are on it."""

    name: str
    detail: str
    pods: int


class CoverageRow(Struct, frozen=True, gc=False):
    """How many pods of a namespace (empty: of the cluster) policies isolate, and in which directions."""

    namespace: str
    pods: int
    both: int
    ingress_only: int
    egress_only: int
    none: int
    host: int
    policies: int


class Inventory(Struct, frozen=True, gc=False):
    """Everything that takes part in the network, each listing sorted, and the coverage of the whole."""

    pods: tuple[PodRow, ...]
    nodes: tuple[NodeRow, ...]
    networks: tuple[NetworkRow, ...]
    coverage: tuple[CoverageRow, ...]
    total: CoverageRow
