"""Pods on the network of their node, and the pods that share the node with them or may."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain, count
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from firedoor.engine.reach.network import Network

    Integers = NDArray[np.int64]


class Near(NamedTuple):
    """
    Pairs of a host-network pod and another, as positions of members, and how many pairs are like each.

    The number counts all pairs of pods of the two profiles that are as near as these. All
    share a node for sure, or none does.
    """

    hosts: Integers
    pods: Integers
    counts: Integers


def near_pairs(network: Network, profile_of: Integers) -> Iterator[Near]:
    """
    Yield the pairs of each profile on the network of nodes: those on one node, then those that may be.

    `profile_of` tells the profile of each member, or a part of the profile's members that it is in.
    """
    on_host = network.profiles.is_host
    if not on_host.any():
        return
    is_host = np.zeros(int(profile_of.max(initial=-1)) + 1, dtype=bool)
    is_host[profile_of] = on_host[np.asarray(network.profile_of, dtype=np.int64)]
    node_of, nodes = _nodes(network)
    pods = np.flatnonzero(~is_host[profile_of])
    profiles, places = profile_of[pods], node_of[pods]
    for profile in np.flatnonzero(is_host).tolist():
        own = np.flatnonzero(profile_of == profile)
        on_node = np.bincount(node_of[own], minlength=nodes)
        unplaced, on_node[0] = int(on_node[0]), 0
        example = np.zeros(nodes, dtype=np.int64)
        example[node_of[own]] = own
        yield _alike(pods, profiles, on_node[places], example[places])
        apart = np.where(places == 0, len(own), unplaced)
        stand_in = np.where(places == 0, own[0], example[0])
        yield _alike(pods, profiles, apart, stand_in)


def _nodes(network: Network) -> tuple[Integers, int]:
    """Return the number of each member's node, 0 being none, and how many numbers there are."""
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    names = chain(("",), map(attrgetter("node"), network.members))
    found = np.fromiter(map(numbers.__getitem__, names), dtype=np.int64, count=len(network.members) + 1)
    return found[1:], len(numbers)


def _alike(pods: Integers, profiles: Integers, counts: Integers, hosts: Integers) -> Near:
    """Return for each profile one of its pods that counts, a host for it, and the sum of the counts."""
    sums = np.bincount(profiles, weights=counts).astype(np.int64)
    examples = np.zeros(len(sums), dtype=np.int64)
    chosen = np.flatnonzero(counts)
    examples[profiles[chosen]] = chosen
    found = np.flatnonzero(sums)
    return Near(hosts[examples[found]], pods[examples[found]], sums[found])
