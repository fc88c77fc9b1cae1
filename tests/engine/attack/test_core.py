from __future__ import annotations

import pytest
from tests.engine.attack import drawing
from tests.engine.attack.cluster import ask, owned_by, pod, service, shut, told, world
from tests.engine.attack.drawing import change, core, drawn, link, names

from firedoor.engine.attack import core as module
from firedoor.engine.attack.core import Core, stopping
from firedoor.engine.attack.graph import PLAIN, Link
from firedoor.model.attack import Change

DIAMOND = (("a", "b", "1"), ("b", "z", "2"), ("a", "c", "3"), ("c", "z", "2"), ("a", "z", "4"), ("b", "c", ""))


def walks(found: Core, bound: int = 8) -> list[str | None]:
    return [None if each is None else names(found, each) for each in found.walks(bound)]


def made(*some: str) -> frozenset[Change]:
    return frozenset(map(change, some))


def test_ways_come_by_their_steps() -> None:
    assert walks(core("a", "z", *DIAMOND)) == ["az", "abz", "acz", "abcz"]


@pytest.mark.parametrize(("bound", "count"), [(0, 0), (1, 1), (2, 3), (3, 4), (9, 4)])
def test_ways_have_at_most_so_many_steps(bound: int, count: int) -> None:
    assert len(walks(core("a", "z", *DIAMOND), bound)) == count


def test_there_may_be_no_way() -> None:
    found = core("a", "z", ("a", "b", ""), ("z", "b", ""))
    assert walks(found) == []
    assert found.shortest() is None
    assert walks(core("a", "", *DIAMOND)) == walks(core("", "z", *DIAMOND)) == []


def test_a_way_may_have_no_step() -> None:
    found = core("a", "a", ("a", "b", ""), ("b", "a", ""))
    assert walks(found) == ["a"]
    assert names(found, found.shortest()) == "a"


def test_ways_begin_and_end_once() -> None:
    loops = (("a", "b", ""), ("b", "a", ""), ("b", "z", ""), ("z", "b", ""), ("z", "z", ""), ("a", "a", ""))
    assert walks(core("a", "z", *loops)) == ["abz"]


def test_what_only_leads_back_is_no_way() -> None:
    # From c there is a way to z, but only over the beginning.
    assert walks(core("a", "z", ("a", "c", ""), ("c", "a", ""), ("a", "b", ""), ("b", "c", ""), ("b", "z", ""))) == [
        "abz"
    ]
    assert walks(core("ab", "z", ("a", "c", ""), ("c", "b", ""), ("b", "z", ""))) == ["bz"]


def test_no_standing_is_held_twice() -> None:
    loop = (("a", "b", ""), ("b", "c", ""), ("c", "b", ""), ("c", "z", ""))
    assert walks(core("a", "z", *loop)) == ["abcz"]
    # Nor is one that has two vertices.
    twice = (("a", "b", ""), ("b", "b'", ""), ("b'", "z", ""), ("a", "c", ""), ("c", "d", ""), ("d", "z", ""))
    assert walks(core("a", "z", *twice)) == ["acdz"]


def test_a_standing_is_held_twice_where_there_is_no_other_way() -> None:
    twice = (("a", "b", ""), ("b", "b'", ""), ("b'", "z", ""))
    assert walks(core("a", "z", *twice), 3) == ["abbz"]
    assert walks(core("a", "z", *twice), 2) == []


def test_from_a_replica_to_another_that_differs_there_is_a_way() -> None:
    owner = owned_by("StatefulSet", "db")
    rights = {"securityContext": {"privileged": True}}
    documents = [
        pod(f"shop/db-{number}", owner=owner, container=rights, nodeName=name)
        for number, name in enumerate(("one", "two"))
    ]
    snapshot = world(*documents, service("shop/first", "db-0", type="LoadBalancer"))
    assert told(ask(snapshot, "shop/db-0", "shop/db-1"))[:1] == ["shop/db -network-> shop/db"]
    assert told(ask(world(*documents, shut("shop")), "shop/db-0", "shop/db-1")) == []


def test_several_ends_make_one_core() -> None:
    found = core("ab", "yz", ("a", "c", ""), ("b", "c", ""), ("c", "y", ""), ("c", "z", ""), ("a", "b", ""))
    assert sorted(each or "" for each in walks(found)) == ["acy", "acz", "bcy", "bcz"]


def test_the_graph_is_as_before() -> None:
    graph = drawn(*DIAMOND)
    before = (graph.graph.num_nodes(), graph.graph.num_edges())
    for _ in range(3):
        assert walks(drawing.between(graph, "a", "z")) == ["az", "abz", "acz", "abcz"]
    assert (graph.graph.num_nodes(), graph.graph.num_edges()) == before


@pytest.mark.parametrize(
    ("gone", "way"),
    [
        ((), "az"),
        (("4",), "abz"),
        (("4", "1"), "acz"),
        (("4", "2"), ""),
        (("4", "3"), "abz"),
        (("4", "1", "3"), ""),
        (("other",), "az"),
    ],
)
def test_changes_close_ways(gone: tuple[str, ...], way: str) -> None:
    found = core("a", "z", *DIAMOND)
    assert names(found, found.shortest(made(*gone))) == way


def test_an_edge_is_closed_when_a_whole_option_is_made() -> None:
    found = core("a", "z", ("a", "z", "1+2 3"))
    assert [names(found, found.shortest(made(*each))) for each in ("1", "2", "12", "3")] == ["az", "az", "", ""]


def test_parallel_edges_are_closed_when_all_are() -> None:
    found = core("a", "z", ("a", "z", "1"), ("a", "z", "2"))
    assert [names(found, found.shortest(made(*each))) for each in ("1", "2", "12")] == ["az", "az", ""]
    assert walks(found) == ["az"]


def test_what_nothing_stops_stays() -> None:
    found = core("a", "z", ("a", "z", ""))
    assert names(found, found.shortest(made("1", "2"))) == "az"


def test_the_search_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    complete = walks(core("a", "z", *DIAMOND))
    monkeypatch.setattr(module, "MOST_TRIES", 4)
    found = walks(core("a", "z", *DIAMOND))
    assert found[-1] is None
    assert found[:-1] == complete[: len(found) - 1]
    monkeypatch.setattr(module, "MOST_TRIES", 10_000)
    assert walks(core("a", "z", *DIAMOND)) == complete


@pytest.mark.parametrize(
    ("links", "sets"),
    [
        ([PLAIN], []),
        ([link("1")], ["1"]),
        ([link("1 2")], ["1", "2"]),
        ([link("1+2 3")], ["3", "1+2"]),
        ([link("1"), link("2")], ["1+2"]),
        ([link("1 2"), link("1 3")], ["1", "2+3"]),
        ([link("1"), link("1")], ["1"]),
        ([link("1"), PLAIN], []),
        ([link("1 1+2")], ["1"]),
    ],
)
def test_the_sets_that_stop_parallel_edges_are_the_least(links: list[Link], sets: list[str]) -> None:
    assert stopping(links) == tuple(made(*each.split("+")) for each in sets)
