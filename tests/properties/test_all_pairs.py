"""All pairs at once, and counts of them, say what single pairs say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import permutations
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.engine.reach import allpairs
from firedoor.engine.reach.allpairs import AllPairs
from firedoor.engine.reach.counting import Extent, count_pairs
from firedoor.engine.reach.network import Network
from firedoor.model.networkpolicy import Direction
from tests.examples import some
from tests.properties.comparing import network_of
from tests.properties.worlds import worlds
from tests.strategies.cluster_policies import clusters_with_cluster_policies
from tests.strategies.clusters import options

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]


LIMITS = st.sampled_from(
    (
        {"SMALL": 0, "FRACTION": 1 << 20, "MOST_PATTERNS": 64},
        {"SMALL": 0, "FRACTION": 1 << 20, "MOST_PATTERNS": 2},
        {"SMALL": 0, "FRACTION": 1 << 20, "MOST_PATTERNS": 4, "MOST_SMALL": 1},
        {"SMALL": 128},
    )
)
"""So that even sets of a few columns are large, and rows of many of them are kept whole."""


@some
@given(st.data())
def test_all_pairs_at_once_are_all_rows(data: st.DataObject) -> None:
    network = network_of(data.draw(clusters_with_cluster_policies()), data.draw(options()))
    for direction in Direction:
        matrix = network.matrix[direction]
        with _limits(data.draw(LIMITS)):
            pairs = AllPairs(matrix)
        for row in range(len(matrix.programs)):
            expected = [matrix.table.values[each] for each in matrix.row(row)]
            assert [matrix.table.values[each] for each in pairs.row(row)] == expected


@some
@given(st.data())
def test_pairs_are_counted_as_if_they_were_listed(data: st.DataObject) -> None:
    if data.draw(st.booleans()):
        world = data.draw(worlds())
        network = Network(world.snapshot, world.cni)
    else:
        network = network_of(data.draw(clusters_with_cluster_policies()), data.draw(options()))
    expected = Counter(_extent(network, *pair) for pair in permutations(range(len(network.members)), 2))
    with _limits(data.draw(LIMITS)):
        assert count_pairs(network) == {each: expected[each] for each in Extent}


@contextmanager
def _limits(limits: dict[str, int]) -> Iterator[None]:
    with ExitStack() as stack:
        for name, value in limits.items():
            stack.enter_context(patch.object(allpairs, name, value))
        yield


def _extent(network: Network, source: int, destination: int) -> Extent:
    sure, possible = network.value(source, destination)
    if sure == network.axis.everything:
        return Extent.ALL
    return Extent.SOME if sure else Extent.UNKNOWN if possible else Extent.NONE
