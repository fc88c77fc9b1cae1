"""Connections that policies accept, to ports that pods expose."""

from __future__ import annotations

from collections import defaultdict
from functools import cache, cached_property, reduce
from operator import or_
from typing import TYPE_CHECKING

import numpy as np

from firedoor.algebra.ports import PROTOCOLS
from firedoor.engine.attack import techniques as by
from firedoor.engine.attack.graph import Link
from firedoor.engine.reach.explain import explain_direction
from firedoor.model.attack import Change, ChangeKind, Evidence
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from firedoor.algebra.ports import Traffic
    from firedoor.engine.attack.graph import AttackGraph, Changes
    from firedoor.engine.attack.pods import Group
    from firedoor.engine.blast.graph import HopGraph
    from firedoor.engine.exposure.services import ServiceIndex
    from firedoor.engine.reach.network import Network

_BLOCK = 1024
"""Columns of bits that are turned at once."""


class Doors:
    """The ports that each member exposes: declared by a container, or behind a Service."""

    def __init__(self, network: Network, services: ServiceIndex) -> None:
        """Look at all containers and Services."""
        found = [{each for each in member.listening if each[0] in PROTOCOLS} for member in network.members]
        for service in services.services.values():
            for port in service.spec.ports:
                for target in services.targets(service, port):
                    if isinstance(target.end, int):
                        found[target.end].add((target.protocol, target.port))
        self.ports = [sorted(each) for each in found]
        """Protocols and ports by member."""
        bit = cache(lambda each: 1 << network.axis.atom(*each))
        self.masks: list[int] = [_union(map(bit, each)) for each in self.ports]
        """The same as masks of the port axis."""


class Connections:
    """The hops of a network as steps of an attack."""

    def __init__(self, graph: AttackGraph, hops: HopGraph, groups: Sequence[Group], doors: Doors | None) -> None:
        """Sort the pods by their vertex among the hops; without `doors` all ports count."""
        self._graph = graph
        self._hops = hops
        self._witness = _Witness(hops, groups, doors)
        self._groups = groups
        self._at: dict[int, list[Group]] = defaultdict(list)
        for group in groups:
            self._at[group.hop].append(group)

    def link(self) -> None:
        """Lead from pods to those that they reach; what reaches alike, and what is reached alike, share vertices."""
        entries = self._classes()
        for group in self._groups:
            row = int(self._hops.row_of[group.hop])
            link = Link(self._policy(ChangeKind.EGRESS, group), self._witness.accepted, self._witness.is_sure)
            self._graph.link(group.vertex, self._graph.means(by.NETWORK, "from", row), link)
        for entry, (rows, vertices) in enumerate(entries):
            means = self._graph.means(by.NETWORK, "to", entry)
            for row in rows:
                self._graph.link(self._graph.means(by.NETWORK, "from", row), means)
            for vertex in vertices:
                for group in self._at[vertex]:
                    self._graph.link(means, group.vertex, Link(self._policy(ChangeKind.INGRESS, group)))
        self._same_node()

    def _policy(self, kind: ChangeKind, group: Group) -> tuple[Changes, ...]:
        """Return what a policy for pods can do about a connection: nothing for those on the network of their node."""
        return () if self._hops.is_host[group.hop] else (frozenset({Change(kind, group.workload)}),)

    def _classes(self) -> Iterator[tuple[list[int], list[int]]]:
        """Yield the rows that reach the same vertices, with these."""
        found: dict[bytes, list[int]] = {}
        rows = self._hops.rows
        for start in range(0, rows.shape[1], _BLOCK // 8):
            bits = np.unpackbits(rows[:, start : start + _BLOCK // 8], axis=1)
            turned = np.packbits(bits.T, axis=1)
            for number, column in enumerate(turned):
                vertex = start * 8 + number
                if vertex < self._hops.size:
                    found.setdefault(column.tobytes(), []).append(vertex)
        for key, vertices in found.items():
            reached = np.unpackbits(np.frombuffer(key, dtype=np.uint8), count=len(rows))
            some: NDArray[np.int64] = np.flatnonzero(reached)
            if len(some):
                yield some.tolist(), vertices

    def _same_node(self) -> None:
        """Lead from pods on the network of their node to all pods on that node, which no policy stops."""
        near = {node: self._exposed(members.tolist()) for node, members in self._hops.by_node.items() if node}
        for group in self._groups:
            node = self._hops.network.members[group.members[0]].node
            if self._hops.is_host[group.hop] and node in near:
                is_new = self._graph.is_new(by.SAME_NODE, node)
                means = self._graph.means(by.SAME_NODE, node)
                change = frozenset({Change(ChangeKind.POD_SPEC, group.workload)})
                self._graph.link(group.vertex, means, Link((change,), self._witness.neighbour))
                for other in near[node] if is_new else ():
                    self._graph.link(means, other.vertex)

    def _exposed(self, members: Iterable[int]) -> list[Group]:
        wanted = {position for position in members if self._hops.exposed(position)}
        found = {group.vertex: group for position in sorted(wanted) for group in [self._group_of[position]]}
        return list(found.values())

    @cached_property
    def _group_of(self) -> dict[int, Group]:
        return {position: group for group in self._groups for position in group.members}


class _Witness:
    """
    What steps over connections rest on, found out when it is asked for.

    The graph holds on to it, and it not to the graph: what holds itself would stay, with the whole network, until
    cycles are looked for.
    """

    def __init__(self, hops: HopGraph, groups: Sequence[Group], doors: Doors | None) -> None:
        self._hops = hops
        self._doors = doors
        self._of_vertex = {group.vertex: group for group in groups}

    def neighbour(self, source: int, target: int) -> Iterator[Evidence]:
        first = self._hops.network.members[self._of_vertex[source].members[0]]
        yield Evidence(f"{first.full_name} is on the network of node {first.node}, where {self._named(target)} runs")

    def _named(self, vertex: int) -> str:
        return self._hops.network.members[self._of_vertex[vertex].members[0]].full_name

    def accepted(self, source: int, target: int) -> Iterator[Evidence]:
        """Yield the traffic that gets through between two groups, and what lets it."""
        network = self._hops.network
        first, second = self._pair(source, target)
        sure, possible = network.value(first, second)
        wanted = self._hops.exposed(second)
        traffic = network.axis.traffic((sure & wanted) or (possible & wanted))
        if self._doors is not None:
            ports = ((protocol, port, port) for protocol, port in self._doors.ports[second])
            traffic = tuple(each for each in ports if _is_among(each, traffic))
        shown = ", ".join(_range_words(*each) for each in traffic)
        word = "is accepted" if sure & wanted else "may be accepted"
        yield Evidence(f"{network.members[first].full_name} to {network.members[second].full_name}: {shown} {word}")
        protocol, port, _ = traffic[0]
        for direction in (Direction.EGRESS, Direction.INGRESS):
            for reason in explain_direction(network, direction, first, second, protocol, port).because[:1]:
                yield Evidence(f"{direction}: {reason.detail}", reason.source)

    def is_sure(self, source: int, target: int) -> bool:
        first, second = self._pair(source, target)
        return bool(self._hops.network.value(first, second)[0] & self._hops.exposed(second))

    def _pair(self, source: int, target: int) -> tuple[int, int]:
        """Return a pod of each of two groups."""
        return self._of_vertex[source].members[0], self._of_vertex[target].members[0]


def _union(bits: Iterable[int]) -> int:
    return reduce(or_, bits, 0)


def _is_among(door: tuple[str, int, int], traffic: Traffic) -> bool:
    return any(protocol == door[0] and low <= door[1] <= high for protocol, low, high in traffic)


def _range_words(protocol: str, low: int, high: int) -> str:
    return f"{protocol}/{low}" if low == high else f"{protocol}/{low}-{high}"
