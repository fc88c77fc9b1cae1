"""A whole network in numbers, from all pairs of classes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.reach.counting import Extent, count_pairs
from firedoor.engine.reach.programs import FREE
from firedoor.model.networkpolicy import Direction
from firedoor.model.summary import Pairs, ReachSummary, Side

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firedoor.engine.reach.network import Network

MOST_CELLS = 1 << 24
"""Cells of rows for addresses outside that are looked at together."""


def summarize(network: Network) -> ReachSummary:
    """Return the numbers of a network."""
    found = count_pairs(network)
    pairs = Pairs(found[Extent.ALL], found[Extent.SOME], found[Extent.UNKNOWN], found[Extent.NONE])
    return ReachSummary(
        len(network.members),
        len({each.workload for each in network.members}),
        len({each.namespace for each in network.members}),
        dict(sorted(_policies(network).items())),
        pairs,
        _side(network, Direction.INGRESS),
        _side(network, Direction.EGRESS),
        network.snapshot.gaps,
        network.cni.name,
    )


def _policies(network: Network) -> Counter[str]:
    """Count the policies that decide in some direction, by kind."""
    matrices = (network.matrix[direction] for direction in Direction)
    found = {
        policy.policy.ref: None for matrix in matrices for layer in matrix.layering.layers for policy in layer.policies
    }
    return Counter(ref.kind for ref in found)


def _side(network: Network, direction: Direction) -> Side:
    matrix = network.matrix[direction]
    weights = np.bincount(np.asarray(network.profile_of, dtype=np.int64), minlength=len(network.profiles))
    dark = np.asarray([network.is_dark(each, direction) for each in network.profiles], dtype=bool)
    free = np.asarray([program == FREE for program in matrix.programs], dtype=bool)
    some, everything = _outside(network, direction)
    rows = matrix.program_of
    return Side(
        int(weights[free[rows] & ~dark].sum()),
        int(weights[some[rows] | dark].sum()),
        int(weights[everything[rows] & ~dark].sum()),
    )


def _outside(network: Network, direction: Direction) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return for each row whether some class of addresses outside is accepted on some port, and all on every one."""
    matrix, index = network.matrix[direction], network.index
    columns = np.arange(index.first_external, index.first_domain, dtype=np.int64)
    full = (network.axis.everything, network.axis.everything)
    some, everything = (np.zeros(len(matrix.programs), dtype=bool) for _ in range(2))
    step = max(1, MOST_CELLS // len(columns))
    for first in range(0, len(matrix.programs), step):
        rows = np.arange(first, min(first + step, len(matrix.programs)), dtype=np.int64)
        numbers = matrix.pairs.at(np.repeat(rows, len(columns)), np.tile(columns, len(rows)))
        cells = numbers.reshape(len(rows), len(columns))
        values = matrix.table.values
        some[rows] = np.asarray([bool(value[1]) for value in values], dtype=bool)[cells].any(axis=1)
        everything[rows] = np.asarray([value == full for value in values], dtype=bool)[cells].all(axis=1)
    return some, everything
