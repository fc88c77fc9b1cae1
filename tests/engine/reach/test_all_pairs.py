"""All pairs at once, with the limits set so that every way of keeping a row is taken."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import pytest
from tests.loading import snapshot_of

from firedoor.engine.reach import allpairs
from firedoor.engine.reach.allpairs import AllPairs
from firedoor.engine.reach.counting import Extent, count_pairs
from firedoor.engine.reach.network import Network
from firedoor.model.networkpolicy import Direction

POD = """
{apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: %s, labels: {app: %s}},
 spec: {containers: [{name: a, image: a}]}}
---
"""
POLICY = """
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: %s, namespace: %s},
 spec: {podSelector: {matchLabels: {app: %s}}, policyTypes: [Ingress, Egress],
   ingress: [{from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: %s}}}], ports: [{port: %d}]}],
   egress: [{to: [{namespaceSelector: {}}], ports: [{port: %d}]}]}}
---
"""
BESIDES = """
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: besides-%d, namespace: a},
 spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress],
   ingress: [{from: [{podSelector: {matchExpressions: [{key: app, operator: %s, values: [api]}]}}],
              ports: [{port: %d}]},
             {from: [{podSelector: {matchLabels: {app: api}}}], ports: [{port: %d}]}]}}
---
"""
"""Its rules hold pods that those of others hold too."""
APPS = ("web", "api", "db")
CLUSTER = "".join(POD % (f"{app}-{space}", space, app) for space in ("a", "b") for app in APPS) + "".join(
    POLICY % (f"{app}-{peer}", "a", app, peer, 80 + number, 80 + number)
    for number, (app, peer) in enumerate(permutations(APPS, 2))
)
CLUSTER += "".join(
    BESIDES % (number, operator, 90 + number, 95 + number) for number, operator in enumerate(("In", "NotIn"))
)
LIMITS: tuple[dict[str, int], ...] = (
    {},
    {"SMALL": 0, "FRACTION": 1 << 20},
    {"SMALL": 0, "FRACTION": 1 << 20, "MOST_PATTERNS": 1, "MOST_SHORT": 0},
    {"SMALL": 0, "FRACTION": 1 << 20, "MOST_PATTERNS": 1},
    {"SMALL": 0, "FRACTION": 1 << 20, "MOST_SMALL": 1},
    {"MOST_SMALL": 0},
)


@pytest.fixture(params=LIMITS, ids=str)
def network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Network:
    for name, value in request.param.items():
        monkeypatch.setattr(allpairs, name, value)
    return Network(snapshot_of(CLUSTER))


def test_rows_are_those_of_the_matrix(network: Network) -> None:
    for direction in Direction:
        matrix = network.matrix[direction]
        pairs = AllPairs(matrix)
        for row in range(len(matrix.programs)):
            expected = [matrix.table.values[each] for each in matrix.row(row)]
            assert [matrix.table.values[each] for each in pairs.row(row)] == expected
            assert [matrix.table.values[pairs.cell(row, each)] for each in range(pairs.size)] == expected


def test_pairs_are_counted_as_if_they_were_listed(network: Network) -> None:
    pairs = permutations(range(len(network.members)), 2)
    expected = Counter(_extent(network, network.value(*pair)[0]) for pair in pairs)
    assert len(expected) > 1
    assert count_pairs(network) == {each: expected[each] for each in Extent}


def _extent(network: Network, sure: int) -> Extent:
    return Extent.ALL if sure == network.axis.everything else Extent.SOME if sure else Extent.NONE


def test_single_values_are_the_same_before_all_pairs_are_there_and_after() -> None:
    once, later = (Network(snapshot_of(CLUSTER)) for _ in range(2))
    for direction in Direction:
        assert later.matrix[direction].pairs.size == later.index.size
    places = [(profile, column) for profile in range(len(once.profiles)) for column in range(once.index.size)]
    for direction in Direction:
        assert [once.decided(direction, *each) for each in places] == [
            later.decided(direction, *each) for each in places
        ]
