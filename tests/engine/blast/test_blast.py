from __future__ import annotations

import pytest
from tests.engine.relations.worlds import allow, pod, policy
from tests.loading import snapshot_of

from firedoor.engine.blast.graph import MOST_NODE_SETS, HopGraph, kept
from firedoor.engine.blast.paths import paths_from, paths_to
from firedoor.engine.blast.spread import Spread
from firedoor.engine.reach.network import Network
from firedoor.model.blast import Hop, Reached, SpreadPath
from firedoor.model.places import ObjectRef

CHAIN = (
    pod("web"),
    pod("app"),
    pod("db"),
    policy("web", "web", f"policyTypes: [Ingress, Egress], egress: [{allow('app').replace('from', 'to')}]"),
    policy(
        "app", "app", f"policyTypes: [Ingress, Egress], ingress: [{allow('web')}], egress: [{{ports: [{{port: 80}}]}}]"
    ),
    policy("db", "db", f"policyTypes: [Ingress, Egress], ingress: [{allow('app')}]"),
)
HOSTS = (
    pod("agent", "hostNetwork: true, nodeName: one"),
    pod("near", "nodeName: one"),
    pod("far", "nodeName: two"),
    pod("lost"),
    policy("deny", "", "policyTypes: [Ingress, Egress]"),
)


def graph(*documents: str, port: int = 0, possible: bool = False) -> HopGraph:
    network = Network(snapshot_of("\n---\n".join(documents)))
    ports = 1 << network.axis.atom("TCP", port) if port else network.axis.everything
    return HopGraph(network, ports, possible=possible)


def positions(found: HopGraph, *names: str) -> list[int]:
    return [position for position, each in enumerate(found.network.members) if each.name in names]


def told(paths: list[SpreadPath]) -> list[tuple[str, int]]:
    return [(each.workload.name, each.hops) for each in paths]


def test_hops_add_up_and_the_worst_comes_first() -> None:
    spread = Spread(graph(*CHAIN))
    rows = spread.rows(range(len(spread.workloads)))
    assert [(row.workload.name, row.one_hop, row.two_hops, row.all_hops, row.hops) for row in rows] == [
        ("web", Reached(1, 1), Reached(2, 2), Reached(2, 2), 2),
        ("app", Reached(1, 1), Reached(1, 1), Reached(1, 1), 1),
        ("db", Reached(), Reached(), Reached(), 0),
    ]
    assert spread.workloads[0] == ObjectRef("Pod", "shop", "app")


def test_paths_lead_from_and_to_an_end_with_their_ports() -> None:
    found = graph(*CHAIN)
    hops = (Hop("shop/web", "shop/app", (("TCP", 80, 80),)), Hop("shop/app", "shop/db", (("TCP", 80, 80),)))
    forward = paths_from(found, positions(found, "web"))
    assert told(forward) == [("app", 1), ("db", 2)]
    assert forward[1].path == hops
    backward = paths_to(found, positions(found, "db"))
    assert told(backward) == [("app", 1), ("web", 2)]
    assert backward[1].path == hops


@pytest.mark.parametrize(("port", "count"), [(80, 2), (443, 0)])
def test_only_the_port_that_is_asked_for_makes_a_hop(port: int, count: int) -> None:
    found = graph(*CHAIN, port=port)
    assert len(paths_from(found, positions(found, "web"))) == count


@pytest.mark.parametrize(("possible", "names"), [(False, ["near"]), (True, ["lost", "near"])])
def test_a_pod_on_the_network_of_a_node_reaches_what_runs_there(possible: bool, names: list[str]) -> None:
    found = graph(*HOSTS, possible=possible)
    forward = paths_from(found, positions(found, "agent"))
    assert told(forward) == [(name, 1) for name in names]
    backward = paths_to(found, positions(found, "near", "far", "lost"))
    assert told(backward) == [("agent", 1)]
    if possible:
        assert forward[0].path[0].unknown
        assert not forward[0].path[0].traffic


def test_pods_of_one_node_are_counted_one_by_one() -> None:
    open_pods = [pod(name, "nodeName: one", namespace="open") for name in ("a", "b")]
    only_a = policy("only-a", "a", "ingress: [{}]", namespace="open")
    spread = Spread(graph(*HOSTS, *open_pods, only_a))
    rows = {row.workload.name: (row.one_hop, row.two_hops) for row in spread.rows(range(len(spread.workloads)))}
    assert rows["agent"] == (Reached(3, 3), Reached(3, 3))
    assert rows["a"] == rows["b"] == (Reached(2, 2), Reached(3, 3))
    assert rows["near"] == (Reached(), Reached())


@pytest.mark.parametrize("possible", [False, True])
def test_policies_of_cilium_may_keep_out_even_the_own_node(possible: bool) -> None:
    guard = (
        "{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: guard, namespace: shop}, spec: "
        "{endpointSelector: {}, ingress: [{fromEntities: [remote-node]}], ingressDeny: [{fromEntities: [host]}]}}"
    )
    found = graph(*HOSTS[:4], guard, possible=possible)
    names = [("far", 1), ("lost", 1)] if possible else [("far", 1)]
    assert told(paths_from(found, positions(found, "agent"))) == names
    assert told(paths_to(found, positions(found, "near"))) == []


def test_where_a_node_is_not_known_any_pod_may_be_on_it() -> None:
    documents = (HOSTS[0].replace(", nodeName: one", ""), *HOSTS[1:])
    sure = graph(*documents)
    assert told(paths_from(sure, positions(sure, "agent"))) == []
    maybe = graph(*documents, possible=True)
    assert told(paths_from(maybe, positions(maybe, "agent"))) == [("far", 1), ("lost", 1), ("near", 1)]


def test_pods_of_the_workload_itself_do_not_count() -> None:
    found = graph(
        "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db, namespace: shop}, spec: {replicas: 3, selector: "
        "{matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, "
        "spec: {containers: [{name: a, image: a}]}}}}",
        pod("web"),
    )
    spread = Spread(found)
    counts = {row.workload.name: (row.pods, row.all_hops) for row in spread.rows([0, 1])}
    assert counts == {"db": (3, Reached(1, 1)), "web": (1, Reached(1, 3))}
    (path, other) = paths_from(found, positions(found, "db-0"))
    assert [(path.workload.name, path.pods), (other.workload.name, other.pods)] == [("db", 2), ("web", 1)]


def test_more_ports_than_fit_a_word_are_compared_one_word_after_the_other() -> None:
    many = ", ".join(f"{{port: {number}}}" for number in range(1000, 1400, 2))
    last = "ports: [{port: 1398}]"
    rules = policy("db", "db", f"ingress: [{{ports: [{many}]}}]"), policy("web", "web", f"egress: [{{{last}}}]")
    found = graph(pod("web"), pod("db"), *rules)
    assert ("db", 1) in told(paths_from(found, positions(found, "web")))
    closed = graph(pod("web"), pod("db"), rules[0], policy("web", "web", "egress: [{ports: [{port: 1399}]}]"))
    assert told(paths_from(closed, positions(closed, "web"))) == []


def test_of_sets_of_nodes_only_the_last_ones_are_kept() -> None:
    known: dict[str, int] = {}
    for number in range(MOST_NODE_SETS + 3):
        assert kept(known, f"n{number}", number) == number
    assert list(known.values()) == list(range(3, MOST_NODE_SETS + 3))
