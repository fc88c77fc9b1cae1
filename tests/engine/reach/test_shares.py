"""The pairs of each workload, beside those that single answers give."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import msgspec
import pytest
from tests.loading import snapshot_of

from firedoor.engine.reach import pair_extents
from firedoor.engine.reach.counting import Extent
from firedoor.engine.reach.network import Network
from firedoor.engine.reach.shares import shares
from firedoor.model.places import Gap, GapKind, ObjectRef, Scope

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
WEB = """
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: a},
 spec: {replicas: 3, selector: {matchLabels: {app: web}},
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: a, image: a}]}}}}
---
"""
CILIUM = """
{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: own-node, namespace: a},
 spec: {endpointSelector: {matchLabels: {app: api}}, egress: [{toEntities: [host]}], ingress: [{}]}}
---
"""
CLUSTER = "".join(
    (
        WEB,
        POD % ("api", "a", "api", "false", "n2"),
        POD % ("api", "b", "api", "false", "''"),
        POD % ("free", "b", "free", "false", "n1"),
        POD % ("agent-1", "nodes", "agent", "true", "n1"),
        POD % ("agent-2", "nodes", "agent", "true", "n2"),
        POD % ("other", "nodes", "other", "true", "''"),
        POLICY % ("web", "a", "web", "[{from: [{podSelector: {}}], ports: [{port: 80}]}]", "[]"),
        POLICY % ("api", "b", "api", "[]", "[{}]"),
    )
)


def brute(network: Network) -> dict[ObjectRef, tuple[list[int], list[int]]]:
    counts: dict[ObjectRef, tuple[Counter[int], Counter[int]]] = {}
    for member in network.members:
        counts.setdefault(member.workload, (Counter(), Counter()))
    for source, destination in permutations(range(len(network.members)), 2):
        sure, possible = network.value(source, destination)
        wide = sure == network.axis.everything
        extent = Extent.ALL if wide else Extent.SOME if sure else Extent.UNKNOWN if possible else Extent.NONE
        counts[network.members[destination].workload][0][extent] += 1
        counts[network.members[source].workload][1][extent] += 1
    return {ref: tuple([each[one] for one in Extent] for each in both) for ref, both in counts.items()}  # type: ignore[misc]


@pytest.mark.parametrize(("together", "codes"), [(1, 1 << 24), (256, 1 << 24), (256, 0)])
@pytest.mark.parametrize("text", [CLUSTER, CLUSTER + CILIUM])
def test_each_workload_has_the_pairs_that_single_answers_give(
    text: str, together: int, codes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pair_extents, "MOST_TOGETHER", together)
    monkeypatch.setattr(pair_extents, "MOST_CODES", codes)
    network = Network(snapshot_of(text))
    assert {each.workload: (list(each.incoming), list(each.outgoing)) for each in shares(network)} == brute(network)


def test_what_was_not_listed_leaves_pairs_unknown() -> None:
    gap = Gap(GapKind.INCOMPLETE, "cluster", "policies were not listed", "list them", scope=Scope("b", egress=False))
    network = Network(msgspec.structs.replace(snapshot_of(CLUSTER), gaps=(gap,)))
    found = {each.workload: (list(each.incoming), list(each.outgoing)) for each in shares(network)}
    assert found == brute(network)
    assert sum(incoming[Extent.UNKNOWN] for incoming, _ in found.values()) > 0


def test_a_cluster_without_pods_has_no_pairs() -> None:
    assert shares(Network(snapshot_of("{apiVersion: v1, kind: Namespace, metadata: {name: a}}"))) == ()
