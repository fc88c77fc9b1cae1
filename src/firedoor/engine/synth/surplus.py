"""What stays open in a cluster beyond what is needed, pair by pair."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from firedoor.algebra.cidrs import format_range
from firedoor.engine.reach.classes import ClassIndex
from firedoor.engine.synth.allowed import Allowed
from firedoor.engine.synth.permitted import Side
from firedoor.model.generation import OpenPair, OverPermission
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from firedoor.engine.reach.network import Network
    from firedoor.engine.synth.permitted import Permitted
    from firedoor.model.places import ObjectRef

MOST_LISTED = 1000
"""Pairs that are listed."""

OUTSIDE = "outside"


def surplus(before: Network, after: Network, permitted: Permitted) -> OverPermission:
    """
    Return how many pairs of ends had and have anything open that no need is about, and those that still have.

    Pairs are counted that have a workload in scope at one end, whatever is at the other; all that is outside is
    one end.
    """
    found = list(_Surplus(after, permitted).pairs())
    return OverPermission(_Surplus(before, permitted).count(), len(found), tuple(sorted(found)[:MOST_LISTED]))


class _Surplus:
    def __init__(self, network: Network, permitted: Permitted) -> None:
        self._network = network
        self._classes = ClassIndex(network)
        scope = {ref for group in permitted.subjects for ref in group.workloads}
        self._workloads: list[ObjectRef] = sorted({member.workload for member in network.members})
        numbers = {ref: number for number, ref in enumerate(self._workloads)}
        self._in_scope = np.asarray([ref in scope for ref in self._workloads], dtype=bool)
        pairs = sorted(
            {
                (number, numbers[member.workload])
                for number, member in zip(self._classes.of_member, network.members, strict=True)
            }
        )
        self._class_of_pair: NDArray[np.int64] = np.asarray([each for each, _ in pairs], dtype=np.int64)
        self._workload_of_pair: NDArray[np.int64] = np.asarray([each for _, each in pairs], dtype=np.int64)
        self._classes_of: dict[int, list[int]] = defaultdict(list)
        for number, workload in pairs:
            self._classes_of[workload].append(number)
        self._needed: dict[tuple[int, int], int] = defaultdict(int)
        self._outside: dict[tuple[int, Direction], Side] = defaultdict(Side)
        members: dict[int, int] = defaultdict(int)
        for member in network.members:
            members[numbers[member.workload]] += 1
        self._is_single = {number for number, count in members.items() if count == 1}
        for need in permitted.written:
            mask = network.axis.inside(need.protocol, need.first, need.last)
            source, destination = need.source.workload, need.destination.workload
            if source is not None and destination is not None:
                self._needed[numbers[source], numbers[destination]] |= mask
                continue
            own, way, party = (
                (source, Direction.EGRESS, need.destination)
                if source is not None
                else (destination, Direction.INGRESS, need.source)
            )
            assert own is not None  # noqa: S101 - a need has a workload at one end
            side = self._outside[numbers[own], way]
            for block in party.blocks:
                traffic = side.written_blocks.get(block, ())
                side.written_blocks[block] = (*traffic, (need.protocol, need.first, need.last))

    def count(self) -> int:
        """Return the number of pairs, without making a list of them."""
        needed = defaultdict(list)
        for source, destination in self._needed:
            needed[destination].append(source)
        total = sum(1 for _ in self._with_outside())
        for destination in range(len(self._workloads)):
            opened = self._sources(destination)
            total += opened.size
            for source in needed[destination]:
                is_open = bool(opened[opened.searchsorted(source) : opened.searchsorted(source, "right")].size)
                total -= is_open and not self._beyond(source, destination)
        return total

    def pairs(self) -> Iterator[OpenPair]:
        """Yield the pairs with what is open and not needed."""
        for destination in range(len(self._workloads)):
            for source in self._sources(destination).tolist():
                ports = self._beyond(source, destination)
                if ports:
                    names = (self._name(source), self._name(destination))
                    yield OpenPair(*names, self._network.axis.traffic(ports))
        yield from self._with_outside()

    def _sources(self, destination: int) -> NDArray[np.int64]:
        """Return the workloads from which anything to one is open, sorted; of pairs out of scope none."""
        is_open = np.zeros(len(self._class_of_pair), dtype=bool)
        for number in self._classes_of[destination]:
            valued = self._classes.towards(number)
            opens = np.asarray([bool(value[0]) for value in valued.values], dtype=bool)[valued.numbers]
            is_open |= opens[self._class_of_pair]
        found = np.unique(self._workload_of_pair[is_open])
        if not self._in_scope[destination]:
            found = found[self._in_scope[found]]
        return found[found != destination] if destination in self._is_single else found

    def _beyond(self, source: int, destination: int) -> int:
        ports = 0
        for number in self._classes_of[destination]:
            valued = self._classes.towards(number)
            for each in self._classes_of[source]:
                ports |= valued.values[int(valued.numbers[each])][0]
        return ports & ~self._needed.get((source, destination), 0)

    def _with_outside(self) -> Iterator[OpenPair]:
        for workload in np.flatnonzero(self._in_scope).tolist():
            for direction in Direction:
                allowed = Allowed(self._network, self._outside[workload, direction])
                ports, where = self._open_outside(workload, direction, allowed)
                if ports:
                    ends = (where, self._name(workload))
                    names = ends if direction is Direction.INGRESS else ends[::-1]
                    yield OpenPair(*names, self._network.axis.traffic(ports))

    def _open_outside(self, workload: int, direction: Direction, allowed: Allowed) -> tuple[int, str]:
        """Return the ports that are open beyond the needs, and the first addresses of them."""
        network = self._network
        ports, where = 0, ""
        for number in self._classes_of[workload]:
            if self._classes.hosts[number]:
                continue
            valued = self._classes.outside(number, direction)
            for atom in network.addresses.atoms:
                value = valued.values[int(valued.numbers[atom.external])][0]
                if not value or atom.family not in network.families:
                    continue
                beyond = value & ~allowed.addresses(atom.family, atom.first, atom.last, atom.external)
                if beyond and not ports:
                    where = f"{OUTSIDE} ({format_range(atom.family, atom.first, atom.last)})"
                ports |= beyond
        return ports, where

    def _name(self, workload: int) -> str:
        ref: ObjectRef = self._workloads[workload]
        return f"{ref.namespace}/{ref.name}"
