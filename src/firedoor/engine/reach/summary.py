"""A whole network in numbers, from all pairs of classes."""

from __future__ import annotations

from collections import Counter
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.reach.counting import Extent, count_pairs
from firedoor.engine.reach.programs import FREE
from firedoor.engine.reach.sides import dark_profiles
from firedoor.model.networkpolicy import Direction
from firedoor.model.summary import Pairs, ReachSummary, Side

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firedoor.engine.reach.network import Network


def summarize(network: Network) -> ReachSummary:
    """Return the numbers of a network."""
    found = count_pairs(network)
    profile_of = np.asarray(network.profile_of, dtype=np.int64)
    weights = np.bincount(profile_of, minlength=len(network.profiles))
    pairs = Pairs(found[Extent.ALL], found[Extent.SOME], found[Extent.UNKNOWN], found[Extent.NONE])
    return ReachSummary(
        len(network.members),
        _workloads(network),
        _namespaces(network, profile_of, weights),
        dict(sorted(_policies(network).items())),
        pairs,
        _side(network, Direction.INGRESS, weights),
        _side(network, Direction.EGRESS, weights),
        network.snapshot.gaps,
        network.cni.name,
    )


def _policies(network: Network) -> Counter[str]:
    """Count the policies that decide in some direction, by kind."""
    layers = (layer for direction in Direction for layer in network.matrix[direction].layering.layers)
    # Those that decide in both directions are one object, of which the reference is made once.
    found = {id(each): each for layer in layers for each in layer.written}
    return Counter(map(attrgetter("kind"), set(map(attrgetter("ref"), found.values()))))


def _workloads(network: Network) -> int:
    """Return how many workloads there are."""
    listed = list(map(attrgetter("workload"), network.members))
    # Most pods of a workload share the reference to it.
    identities = np.fromiter(map(id, listed), dtype=np.uint64, count=len(listed))
    return len({listed[each] for each in np.unique(identities, return_index=True)[1].tolist()})


def _namespaces(network: Network, profile_of: NDArray[np.int64], weights: NDArray[np.int64]) -> int:
    """Return how many namespaces have pods; profiles of pods on the network of their node do not tell them."""
    profiles = network.profiles
    is_host = profiles.is_host
    used = np.unique(profiles.namespace_of[np.flatnonzero(weights * ~is_host)])
    found = {profiles.namespaces[each] for each in used.tolist()}
    hosts = np.flatnonzero(is_host[profile_of])
    return len(found.union(network.members[each].namespace for each in hosts.tolist()))


def _side(network: Network, direction: Direction, weights: NDArray[np.int64]) -> Side:
    matrix, index = network.matrix[direction], network.index
    dark = dark_profiles(network, direction)
    free = np.asarray([program == FREE for program in matrix.programs], dtype=bool)
    pairs, values = matrix.pairs, matrix.table.values
    may = np.asarray([bool(possible) for _, possible in values], dtype=bool)
    restricts = np.asarray([value != network.everything for value in values], dtype=bool)
    some = pairs.having(may, index.first_external, index.first_domain)
    everything = ~pairs.having(restricts, index.first_external, index.first_domain)
    rows = matrix.program_of
    return Side(
        int(weights[free[rows] & ~dark].sum()),
        int(weights[some[rows] | dark].sum()),
        int(weights[everything[rows] & ~dark].sum()),
    )
