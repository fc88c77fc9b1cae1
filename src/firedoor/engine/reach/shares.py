"""How many pairs of pods each workload takes part in, by how much they may exchange: from all pairs of profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from firedoor.engine.reach.counting import Extent
from firedoor.engine.reach.nearby import near_pairs
from firedoor.engine.reach.pair_extents import PairExtents

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firedoor.engine.reach.network import Network
    from firedoor.model.places import ObjectRef

    Integers = NDArray[np.int64]


class Share(NamedTuple):
    """The ordered pairs of different pods that end at (`incoming`) or begin at a workload's pods, by extent."""

    workload: ObjectRef
    incoming: tuple[int, ...]
    outgoing: tuple[int, ...]


def shares(network: Network) -> tuple[Share, ...]:
    """Return the pairs of each workload, sorted; in sum each direction has all pairs of the network."""
    return _Sharing(network).found()


class _Sharing:
    def __init__(self, network: Network) -> None:
        self._network = network
        self._profile_of = np.asarray(network.profile_of, dtype=np.int64)
        self._weights = np.bincount(self._profile_of, minlength=len(network.profiles)).astype(np.int64)
        self._pairs = PairExtents(network)
        numbers: dict[tuple[int, ObjectRef], int] = {}
        keys = zip(network.profile_of, (each.workload for each in network.members), strict=True)
        self._class_of = np.asarray([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)
        self._classes = tuple(numbers)
        """The pods of one profile and one workload are alike, and belong together."""

    def found(self) -> tuple[Share, ...]:
        shape = len(self._network.profiles), len(Extent)
        to, come = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        everyone = np.arange(shape[0], dtype=np.int64)
        cells, places = come.reshape(-1), everyone * shape[1]
        for destination, extents in zip(everyone.tolist(), self._pairs.towards(everyone), strict=True):
            to[destination] = np.bincount(extents, self._weights, shape[1])
            cells[places + extents] += self._weights[destination]
        profiles = np.asarray([profile for profile, _ in self._classes], dtype=np.int64)
        sizes = np.bincount(self._class_of, minlength=len(profiles)).astype(np.int64)
        own = self._pairs.of(profiles, profiles)
        incoming, outgoing = to[profiles] * sizes[:, None], come[profiles] * sizes[:, None]
        for table in (incoming, outgoing):
            # A pod is no pair with itself.
            np.subtract.at(table, (np.arange(len(profiles)), own), sizes)
        self._correct_nodes(incoming, outgoing)
        return self._by_workload(incoming, outgoing)

    def _correct_nodes(self, incoming: Integers, outgoing: Integers) -> None:
        """Count anew what pods on the network of their node may do towards pods that are, or may be, on that node."""
        for near in near_pairs(self._network, self._class_of):
            self._move(near.hosts, near.pods, near.counts, incoming, outgoing)
            if self._network.tells_own_nodes:
                self._move(near.pods, near.hosts, near.counts, incoming, outgoing)

    def _move(
        self, sources: Integers, destinations: Integers, counts: Integers, incoming: Integers, outgoing: Integers
    ) -> None:
        before = self._pairs.of(self._profile_of[destinations], self._profile_of[sources])
        pairs = zip(sources.tolist(), destinations.tolist(), strict=True)
        after = np.asarray([self._pairs.extent(self._network.value(*pair)) for pair in pairs], dtype=np.int64)
        for table, ends in ((incoming, destinations), (outgoing, sources)):
            np.subtract.at(table, (self._class_of[ends], before), counts)
            np.add.at(table, (self._class_of[ends], after), counts)

    def _by_workload(self, incoming: Integers, outgoing: Integers) -> tuple[Share, ...]:
        names = sorted({workload for _, workload in self._classes})
        place = {name: number for number, name in enumerate(names)}
        groups = np.asarray([place[workload] for _, workload in self._classes], dtype=np.int64)
        sums = [np.zeros((len(names), len(Extent)), dtype=np.int64) for _ in range(2)]
        for table, total in zip((incoming, outgoing), sums, strict=True):
            np.add.at(total, groups, table)
        rows = zip(names, *(each.tolist() for each in sums), strict=True)
        return tuple(Share(name, tuple(come), tuple(go)) for name, come, go in rows)
