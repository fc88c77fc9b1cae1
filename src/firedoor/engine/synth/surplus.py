"""What stays open in a cluster beyond what is needed, pair by pair."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from firedoor.algebra.cidrs import format_range
from firedoor.engine.reach.counting import Extent
from firedoor.engine.reach.pair_extents import PairExtents
from firedoor.engine.synth.open_outside import OpenOutside
from firedoor.model.generation import OpenPair, OverPermission
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from firedoor.engine.reach.network import Network
    from firedoor.engine.synth.permitted import Permitted
    from firedoor.model.places import ObjectRef

MOST_LISTED = 1000
"""Pairs that are listed."""
_TOGETHER = 256
"""Destinations whose sources are found together."""

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
    """Pairs of workloads, judged as pairs of the profiles that their pods have."""

    def __init__(self, network: Network, permitted: Permitted) -> None:
        self._network = network
        self._pairs = PairExtents(network)
        scope = {ref for group in permitted.subjects for ref in group.workloads}
        self._workloads: list[ObjectRef] = sorted({member.workload for member in network.members})
        numbers = {ref: number for number, ref in enumerate(self._workloads)}
        self._in_scope = np.asarray([ref in scope for ref in self._workloads], dtype=bool)
        found = np.unique(
            [
                (profile, numbers[member.workload])
                for profile, member in zip(network.profile_of, network.members, strict=True)
            ],
            axis=0,
        )
        self._profile_of_pair, self._workload_of_pair = found[:, 0], found[:, 1]
        self._profiles_of: list[list[int]] = [[] for _ in self._workloads]
        for profile, workload in found.tolist():
            self._profiles_of[workload].append(profile)
        members = np.bincount([numbers[member.workload] for member in network.members])
        self._is_single = members == 1
        self._needed: dict[tuple[int, int], int] = defaultdict(int)
        self._outside = OpenOutside(network)
        for need in permitted.written:
            source, destination = need.source.workload, need.destination.workload
            if source is not None and destination is not None:
                mask = network.axis.inside(need.protocol, need.first, need.last)
                self._needed[numbers[source], numbers[destination]] |= mask
            elif source is not None:
                self._outside.permit(numbers[source], Direction.EGRESS, need.destination, need)
            else:
                assert destination is not None  # noqa: S101 - a need has a workload at one end
                self._outside.permit(numbers[destination], Direction.INGRESS, need.source, need)

    def count(self) -> int:
        """Return the number of pairs, without making a list of them."""
        total = sum(sources.size for _, sources in self._open())
        for (source, destination), ports in zip(self._needed, self._between(list(self._needed)), strict=True):
            is_counted = self._in_scope[source] or self._in_scope[destination]
            if is_counted and not (source == destination and self._is_single[source]):
                total -= bool(ports) and not ports & ~self._needed[source, destination]
        return total + sum(
            self._outside.is_open(workload, direction, self._profiles_of[workload])
            for workload, direction in self._outside_ends
        )

    def pairs(self) -> Iterator[OpenPair]:
        """Yield the pairs with what is open and not needed."""
        for destination, sources in self._open():
            asked = [(source, destination) for source in sources.tolist()]
            for pair, ports in zip(asked, self._between(asked), strict=True):
                beyond = ports & ~self._needed.get(pair, 0)
                if beyond:
                    yield OpenPair(self._name(pair[0]), self._name(pair[1]), self._network.axis.traffic(beyond))
        for workload, direction in self._outside_ends:
            ports, first = self._outside.ports(workload, direction, self._profiles_of[workload])
            if first is not None:
                where = f"{OUTSIDE} ({format_range(first.family, first.first, first.last)})"
                ends = (where, self._name(workload))
                names = ends if direction is Direction.INGRESS else ends[::-1]
                yield OpenPair(*names, self._network.axis.traffic(ports))

    @cached_property
    def _outside_ends(self) -> list[tuple[int, Direction]]:
        return [(workload, each) for workload in np.flatnonzero(self._in_scope).tolist() for each in Direction]

    def _open(self) -> Iterator[tuple[int, NDArray[np.int64]]]:
        """Yield workloads, each with those from which anything to it is open, sorted; of pairs out of scope none."""
        for first in range(0, len(self._workloads), _TOGETHER):
            destinations = range(first, min(first + _TOGETHER, len(self._workloads)))
            towards = self._towards(profile for each in destinations for profile in self._profiles_of[each])
            for destination in destinations:
                is_open = np.zeros(len(self._workloads), dtype=bool)
                for profile in self._profiles_of[destination]:
                    is_open[towards[profile]] = True
                if not self._in_scope[destination]:
                    is_open &= self._in_scope
                if self._is_single[destination]:
                    is_open[destination] = False
                yield destination, np.flatnonzero(is_open)

    def _towards(self, profiles: Iterable[int]) -> dict[int, NDArray[np.int64]]:
        """Return for each of some profiles the workloads from which anything to it is open, some of them twice."""
        chosen = sorted(set(profiles))
        found = {}
        for profile, extents in zip(chosen, self._pairs.towards(np.asarray(chosen, dtype=np.int64)), strict=True):
            found[profile] = self._workload_of_pair[(extents >= Extent.SOME)[self._profile_of_pair]]
        return found

    def _between(self, pairs: Sequence[tuple[int, int]]) -> Iterator[int]:
        """Yield what is open from one workload to another, for each of some pairs."""
        asked = [
            (number, come, to)
            for number, (source, destination) in enumerate(pairs)
            for to in self._profiles_of[destination]
            for come in self._profiles_of[source]
        ]
        table = np.asarray(asked, dtype=np.int64).reshape(-1, 3)
        ports = [0] * len(pairs)
        for (number, _, _), value in zip(asked, self._pairs.values(table[:, 2], table[:, 1]), strict=True):
            ports[number] |= value[0]
        yield from ports

    def _name(self, workload: int) -> str:
        ref: ObjectRef = self._workloads[workload]
        return f"{ref.namespace}/{ref.name}"
