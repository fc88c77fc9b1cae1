"""
The verdicts on very many connections at once: what was observed, judged by the policies of one network.

Connections are encoded without regard to policies, so that the same ones can be replayed
against the policies of today and against proposed ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from firedoor.model.networkpolicy import Direction
from firedoor.model.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from firedoor.engine.reach.network import Network
    from firedoor.engine.reach.values import Value

VERDICTS = (Verdict.DENIED, Verdict.ACCEPTED, Verdict.UNKNOWN)
"""What the numbers of `replay` stand for."""
_SURE, _POSSIBLE = 1, 2
_NUMBERS = np.asarray([0, 0, 2, 1], dtype=np.uint8)
"""The position in `VERDICTS` for neither, (nothing,) possible, and both."""
MOST_CELLS = 1 << 27
"""Rows of up to so many values in all are written out: to look one up is then a single access to memory."""
_CELLS_EACH = 64
"""Cells that are written out for a connection take no longer than to look its value up."""
_AT_ONCE = 1 << 16
"""Connections that are judged together: what is read and written then stays in the processor's cache."""


Together = Callable[[Callable[[slice], "NDArray[np.uint8]"], "Iterable[slice]"], "Iterable[NDArray[np.uint8]]"]
"""Applies a function to all of some things, as ``map`` does."""


class Encoded(NamedTuple):
    """
    Connections as three arrays of one shape: positions in `ends`, in `ends` again, and in `services`.

    `ends` are positions of members, or addresses outside the cluster; `services` are pairs of
    protocol and target port.
    """

    ends: tuple[int | str, ...]
    services: tuple[tuple[str, int], ...]
    source: NDArray[np.int32]
    destination: NDArray[np.int32]
    service: NDArray[np.int32]


def encode(connections: Iterable[tuple[int | str, int | str, str, int]]) -> Encoded:
    """Return connections, given as source, destination, protocol and target port, as arrays."""
    ends: dict[int | str, int] = {}
    services: dict[tuple[str, int], int] = {}
    rows = [
        (
            ends.setdefault(source, len(ends)),
            ends.setdefault(destination, len(ends)),
            services.setdefault((protocol, port), len(services)),
        )
        for source, destination, protocol, port in connections
    ]
    table = np.asarray(rows, dtype=np.int32).reshape(-1, 3)
    columns = (np.ascontiguousarray(table[:, each]) for each in range(3))
    return Encoded(tuple(ends), tuple(services), *columns)


def replay(network: Network, encoded: Encoded, together: Together = map) -> NDArray[np.uint8]:
    """
    Return the verdict on each connection as its position in `VERDICTS`, shape of the arrays of `encoded`.

    `together` is ``map``, or that of a pool of threads: numpy lets several look up verdicts at once.
    """
    return _Replay(network, encoded).verdicts(together)


class _Replay:
    """The ends and services of some connections, in the terms of one network."""

    def __init__(self, network: Network, encoded: Encoded) -> None:
        self._network = network
        self._encoded = encoded
        self._atoms = np.asarray([network.axis.atom(*each) for each in encoded.services], dtype=np.int64)
        self._column = np.asarray([network.column(each) for each in encoded.ends], dtype=np.int64)
        self._is_member = np.asarray([isinstance(each, int) for each in encoded.ends], dtype=bool)
        self._is_plain = np.asarray([network.is_judged_by_column(each) for each in encoded.ends], dtype=bool)
        self._node, self._is_node = self._nodes()
        self._all_members, self._any_nodes = bool(self._is_member.all()), bool(self._is_node.any())
        directions = tuple(Direction) if self._is_plain.any() else ()
        self._sides = [(each, _Side(network, each, self._column, len(encoded.source))) for each in directions]
        self._known: dict[tuple[int, int], Value] = {}

    def _nodes(self) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Return the node of each end as a number, 0 where it is not known, and which are on its own network."""
        numbers: dict[str, int] = {"": 0}
        members = [self._network.members[each] if isinstance(each, int) else None for each in self._encoded.ends]
        nodes = [0 if each is None else numbers.setdefault(each.node, len(numbers)) for each in members]
        on_host = [each is not None and each.host_network for each in members]
        return np.asarray(nodes, dtype=np.int32), np.asarray(on_host, dtype=bool)

    def verdicts(self, together: Together) -> NDArray[np.uint8]:
        starts = range(0, len(self._encoded.source), _AT_ONCE)
        parts = [slice(start, start + _AT_ONCE) for start in starts]
        found = np.concatenate([np.zeros(0, dtype=np.uint8), *together(self._judged, parts)])
        if not self._is_plain.all():
            self._judge_singly(found)
        return _NUMBERS.take(found)

    def _judged(self, part: slice) -> NDArray[np.uint8]:
        """Return what is sure and what is possible as bits where both ends are plain; a pod always reaches itself."""
        sources = self._encoded.source[part].astype(np.intp)
        destinations = self._encoded.destination[part].astype(np.intp)
        atoms = self._atoms.take(self._encoded.service[part])
        found = np.full(len(sources), _SURE | _POSSIBLE, dtype=np.uint8)
        for direction, side in self._sides:
            own, peers = (destinations, sources) if direction is Direction.INGRESS else (sources, destinations)
            chosen = slice(None) if self._all_members else np.flatnonzero(self._is_member.take(own))
            said = side.bits(own[chosen], peers[chosen], atoms[chosen])
            if direction is Direction.INGRESS and self._any_nodes:
                self._let_in(peers[chosen], own[chosen], said)
            found[chosen] &= said
        found[sources == destinations] = _SURE | _POSSIBLE
        return found

    def _judge_singly(self, found: NDArray[np.uint8]) -> None:
        """Put in what is said of connections with ends that columns and nodes do not tell all of."""
        sources, destinations = self._encoded.source, self._encoded.destination
        is_single = ~(self._is_plain.take(sources) & self._is_plain.take(destinations)) & (sources != destinations)
        for place in np.flatnonzero(is_single).tolist():
            atom = int(self._atoms[self._encoded.service[place]])
            found[place] = self._single(int(sources[place]), int(destinations[place]), atom)

    def _let_in(self, sources: NDArray[np.intp], destinations: NDArray[np.intp], said: NDArray[np.uint8]) -> None:
        """Add to what was said that a source is, or may be, the node of its destination."""
        near = np.flatnonzero(self._is_node.take(sources))
        near = near[~self._is_node[destinations[near]]]
        ours, theirs = self._node[sources[near]], self._node[destinations[near]]
        said[near[(ours == 0) | (theirs == 0)]] |= _POSSIBLE
        said[near[(ours == theirs) & (ours != 0)]] = _SURE | _POSSIBLE

    def _single(self, source: int, destination: int, atom: int) -> int:
        value = self._known.get((source, destination))
        if value is None:
            ends = self._encoded.ends
            value = self._known[source, destination] = self._network.value(ends[source], ends[destination])
        return _bits(value, atom)


class _Side:
    """What the policies of one direction say, as bits for each value and each interval of ports."""

    def __init__(self, network: Network, direction: Direction, columns: NDArray[np.int64], count: int) -> None:
        """Take the `columns` of all ends; those that are no members have no row, and none is asked for."""
        matrix = network.matrix[direction]
        self._pairs = matrix.pairs
        self._columns = columns
        programs = matrix.program_of.astype(np.int64)
        self._rows = programs[np.minimum(columns, len(programs) - 1)]
        self._atoms = len(network.axis)
        is_worth = len(matrix.programs) * matrix.sets.size <= min(MOST_CELLS, count * _CELLS_EACH)
        self._cells = self._pairs.cells(self._atoms) if is_worth else None
        self._starts = self._rows * self._pairs.size
        self._said = _SURE * _by_port(matrix.table.values, 0, self._atoms)
        self._said |= _POSSIBLE * _by_port(matrix.table.values, 1, self._atoms)

    def bits(self, own: NDArray[np.intp], peers: NDArray[np.intp], atoms: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return what some ends accept from, or may send to, others on ports."""
        places = self._columns.take(peers)
        if self._cells is None:
            codes = self._pairs.at(self._rows.take(own), places).astype(np.int64) * self._atoms + atoms
        else:
            places += self._starts.take(own)
            codes = self._cells.take(places) + atoms
        found: NDArray[np.uint8] = self._said.take(codes)
        return found


def _by_port(values: Sequence[Value], which: int, atoms: int) -> NDArray[np.uint8]:
    """Return of one mask of each value whether it holds each interval of ports, shape ``(values, atoms)``."""
    size = (atoms + 7) // 8
    data = b"".join([value[which].to_bytes(size, "little") for value in values])
    words = np.frombuffer(data, dtype=np.uint8).reshape(-1, size)
    return np.unpackbits(words, axis=1, count=atoms, bitorder="little")


def _bits(value: Value, atom: int) -> int:
    return (value[0] >> atom & 1) * _SURE | (value[1] >> atom & 1) * _POSSIBLE
