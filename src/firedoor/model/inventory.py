"""The inventory of a cluster: its pods, nodes and networks, and which pods policies isolate."""

from __future__ import annotations

from msgspec import Struct


class PodRow(Struct, frozen=True, gc=False):
    """One pod or workload; `network` is ``pod`` or ``host``, `phase` is ``template`` for templates."""

    namespace: str
    name: str
    kind: str
    node: str = ""
    ips: tuple[str, ...] = ()
    network: str = "pod"
    phase: str = "template"
    labels: int = 0


class NodeRow(Struct, frozen=True, gc=False):
    """One node, its kubelet's version and how many pods run there."""

    name: str
    ips: tuple[str, ...] = ()
    kubelet: str = ""
    pods: int = 0


class CoverageRow(Struct, frozen=True, gc=False):
    """How many pods of a namespace are isolated for each direction, for both, and for none."""

    namespace: str
    total: int
    ingress: int
    egress: int
    both: int
    none: int


class Inventory(Struct, frozen=True, gc=False):
    """All rows, each listing sorted by its maker; `totals` are counts by name."""

    pods: tuple[PodRow, ...] = ()
    nodes: tuple[NodeRow, ...] = ()
    networks: tuple[str, ...] = ()
    coverage: tuple[CoverageRow, ...] = ()
    totals: dict[str, int] = {}
