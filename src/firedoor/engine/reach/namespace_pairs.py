"""How many pairs of pods of two namespaces may exchange something, counted from pairs of profiles."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.reach.counting import MOST_CELLS, Extent
from firedoor.engine.reach.nearby import near_pairs
from firedoor.engine.reach.pair_extents import PairExtents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from firedoor.engine.reach.network import Network

Crossings = dict[tuple[str, str], tuple[int, ...]]
"""The ordered pairs of pods from one namespace to another, by extent."""


def profiles_by_namespace(network: Network) -> dict[str, set[int]]:
    """Return the profiles of the pods of each namespace."""
    found: dict[str, set[int]] = {}
    for member, profile in zip(network.members, network.profile_of, strict=True):
        found.setdefault(member.namespace, set()).add(profile)
    return found


def crossings(network: Network, namespaces: Sequence[str]) -> Crossings:
    """Return the pairs of pods of different ones of some namespaces, in their order."""
    places = {name: number for number, name in enumerate(namespaces)}
    table = counted(network, [places.get(each.namespace, -1) for each in network.members], len(places))
    return {
        (source, destination): tuple(table[places[source], places[destination]].tolist())
        for source in namespaces
        for destination in namespaces
        if source != destination
    }


def counted(network: Network, places: Sequence[int], size: int) -> NDArray[np.int64]:
    """
    Return how many pairs of pods of two places have each extent, as an array of source, destination and extent.

    `places` has a number below `size` for each member, or -1 for one that is not counted. Within a place pods
    are paired with themselves too.
    """
    pairs = PairExtents(network)
    keys = list(zip(network.profile_of, places, strict=True))
    counts = Counter(keys)
    classes = sorted(each for each in counts if each[1] >= 0)
    profiles = np.asarray([profile for profile, _ in classes], dtype=np.int64)
    homes = np.asarray([home for _, home in classes], dtype=np.int64)
    weights = np.asarray([counts[each] for each in classes], dtype=np.int64)
    extents = len(Extent)
    table = np.zeros((size, size, extents), dtype=np.int64)
    step = max(1, MOST_CELLS // max(1, len(classes)))
    for first in range(0, len(classes), step):
        chosen = slice(first, first + step)
        to, come = np.meshgrid(np.arange(len(classes))[chosen], np.arange(len(classes)), indexing="ij")
        found = pairs.of(profiles[to.ravel()], profiles[come.ravel()])
        codes = (homes[come.ravel()] * size + homes[to.ravel()]) * extents + found
        sums = np.bincount(codes, weights[to.ravel()] * weights[come.ravel()], table.size)
        table += sums.astype(np.int64).reshape(table.shape)
    _correct_nodes(network, pairs, keys, table)
    return table


def _correct_nodes(network: Network, pairs: PairExtents, keys: list[tuple[int, int]], table: NDArray[np.int64]) -> None:
    """Count anew what pods on the network of their node may do towards pods that are, or may be, on that node."""
    numbers: dict[tuple[int, int], int] = {}
    class_of = np.asarray([numbers.setdefault(each, len(numbers)) for each in keys], dtype=np.int64)
    for near in near_pairs(network, class_of):
        for host, pod, count in zip(near.hosts.tolist(), near.pods.tolist(), near.counts.tolist(), strict=True):
            for source, destination in ((host, pod), (pod, host)) if network.tells_own_nodes else ((host, pod),):
                (one, home), (other, end) = keys[source], keys[destination]
                if home >= 0 and end >= 0:
                    before = pairs.of(np.asarray([other]), np.asarray([one]))[0]
                    table[home, end, before] -= count
                    table[home, end, pairs.extent(network.value(source, destination))] += count
