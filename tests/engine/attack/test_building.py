from __future__ import annotations

import pytest
from tests.engine.attack.cluster import (
    ADMIN,
    Document,
    ask,
    attack,
    binding,
    changes,
    deployment,
    leads,
    may,
    plain,
    pod,
    policy,
    role,
    rule,
    service,
    told,
    world,
)

from firedoor.engine.attack.graph import Means
from firedoor.errors import UsageError

INTERNET = (
    deployment("shop/web"),
    service("shop/web", "web", type="LoadBalancer"),
    deployment("shop/api", token=True, serviceAccountName="api"),
    role("all", ADMIN),
    binding("all", "all", "sa:shop/api"),
    policy("shop/api", "api", policyTypes=["Ingress"], ingress=[{"from": [{"podSelector": {}}]}]),
)


def test_all_layers_make_one_path() -> None:
    paths = ask(world(*INTERNET), "internet", "cluster-admin")
    assert told(paths) == [
        (
            "internet -exposed-> shop/web -network-> shop/api -token-> serviceaccount:shop/api"
            " -holds-everything-> cluster-admin"
        )
    ]
    assert paths.cut is not None
    assert len(paths.cut.changes or ()) == 1
    assert paths.cut.is_least
    assert [number for _, number in paths.cut.breaks] == [1] * len(paths.cut.breaks)
    assert sorted(changes(tuple(each for each, _ in paths.cut.breaks)) or ()) == [
        "binding all",
        "egress-policy shop/web",
        "exposure shop/web",
        "ingress-policy shop/api",
        "ingress-policy shop/web",
        "token shop/api",
    ]


@pytest.mark.parametrize("gone", [1, 3, 4])
def test_without_a_layer_there_is_no_path(gone: int) -> None:
    some = [each for number, each in enumerate(INTERNET) if number != gone]
    paths = ask(world(*some), "internet", "cluster-admin")
    assert told(paths) == []
    assert paths.cut is None


@pytest.mark.parametrize(
    ("any_port", "possible", "found"),
    [
        (False, False, set()),
        (True, False, {"network"}),
        (False, True, {"possibly legacy-token"}),
        (True, True, {"network"}),
    ],
)
def test_what_is_left_out_can_be_asked_for(any_port: bool, possible: bool, found: set[str]) -> None:
    documents: tuple[Document, ...] = (
        pod("shop/a", port=0),
        pod("shop/b", port=0),
        *may("user:eve", rule("get", "secrets")),
    )
    graph = attack(*documents, any_port=any_port, possible=possible)
    assert ("network" in leads(graph, "shop/a")) is any_port
    assert ("possibly legacy-token" in leads(graph, "user:eve")) is possible
    assert found <= {*leads(graph, "shop/a"), *leads(graph, "user:eve")}


def test_nothing_that_only_may_work_is_there_unless_it_is_asked_for() -> None:
    documents = (
        pod("shop/a", hostPID=True),
        plain("ServiceAccount", "shop/x"),
        *may("user:eve", rule("get", "secrets")),
    )
    for possible in (False, True):
        graph = attack(*documents, possible=possible).graph
        assert any(isinstance(each, Means) and each.is_possible for each in graph.vertices) is possible


@pytest.mark.parametrize("end", ["secrets", "secrets:shop", "cluster-admin"])
def test_no_path_begins_at_what_is_only_a_goal(end: str) -> None:
    with pytest.raises(UsageError, match="none begins there"):
        ask(world(*INTERNET), end, "shop/api")


def test_every_vertex_of_the_graph_is_handed_over() -> None:
    found = attack(*INTERNET)
    assert list(found.graph.graph.nodes()) == found.graph.vertices
    edges = found.graph.graph.edge_list()
    kinds = {(isinstance(found.graph.vertices[a], Means), isinstance(found.graph.vertices[b], Means)) for a, b in edges}
    assert (False, False) not in kinds
