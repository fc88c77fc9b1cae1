"""What follows from the compromise of each workload."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import rustworkx as rx

from firedoor.engine.attack.stepping import fewest_steps
from firedoor.model.attack import Kind, RankRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from firedoor.engine.attack.building import Attack
    from firedoor.model.places import ObjectRef

_IDENTITIES = (Kind.SERVICE_ACCOUNT, Kind.USER, Kind.GROUP)
_Bits = "NDArray[np.uint8]"


class Ranker:
    """Counts what each workload leads to: vertices that lead to each other are followed as one."""

    def __init__(self, attack: Attack) -> None:
        """Give a number to everything that is counted."""
        self._attack = attack
        graph = attack.graph
        self._columns: dict[object, int] = {}
        self._kinds: list[Kind] = []
        self._weights: list[int] = []
        self._of_vertex: dict[int, list[int]] = {}
        for group in attack.groups:
            self._count(group.vertex, group.workload, Kind.PODS, 0)
            self._count(group.vertex, (group.vertex, "pods"), Kind.INTERNET, len(group.members))
        for vertex, standing in graph.standings(lambda each: each.kind in {Kind.NODE, *_IDENTITIES}):
            kind = Kind.NODE if standing.kind is Kind.NODE else Kind.USER
            self._count(vertex, vertex if kind is Kind.NODE and not standing.name else standing, kind, 0)
        for vertex, standing in graph.standings(lambda each: each.kind is Kind.SECRETS and bool(each.namespace)):
            self._count(vertex, standing, Kind.SECRETS, 0)

    def rows(self, wanted: Iterable[ObjectRef]) -> list[RankRow]:
        """Return what follows from the compromise of workloads, worst first."""
        reached = self._reached()
        admin = fewest_steps(self._attack.graph, self._standings(Kind.CLUSTER_ADMIN), backward=True)
        outside = fewest_steps(self._attack.graph, self._standings(Kind.INTERNET), backward=False)
        of_workload: dict[ObjectRef, list[int]] = {}
        for group in self._attack.groups:
            of_workload.setdefault(group.workload, []).append(group.vertex)
        kinds = np.asarray([list(Kind).index(each) for each in self._kinds])
        weights = np.asarray(self._weights, dtype=np.int64)
        masks = {each: kinds == list(Kind).index(each) for each in set(self._kinds)}
        found = []
        for workload in wanted:
            vertices = of_workload[workload]
            bits = np.bitwise_or.reduce([reached[each] for each in vertices], axis=0)
            held = np.unpackbits(bits, count=len(kinds)).view(np.bool_)
            held[[column for each in vertices for column in self._of_vertex[each]]] = False

            def count(kind: Kind, held: NDArray[np.bool_] = held) -> int:
                return int(np.count_nonzero(held & masks[kind])) if kind in masks else 0

            found.append(
                RankRow(
                    workload,
                    count(Kind.PODS),
                    int(weights[held].sum()),
                    count(Kind.NODE),
                    count(Kind.USER),
                    count(Kind.SECRETS),
                    _least(admin, vertices),
                    _least(outside, vertices),
                )
            )
        return sorted(found, key=_order)

    def total(self, kind: Kind) -> int:
        """Return how many there are of a kind; of identities in all for users."""
        return self._kinds.count(kind)

    def _count(self, vertex: int, what: object, kind: Kind, weight: int) -> None:
        column = self._columns.get(what)
        if column is None:
            column = self._columns[what] = len(self._kinds)
            self._kinds.append(kind)
            self._weights.append(weight)
        self._of_vertex.setdefault(vertex, []).append(column)

    def _reached(self) -> dict[int, NDArray[np.uint8]]:
        """Return the bits of all that each vertex of pods leads to."""
        graph = self._attack.graph.graph
        components = rx.strongly_connected_components(graph)
        component_of = np.zeros(graph.num_nodes(), dtype=np.int64)
        for number, vertices in enumerate(components):
            component_of[list(vertices)] = number
        edges = np.asarray(graph.edge_list(), dtype=np.int64).reshape(-1, 2)
        between = component_of[edges]
        between = between[between[:, 0] != between[:, 1]]
        ahead: dict[int, set[int]] = {}
        for source, target in between.tolist():
            ahead.setdefault(source, set()).add(target)
        width = (len(self._kinds) + 7) // 8
        found = np.zeros((len(components), width), dtype=np.uint8)
        # A component comes after all those that it leads to.
        for number, vertices in enumerate(components):
            bits = found[number]
            for column in (column for vertex in vertices for column in self._of_vertex.get(vertex, ())):
                bits[column >> 3] |= 128 >> (column & 7)
            for other in ahead.get(number, ()):
                bits |= found[other]
        return {group.vertex: found[component_of[group.vertex]] for group in self._attack.groups}

    def _standings(self, kind: Kind) -> list[int]:
        return self._attack.graph.of_standing(lambda each: each.kind is kind)


def _least(steps: dict[int, int], vertices: Iterable[int]) -> int | None:
    return min((steps[each] for each in vertices if each in steps), default=None)


def _order(row: RankRow) -> tuple[object, ...]:
    far = row.to_admin if row.to_admin is not None else len(Kind) * 1000
    return (far, -row.nodes, -row.secrets, -row.identities, -row.workloads, -row.pods, row.workload)
