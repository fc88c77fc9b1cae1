from __future__ import annotations

from typing import Any

import yaml
from hypothesis import given
from tests.loading import snapshot_of
from tests.strategies.clusters import clusters

from firedoor.engine.reach.cni import SPEC
from firedoor.engine.reach.namespace_peers import PeerFinder
from firedoor.engine.reach.network import Network
from firedoor.model.places import ObjectRef

POD = "{apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: %s}, spec: {containers: [{name: a}]%s}}\n---\n"
CLUSTER = (
    POD % ("web", "shop", "")
    + POD % ("api", "shop", "")
    + POD % ("db", "data", "")
    + POD % ("agent", "ops", ", hostNetwork: true")
    + """
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: data},
 spec: {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}},
   {ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 5432}]}]}}
"""
)
DB, WEB, AGENT = ObjectRef("Pod", "data", "db"), ObjectRef("Pod", "shop", "web"), ObjectRef("Pod", "ops", "agent")


def told(text: str, *refs: ObjectRef) -> list[tuple[Any, ...]]:
    found = PeerFinder(Network(snapshot_of(text), SPEC)).of(refs)
    return [
        (
            each.workload.name,
            each.pods,
            [(one.namespace, one.traffic, one.unknown, one.is_part) for one in each.sources],
            [(one.namespace, len(one.traffic), one.unknown, one.is_part) for one in each.destinations],
        )
        for each in found
    ]


def test_peers_are_told_by_namespace_and_outside_first() -> None:
    sql = (("TCP", 5432, 5432),)
    db, web = told(CLUSTER, DB, WEB)
    assert db == (
        "db", 1, [("", sql, (), True), ("shop", sql, (), False)], [("", 3, (), False), ("shop", 3, (), False)],
    )  # fmt: skip
    assert web[3] == [("", 3, (), False), ("data", 1, (), False), ("shop", 3, (), False)]


def test_pods_on_the_network_of_their_node_are_not_told() -> None:
    assert told(CLUSTER, AGENT) == [("agent", 0, [], [])]


def test_of_pods_with_gaps_nothing_is_known() -> None:
    other = "---\n{apiVersion: crd.antrea.io/v1beta1, kind: NetworkPolicy, metadata: {name: p, namespace: data}}\n"
    db = told(CLUSTER + other, DB)[0]
    assert [(name, traffic, len(unknown)) for name, traffic, unknown, _ in db[2]] == [("", (), 3), ("shop", (), 3)]


def test_no_workload_has_no_peers() -> None:
    assert told(CLUSTER) == []


@given(clusters())
def test_what_is_told_is_what_pairs_of_pods_may_exchange(manifests: list[dict[str, Any]]) -> None:
    network = Network(snapshot_of(yaml.safe_dump_all(manifests)), SPEC)
    refs = list(dict.fromkeys(each.workload for each in network.members))
    for found in PeerFinder(network).of(refs):
        own = [n for n, each in enumerate(network.members) if each.workload == found.workload and not each.host_network]
        assert found.pods == len(own)
        for is_source, peers in ((True, found.sources), (False, found.destinations)):
            masks: dict[str, tuple[int, int]] = {}
            for one in own:
                for other, each in enumerate(network.members):
                    if other == one or each.host_network:
                        continue
                    sure, possible = network.value(*((other, one) if is_source else (one, other)))
                    before = masks.get(each.namespace, (0, 0))
                    masks[each.namespace] = before[0] | sure, before[1] | possible
            traffic = network.axis.traffic
            assert {each.namespace: (each.traffic, each.unknown) for each in peers if each.namespace} == {
                name: (traffic(sure), traffic(possible & ~sure)) for name, (sure, possible) in masks.items() if possible
            }
