"""The pairs between namespaces, beside those that single answers give."""

from __future__ import annotations

from itertools import permutations

import pytest
from tests.engine.reach.test_shares import CILIUM, CLUSTER
from tests.loading import snapshot_of

from firedoor.engine.reach import namespace_pairs as module
from firedoor.engine.reach.counting import MOST_CELLS, Extent
from firedoor.engine.reach.namespace_pairs import crossings, profiles_by_namespace
from firedoor.engine.reach.network import Network


def brute(network: Network, namespaces: list[str]) -> dict[tuple[str, str], tuple[int, ...]]:
    found = {pair: [0] * len(Extent) for pair in permutations(namespaces, 2)}
    for source, destination in permutations(range(len(network.members)), 2):
        pair = network.members[source].namespace, network.members[destination].namespace
        sure, possible = network.value(source, destination)
        extent = Extent.SOME if sure else Extent.UNKNOWN if possible else Extent.NONE
        if pair in found:
            found[pair][Extent.ALL if sure == network.axis.everything else extent] += 1
    return {pair: tuple(each) for pair, each in found.items()}


@pytest.mark.parametrize("cells", [1, MOST_CELLS])
@pytest.mark.parametrize("text", [CLUSTER, CLUSTER + CILIUM])
@pytest.mark.parametrize("namespaces", [["a", "b", "nodes"], ["nodes", "a"], ["b"]])
def test_pairs_are_those_of_single_answers(
    text: str, namespaces: list[str], cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_CELLS", cells)
    network = Network(snapshot_of(text))
    found = crossings(network, namespaces)
    assert found == brute(network, namespaces)
    assert all(sum(each) for each in found.values())


def test_profiles_are_told_by_the_namespaces_that_have_them() -> None:
    network = Network(snapshot_of(CLUSTER))
    found = profiles_by_namespace(network)
    assert sorted(found) == ["a", "b", "nodes"]
    assert set().union(*found.values()) == set(network.profile_of)
