"""The numbers of whole networks, beside those that single answers give."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import msgspec
import pytest
from tests.loading import snapshot_of

from firedoor.engine.reach import allpairs
from firedoor.engine.reach.network import Network
from firedoor.engine.reach.summary import summarize
from firedoor.model.networkpolicy import Direction
from firedoor.model.places import Gap, GapKind, Scope
from firedoor.model.summary import Side

POD = """
{apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: %s, labels: {app: %s}},
 spec: {hostNetwork: %s, nodeName: %s, containers: [{name: a, image: a}]}}
---
"""
POLICY = """
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: %s, namespace: %s},
 spec: {podSelector: {matchLabels: {app: %s}}, policyTypes: [Ingress, Egress], ingress: %s, egress: %s}}
---
"""
EVERYWHERE = "[{to: [{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: '::/0'}}]}]"
CLUSTER = "".join(
    (
        POD % ("web", "a", "web", "false", "n1"),
        POD % ("api", "a", "api", "false", "n2"),
        POD % ("api", "b", "api", "false", "''"),
        POD % ("free", "b", "free", "false", "n1"),
        POD % ("agent", "nodes", "agent", "true", "n1"),
        POLICY % ("web", "a", "web", "[{from: [{ipBlock: {cidr: 192.0.2.0/24}}], ports: [{port: 80}]}]", EVERYWHERE),
        POLICY % ("api", "a", "api", "[{}]", "[{to: [{namespaceSelector: {}}]}]"),
        POLICY % ("api", "b", "api", "[{from: [{podSelector: {}}]}]", "[]"),
    )
)
LIMITS: tuple[dict[str, int], ...] = (
    {},
    {"SMALL": 0, "FRACTION": 1 << 20, "MOST_PATTERNS": 1},
    {"MOST_SMALL": 0},
)
OUTSIDE = ("192.0.2.1", "198.51.100.1", "2001:db8::1")


@pytest.mark.parametrize("limits", LIMITS, ids=str)
def test_sides_are_those_of_single_answers(limits: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in limits.items():
        monkeypatch.setattr(allpairs, name, value)
    network = Network(snapshot_of(CLUSTER))
    found = summarize(network)
    assert (found.ingress, found.egress) == (_side(network, Direction.INGRESS), _side(network, Direction.EGRESS))
    assert found.ingress == Side(unrestricted=2, outside_some=4, outside_all=3)
    assert found.egress == Side(unrestricted=2, outside_some=3, outside_all=3)


def test_pods_on_the_network_of_their_node_have_namespaces_of_their_own() -> None:
    found = summarize(Network(snapshot_of(CLUSTER)))
    assert (found.pods, found.workloads, found.namespaces) == (5, 5, 3)
    assert found.policies == {"NetworkPolicy": 3}


@pytest.mark.parametrize("limits", LIMITS, ids=str)
def test_what_was_not_listed_leaves_pods_unknown(limits: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in limits.items():
        monkeypatch.setattr(allpairs, name, value)
    gaps = (
        Gap(GapKind.INCOMPLETE, "cluster", "policies were not listed", "list them", scope=Scope("b", egress=False)),
        Gap(GapKind.INCOMPLETE, "cluster", "services were not listed", "list them"),
    )
    network = Network(msgspec.structs.replace(snapshot_of(CLUSTER), gaps=gaps))
    found = summarize(network)
    pods = permutations(range(len(network.members)), 2)
    expected = Counter(bool(sure) * 2 + bool(possible) for sure, possible in (network.value(*pair) for pair in pods))
    assert found.pairs.unknown == expected[1] > 0
    assert (found.pairs.none, found.pairs.all + found.pairs.some) == (expected[0], expected[3])
    assert found.ingress == Side(unrestricted=1, outside_some=5, outside_all=2)
    assert found.egress == _side(network, Direction.EGRESS)


def _side(network: Network, direction: Direction) -> Side:
    """Return what a side is by asking for each pod and address of each class."""
    pods = range(len(network.members))
    values = [[network.direction_value(direction, pod, each) for each in OUTSIDE] for pod in pods]
    free = [network.matrix[direction].layering.program(network.profile_of[pod]) for pod in pods]
    return Side(
        sum(not each for each in free),
        sum(any(possible for _, possible in each) for each in values),
        sum(all(each == network.everything for each in own) for own in values),
    )


def test_a_cluster_in_which_nobody_takes_part_has_no_pairs() -> None:
    pending = snapshot_of(
        "{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}, status: {phase: Pending}}"
    )
    assert summarize(Network(pending)).pods == 0
