"""What counts at each pod among the hops of a network (`doors` of the hop graph)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from tests.engine.attack.cluster import Document, owned_by, plain, pod, policy, shut, world

from firedoor.engine.blast.graph import WORD, HopGraph
from firedoor.engine.reach.network import Network

OPEN = policy("shop/p", "", policyTypes=["Ingress"], ingress=[{"ports": [{"port": 80}, {"port": 81}]}])
TRIO = (pod("shop/a"), pod("shop/b"), pod("shop/c"), OPEN)


def hops(*documents: Document, doors: Sequence[Sequence[int]] | None = None, possible: bool = False) -> HopGraph:
    """Return the hops of some pods, at each of which some ports of TCP count."""
    network = Network(world(*documents))
    masks = None
    if doors is not None:
        masks = [sum({1 << network.axis.atom("TCP", port) for port in each}) for each in doors]
    return HopGraph(network, network.axis.everything, possible=possible, doors=masks)


def reached(found: HopGraph, source: int) -> list[int]:
    """Return the members that one reaches, itself left out."""
    row = found.unpacked(found.rows[found.row_of[found.vertex_of[source]]])
    return [each for each, vertex in enumerate(found.vertex_of.tolist()) if row[vertex] and each != source]


def test_without_doors_every_port_counts() -> None:
    found = hops(*TRIO)
    assert reached(found, 0) == [1, 2]
    assert found.exposed(1) == found.network.axis.everything


@pytest.mark.parametrize(
    ("doors", "members"),
    [
        (([80], [80], [80]), [1, 2]),
        (([80], [80], [81]), [1, 2]),
        (([80], [80], []), [1]),
        (([80], [82], [81]), [2]),
        (([], [], []), []),
        (([82], [82], [82]), []),
        (([80, 82], [82], [80, 82]), [2]),
    ],
)
def test_only_doors_that_policies_open_make_hops(doors: list[list[int]], members: list[int]) -> None:
    found = hops(*TRIO, doors=doors)
    assert reached(found, 0) == members
    assert reached(found, 1) == [each for each in (0, 2) if each in {*members, 0} and set(doors[each]) & {80, 81}]


def test_pods_with_other_doors_are_told_apart() -> None:
    owner = owned_by("StatefulSet", "db")
    alike = [pod(f"shop/db-{number}", owner=owner, labels={"app": "db"}) for number in range(3)]
    assert hops(*alike, OPEN).size == 1
    found = hops(*alike, OPEN, doors=([80], [80], [82]))
    assert found.size == 2
    assert reached(found, 2) == [0, 1]
    assert reached(found, 0) == [1]


def test_doors_beyond_one_word_count() -> None:
    many = [1000 + 2 * number for number in range(WORD + 10)]
    last = policy("shop/last", "b", policyTypes=["Ingress"], ingress=[{"ports": [{"port": many[-1]}]}])
    apart = policy("shop/all", "c", policyTypes=["Ingress"], ingress=[{"ports": [{"port": port} for port in many]}])
    some = (pod("shop/a", port=0), pod("shop/b", port=0), pod("shop/c", port=0), last, apart)
    assert reached(hops(*some, doors=([], [many[-1]], [many[0]])), 0) == [1, 2]
    assert reached(hops(*some, doors=([], [many[0]], [many[-1]])), 0) == [2]
    assert reached(hops(*some, doors=([many[0]], [many[0]], [many[0]])), 0) == [2]
    assert reached(hops(*some), 0) == [1, 2]


@pytest.mark.parametrize("possible", [False, True])
def test_where_a_node_is_not_known_only_pods_with_a_door_are_possibly_there(possible: bool) -> None:
    agent = pod("shop/agent", hostNetwork=True, port=0)
    found = hops(agent, pod("shop/b"), pod("shop/c"), shut("shop"), doors=([], [80], []), possible=possible)
    assert reached(found, 0) == ([1] if possible else [])


def test_policies_of_cilium_decide_about_the_doors_of_the_own_node() -> None:
    denied = {"fromEntities": ["host"], "toPorts": [{"ports": [{"port": "81"}]}]}
    guard = plain(
        "CiliumNetworkPolicy", "shop/guard", "cilium.io/v2", spec={"endpointSelector": {}, "ingressDeny": [denied]}
    )
    pods = (
        pod("shop/agent", hostNetwork=True, nodeName="one", port=0),
        *(pod(f"shop/{name}", nodeName="one") for name in "bcd"),
    )
    found = hops(*pods, guard, doors=([], [80], [81], []))
    assert reached(found, 0) == [1]
