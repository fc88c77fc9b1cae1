"""
Who reaches whom in one hop, as rows of bits.

The vertices are the profiles; those on the network of a node are split by node, because
a node always reaches the pods that run on it. Where policies of Cilium decide about that
too, all are split by node, and pairs that may share one are asked about one by one.
Vertices that reach the same share a row.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from firedoor.engine.reach.network import Network

Key = TypeVar("Key")
Found = TypeVar("Found")

WORD = 63
"""Ports of a mask that fit one word."""

_NONE = np.zeros(0, dtype=np.int64)
MOST_NODE_SETS = 64
"""Sets of nodes of which it is kept at once what is there."""


class HopGraph:
    """
    The hops of a network: sure ones, and with `possible` those that may be accepted as well.

    `ports` is the mask of the ports that count, which is not empty; with `doors`, a mask for
    each member, only those among them count at it.
    """

    def __init__(self, network: Network, ports: int, *, possible: bool, doors: Sequence[int] | None = None) -> None:
        """Find the vertices and what each reaches."""
        self.network = network
        self.possible = possible
        self.ports = ports
        self._doors = doors
        self._asks_nodes = bool(network.typed.cilium) and any(each.host_network for each in network.profiles)
        self._darkness: dict[int, tuple[bool, ...]] = {}
        keys = [self._key(position) for position in range(len(network.members))]
        numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
        self.size = len(numbers)
        self.vertex_of: NDArray[np.int64] = np.asarray([numbers[key] for key in keys], dtype=np.int64)
        """The vertex of each member."""
        self._nodes = [key[1] for key in numbers]
        self.is_host: NDArray[np.bool_] = np.asarray([network.profiles[key[0]].host_network for key in numbers])
        """Which vertices are on the network of their node."""
        self._profiles = np.asarray([key[0] for key in numbers], dtype=np.int64)
        self._dark = {way: np.asarray([key[2][at] for key in numbers], dtype=bool) for at, way in enumerate(Direction)}
        self._exposed = [key[3] for key in numbers]
        self._has_door = np.asarray([each != 0 for each in self._exposed], dtype=bool)
        self.rows: NDArray[np.uint8]
        """The distinct rows, packed: bit d says whether all members of vertex d are reached, but for the source."""
        self.row_of: NDArray[np.int64]
        """The row of each vertex."""
        self.rows, self.row_of = self._rows()
        self._on_nodes: dict[tuple[str, ...], NDArray[np.int64]] = {}

    @cached_property
    def by_node(self) -> dict[str, NDArray[np.int64]]:
        """The members that have a network of their own, by node; those of no known node only if possibility counts."""
        found: dict[str, list[int]] = {}
        for position, member in enumerate(self.network.members):
            if not self._asks_nodes and not member.host_network and (member.node or self.possible):
                found.setdefault(member.node, []).append(position)
        return {node: np.asarray(positions, dtype=np.int64) for node, positions in found.items()}

    @cached_property
    def anything(self) -> NDArray[np.uint8]:
        """The vertices that any vertex reaches, packed."""
        union: NDArray[np.uint8] = np.bitwise_or.reduce(self.rows, axis=0)
        return union

    def exposed(self, member: int) -> int:
        """Return the mask of the ports that count at a member."""
        return self.ports if self._doors is None else self.ports & self._doors[member]

    def neighbours(self, vertices: NDArray[np.int64]) -> dict[str, int]:
        """
        Return the nodes whose pods some vertices reach for running there, or for possibly running there.

        Each comes with the position among `vertices` of the first that does.
        """
        found: dict[str, int] = {}
        for position in np.flatnonzero(self.is_host[vertices]).tolist():
            for node in (self._nodes[int(vertices[position])], ""):
                if node in self.by_node:
                    found.setdefault(node, position)
        return found

    def unpacked(self, row: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Return bits as one truth value for each vertex."""
        return np.unpackbits(row, count=self.size).view(np.bool_)

    def sources(self, targets: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return the vertices that reach all members of any vertex of a mask."""
        hits: NDArray[np.bool_] = np.any(self.rows & np.packbits(targets), axis=1)[self.row_of]
        return hits

    def reach(self, vertices: NDArray[np.int64], target: int) -> NDArray[np.bool_]:
        """Return which of `vertices` reach all members of a vertex."""
        bits: NDArray[np.bool_] = (self.rows[self.row_of[vertices], target >> 3] >> (7 - (target & 7)) & 1).astype(bool)
        return bits

    def vertices_on(self, nodes: tuple[str, ...]) -> NDArray[np.int64]:
        """Return the vertices that have members of `by_node` on any of some nodes, sorted."""
        found = self._on_nodes.get(nodes)
        if found is None:
            touched = np.zeros(self.size, dtype=bool)
            for node in nodes:
                touched[self.vertex_of[self.by_node[node]]] = True
            found = kept(self._on_nodes, nodes, np.flatnonzero(touched))
        return found

    def _key(self, position: int) -> tuple[int, str, tuple[bool, ...], int]:
        member = self.network.members[position]
        profile = self.network.profile_of[position]
        dark = self._darkness.get(profile)
        if dark is None:
            # Gaps are about namespaces, and pods of one profile are in the same.
            dark = tuple(next(self.network.gaps_of(member, each), None) is not None for each in Direction)
            self._darkness[profile] = dark
        node = member.node if member.host_network or self._asks_nodes else ""
        return profile, node, dark, self.exposed(position)

    def _rows(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        outgoing, programs, masks = self._direction(Direction.EGRESS)
        incoming, of_destination, other_masks = self._direction(Direction.INGRESS)
        meeting = _Meeting(other_masks, masks, self._exposed)
        by_source = np.ascontiguousarray(incoming.T)
        first = np.unique(self.vertex_of, return_index=True)[1]
        numbers: dict[tuple[int, bytes, bytes], int] = {}
        packed: list[NDArray[np.uint8]] = []
        row_of = np.zeros(self.size, dtype=np.int64)
        for vertex in range(self.size):
            near = self._near(vertex, first)
            key = (int(programs[vertex]), by_source[vertex].tobytes(), near.tobytes())
            number = row_of[vertex] = numbers.setdefault(key, len(numbers))
            if number == len(packed):
                reached = meeting.common(by_source[vertex][of_destination], outgoing[programs[vertex]])
                reached[near >> 1] = near & 1
                packed.append(np.packbits(reached))
        return np.stack(packed), row_of

    def _near(self, vertex: int, first: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the vertices that may share a node with one, doubled, and one more where they are reached."""
        node, is_host = self._nodes[vertex], bool(self.is_host[vertex])
        if not self._asks_nodes:
            # Where a pod runs on the network of a node nobody knows, any pod may be on that node.
            anywhere = self.possible and is_host and not node
            return np.flatnonzero(~self.is_host & self._has_door) * 2 + 1 if anywhere else _NONE
        is_near = self.is_host != is_host
        if node:
            is_near &= np.isin(self._node_names, (node, ""))
        found = [
            2 * each
            + bool(self.network.value(int(first[vertex]), int(first[each]))[self.possible] & self._exposed[each])
            for each in np.flatnonzero(is_near).tolist()
        ]
        return np.asarray(found, dtype=np.int64)

    @cached_property
    def _node_names(self) -> NDArray[np.str_]:
        return np.asarray(self._nodes)

    def _direction(self, direction: Direction) -> tuple[NDArray[np.unsignedinteger], NDArray[np.int64], list[int]]:
        """
        Return for each program the numbers over the vertices, for each vertex its program, for each number its mask.

        What a gap makes unknown has a program of its own, the last.
        """
        matrix = self.network.matrix[direction]
        chosen, of_vertex = np.unique(matrix.program_of[self._profiles], return_inverse=True)
        rows = [matrix.row(each) for each in chosen.tolist()]
        side = 1 if self.possible else 0
        masks: dict[int, int] = {}
        values = [*matrix.table.values, (0, self.network.axis.everything)]
        numbers = np.asarray([masks.setdefault(value[side] & self.ports, len(masks)) for value in values])
        numbers = numbers.astype(np.min_scalar_type(len(masks)))
        found = np.full((len(rows) + 1, self.size), numbers[-1])
        for number, row in enumerate(rows):
            found[number] = numbers[row[self._profiles]]
        return found, np.where(self._dark[direction], len(rows), of_vertex), list(masks)


def kept(known: dict[Key, Found], key: Key, found: Found) -> Found:
    """
    Keep what was found of a set of nodes, in the place of the oldest where there are `MOST_NODE_SETS`; return it.

    A cache of a method would hold on to the graph, and with it to the network, until cycles are looked for.
    """
    if len(known) >= MOST_NODE_SETS:
        del known[next(iter(known))]
    known[key] = found
    return found


class _Meeting:
    """Masks of destinations, masks of sources, and what counts at each vertex, in words."""

    def __init__(self, first: list[int], second: list[int], exposed: list[int]) -> None:
        self._alike = len(set(exposed)) == 1
        length = max(exposed).bit_length()
        self._first, self._second, self._exposed = (
            [_words(masks, start) for start in range(0, length, WORD)] for masks in (first, second, exposed)
        )
        # Where the same counts everywhere, all pairs of masks are few.
        self._pairs = (
            [
                (one[:, None] & other[None, :] & ports[0]) != 0
                for one, other, ports in zip(self._first, self._second, self._exposed, strict=True)
            ]
            if self._alike
            else []
        )

    def common(self, first: NDArray[np.unsignedinteger], second: NDArray[np.unsignedinteger]) -> NDArray[np.bool_]:
        """Return for each vertex whether the two masks of these numbers have a port in common that counts there."""
        found = np.zeros(len(first), dtype=bool)
        if self._alike:
            for pairs in self._pairs:
                found |= pairs[first, second]
            return found
        for one, other, ports in zip(self._first, self._second, self._exposed, strict=True):
            found |= (one[first] & other[second] & ports) != 0
        return found


def _words(masks: list[int], start: int) -> NDArray[np.int64]:
    return np.asarray([mask >> start & (1 << WORD) - 1 for mask in masks], dtype=np.int64)
