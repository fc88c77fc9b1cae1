"""From where to where a compromise spreads, hop by hop, with a path to show for each workload."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.blast.spread import layers
from firedoor.model.blast import Hop, SpreadPath

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from firedoor.algebra.ports import Traffic
    from firedoor.engine.blast.graph import HopGraph
    from firedoor.model.places import ObjectRef

_FAR = -1


def paths_from(graph: HopGraph, start: Sequence[int]) -> list[SpreadPath]:
    """Return the workloads that some members reach, nearest first, each with a path to one of its pods."""
    distance = _distances_from(graph, start)
    follow = _before(graph, distance)
    return _told(graph, distance, lambda member: _chain(distance, member, follow)[::-1])


def paths_to(graph: HopGraph, targets: Sequence[int]) -> list[SpreadPath]:
    """Return the workloads that reach some members, nearest first, each with a path from one of its pods."""
    distance = _distances_to(graph, targets)
    follow = _after(graph, distance)
    return _told(graph, distance, lambda member: _chain(distance, member, follow))


def _distances_from(graph: HopGraph, start: Sequence[int]) -> NDArray[np.int64]:
    """Return the hops to each member; `_FAR` where it is not reached."""
    distance = _beginning(graph, start)
    vertices = np.unique(graph.vertex_of[np.asarray(start, dtype=np.int64)])
    for hops, layer in enumerate(layers(graph, vertices), 1):
        reached = layer.full[graph.vertex_of]
        for node in layer.nodes:
            reached[graph.by_node[node]] = True
        distance[reached & (distance == _FAR)] = hops
    return distance


def _distances_to(graph: HopGraph, targets: Sequence[int]) -> NDArray[np.int64]:
    """Return the hops from each member to the targets; `_FAR` where none is reached."""
    distance = _beginning(graph, targets)
    hosts = np.flatnonzero(graph.is_host)
    hops = 0
    while (distance == hops).any():
        latest = distance == hops
        mask = np.zeros(graph.size, dtype=bool)
        mask[graph.vertex_of[latest]] = True
        sources = graph.sources(mask)
        near = {node for node, members in graph.by_node.items() if latest[members].any()}
        for vertex in hosts.tolist():
            sources[vertex] |= not near.isdisjoint(graph.neighbours(np.asarray([vertex])))
        hops += 1
        distance[sources[graph.vertex_of] & (distance == _FAR)] = hops
    return distance


def _beginning(graph: HopGraph, members: Sequence[int]) -> NDArray[np.int64]:
    distance = np.full(len(graph.network.members), _FAR, dtype=np.int64)
    distance[list(members)] = 0
    return distance


def _nearest(graph: HopGraph, distance: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return for each number of hops the vertices that have their nearest member there, by that member."""
    found: list[NDArray[np.int64]] = []
    seen = np.zeros(graph.size, dtype=bool)
    for hops in range(int(distance.max()) + 1):
        members = np.flatnonzero(distance == hops)
        _, first = np.unique(graph.vertex_of[members], return_index=True)
        members = members[np.sort(first)]
        found.append(members[~seen[graph.vertex_of[members]]])
        seen[graph.vertex_of[members]] = True
    return found


def _before(graph: HopGraph, distance: NDArray[np.int64]) -> Callable[[int], int]:
    """Return what gives for a member one that reaches it and is one hop nearer to the start."""
    # A vertex spreads from the hop at which it is first reached.
    nearest = _nearest(graph, distance)
    vertices = [graph.vertex_of[members] for members in nearest]
    near = [graph.neighbours(each) for each in vertices]

    def before(member: int) -> int:
        hops = int(distance[member]) - 1
        hits = graph.reach(vertices[hops], int(graph.vertex_of[member]))
        if hits.any():
            return int(nearest[hops][int(np.argmax(hits))])
        return int(nearest[hops][near[hops][graph.network.members[member].node]])

    return before


def _after(graph: HopGraph, distance: NDArray[np.int64]) -> Callable[[int], int]:
    """Return what gives for a member one that it reaches and that is one hop nearer to the targets."""
    layered: dict[int, tuple[NDArray[np.int64], NDArray[np.int64]]] = {}

    def after(member: int) -> int:
        hops = int(distance[member]) - 1
        if hops not in layered:
            members = np.flatnonzero(distance == hops)
            vertices, first = np.unique(graph.vertex_of[members], return_index=True)
            layered[hops] = vertices, members[first]
        vertices, members = layered[hops]
        vertex = int(graph.vertex_of[member])
        hits = graph.unpacked(graph.rows[graph.row_of[vertex]])[vertices]
        if hits.any():
            return int(members[hits].min())
        near = np.concatenate([graph.by_node[node] for node in graph.neighbours(np.asarray([vertex]))])
        return int(near[distance[near] == hops][0])

    return after


def _chain(distance: NDArray[np.int64], member: int, follow: Callable[[int], int]) -> list[int]:
    """Return the members from one to a member of distance 0."""
    found = [member]
    while distance[found[-1]]:
        found.append(follow(found[-1]))
    return found


def _told(graph: HopGraph, distance: NDArray[np.int64], path_of: Callable[[int], list[int]]) -> list[SpreadPath]:
    members = graph.network.members
    traffic = cache(graph.network.axis.traffic)
    found: dict[ObjectRef, list[int]] = {}
    for position in np.flatnonzero(distance > 0).tolist():
        found.setdefault(members[position].workload, []).append(position)
    told = []
    for workload, positions in found.items():
        nearest = min(positions, key=lambda position: (distance[position], position))
        hops = tuple(_hop(graph, *pair, traffic) for pair in pairwise(path_of(nearest)))
        told.append(SpreadPath(workload, len(hops), len(positions), hops))
    return sorted(told, key=lambda each: (each.hops, each.workload.namespace, each.workload.name, each.workload.kind))


def _hop(graph: HopGraph, source: int, destination: int, traffic: Callable[[int], Traffic]) -> Hop:
    network = graph.network
    sure, possible = (each & graph.ports for each in network.value(source, destination))
    unknown = possible & ~sure if graph.possible else 0
    first, second = (network.members[each].full_name for each in (source, destination))
    return Hop(first, second, traffic(sure), traffic(unknown))
