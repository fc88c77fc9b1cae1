"""How far a compromise of each workload spreads: what it reaches in one hop, in two, and in any number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.blast.graph import kept
from firedoor.model.blast import BlastRow, Reached

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from firedoor.engine.blast.graph import HopGraph
    from firedoor.model.places import ObjectRef


@dataclass(frozen=True, slots=True)
class Layer:
    """What one more hop reaches: vertices with all their members, and nodes with the pods that run there."""

    full: NDArray[np.bool_]
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _State:
    """All that is reached after some hops: pods by pair of workload and vertex, and the count of all."""

    pods: NDArray[np.int64]
    reached: Reached


def layers(graph: HopGraph, start: NDArray[np.int64]) -> Iterator[Layer]:
    """Yield what each hop from the members of some vertices reaches anew, until nothing is new."""
    left = graph.anything.copy()
    spent = np.zeros(len(graph.rows), dtype=bool)
    passed: dict[str, None] = {}
    while True:
        rows = np.zeros(len(graph.rows), dtype=bool)
        rows[graph.row_of[start]] = True
        rows &= ~spent
        spent |= rows
        # Where every row has been taken, what is left is what the last ones have.
        found = left.copy() if spent.all() else _union(graph.rows, np.flatnonzero(rows), left)
        fresh = tuple(node for node in graph.neighbours(start) if node not in passed)
        if not fresh and not found.any():
            return
        full = graph.unpacked(found)
        yield Layer(full, fresh)
        left &= ~found
        passed.update(dict.fromkeys(fresh))
        start = np.union1d(np.flatnonzero(full), graph.vertices_on(fresh))


def _union(packed: NDArray[np.uint8], rows: NDArray[np.int64], left: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the bits of `left` that any of the rows has; bytes where nothing is left are not looked at."""
    found = np.zeros_like(left)
    columns = np.flatnonzero(left)
    chosen = packed[rows] if len(columns) * 4 > len(left) else packed[rows[:, None], columns]
    union = np.bitwise_or.reduce(chosen, axis=0)
    found[columns] = union[columns] if chosen.shape[1] == len(left) else union
    return found & left


class Spread:
    """The blast radius of workloads; what starts alike is followed once."""

    def __init__(self, graph: HopGraph) -> None:
        """Count the members of each workload at each vertex."""
        self._graph = graph
        members = graph.network.members
        numbers = {each: number for number, each in enumerate(sorted({each.workload for each in members}))}
        self.workloads: tuple[ObjectRef, ...] = tuple(numbers)
        owner_of = np.asarray([numbers[each.workload] for each in members], dtype=np.int64)
        (self._owner, self._vertex), self._pair_of, self._weight = np.unique(
            np.stack((owner_of, graph.vertex_of)), axis=1, return_inverse=True, return_counts=True
        )
        """Pairs of a workload and a vertex, by workload, and how many members each has."""
        self._cuts = [*np.searchsorted(self._owner, np.arange(len(self.workloads))).tolist(), len(self._owner)]
        self._near: dict[frozenset[str], NDArray[np.int64]] = {}

    def rows(self, wanted: Iterable[int]) -> list[BlastRow]:
        """Return the blast radius of workloads by their number, worst first."""
        alike: dict[object, list[int]] = {}
        for workload in wanted:
            alike.setdefault(self._key(workload), []).append(workload)
        found: list[BlastRow] = []
        for workloads in alike.values():
            states = list(self._follow(self._vertex[self._pairs(workloads[0])]))
            found += (self._row(workload, states) for workload in workloads)
        return sorted(found, key=lambda row: (*(-each for each in _size(row)), row.workload))

    def _pairs(self, workload: int) -> slice:
        return slice(self._cuts[workload], self._cuts[workload + 1])

    def _key(self, workload: int) -> object:
        """Return what the hops from a workload depend on."""
        start = self._vertex[self._pairs(workload)]
        return tuple(np.unique(self._graph.row_of[start]).tolist()), frozenset(self._graph.neighbours(start))

    def _row(self, workload: int, states: Sequence[_State]) -> BlastRow:
        own = self._pairs(workload)
        reached = [_others(state, int(state.pods[own].sum())) for state in states] or [Reached()]
        hops = reached.index(reached[-1]) + 1 if reached[-1].pods else 0
        two = reached[min(2, len(reached)) - 1]
        pods = int(self._weight[own].sum())
        return BlastRow(self.workloads[workload], pods, reached[0], two, reached[-1], hops)

    def _follow(self, start: NDArray[np.int64]) -> Iterator[_State]:
        """Yield all that is reached after each number of hops."""
        full, nodes = np.zeros(self._graph.size, dtype=bool), frozenset[str]()
        for layer in layers(self._graph, start):
            full, nodes = full | layer.full, nodes.union(layer.nodes)
            pods = np.where(full[self._vertex], self._weight, self._on_nodes(nodes))
            workloads = int(np.count_nonzero(np.bincount(self._owner[pods > 0])))
            yield _State(pods, Reached(workloads, int(pods.sum())))

    def _on_nodes(self, nodes: frozenset[str]) -> NDArray[np.int64]:
        """Return how many members of each pair run on some nodes."""
        found = self._near.get(nodes)
        if found is None:
            found = np.zeros(len(self._weight), dtype=np.int64)
            for node in nodes:
                np.add.at(found, self._pair_of[self._graph.by_node[node]], 1)
            kept(self._near, nodes, found)
        return found


def _others(state: _State, own: int) -> Reached:
    """Return what is reached besides the pods of one workload, of which so many are reached."""
    return Reached(state.reached.workloads - (own > 0), state.reached.pods - own)


def _size(row: BlastRow) -> tuple[int, ...]:
    reached = (row.all_hops, row.two_hops, row.one_hop)
    return tuple(number for each in reached for number in (each.workloads, each.pods))
