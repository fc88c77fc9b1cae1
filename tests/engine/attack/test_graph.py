from __future__ import annotations

import pytest

from firedoor.engine.attack.graph import PLAIN, AttackGraph, Means, told
from firedoor.engine.attack.techniques import EXEC, TOKEN
from firedoor.model.attack import Evidence, Kind, Standing

EVE, ADAM = Standing(Kind.USER, name="eve"), Standing(Kind.USER, name="adam")


def test_a_standing_has_one_vertex_unless_it_is_told_apart() -> None:
    graph = AttackGraph(possible=False)
    first, again, apart, other = (
        graph.standing(EVE),
        graph.standing(EVE),
        graph.standing(EVE, "apart"),
        graph.standing(ADAM),
    )
    assert (first, again, apart, other) == (0, 0, 1, 2)
    assert graph.of_standing(lambda each: each == EVE) == [0, 1]
    assert graph.standings(lambda each: each == ADAM) == [(2, ADAM)]


def test_a_means_has_one_vertex_at_each_place() -> None:
    graph = AttackGraph(possible=False)
    assert graph.is_new(EXEC, "shop")
    means = graph.means(EXEC, "shop")
    assert not graph.is_new(EXEC, "shop")
    assert graph.means(EXEC, "shop") == means
    assert graph.means(EXEC, "far") != means
    assert graph.means(TOKEN, "shop") != means
    assert graph.vertices[0] == Means(EXEC)
    assert graph.of_standing(lambda _: True) == []


@pytest.mark.parametrize("possible", [False, True])
def test_what_only_may_work_counts_if_that_is_wanted(possible: bool) -> None:
    graph = AttackGraph(possible=possible)
    eve = graph.standing(EVE)
    means = graph.means(EXEC, "shop", possible=True)
    graph.link(eve, means)
    graph.link(means, graph.standing(ADAM))
    graph.finish()
    assert (means is not None) is possible
    assert graph.graph.num_edges() == (2 if possible else 0)
    if means is not None:
        assert graph.vertices[means] == Means(EXEC, is_possible=True)
        assert graph.means(EXEC, "shop") != means


def test_all_is_handed_over_in_the_end() -> None:
    graph = AttackGraph(possible=False)
    eve, means, adam = graph.standing(EVE), graph.means(EXEC), graph.standing(ADAM)
    graph.link(eve, means)
    graph.link(means, adam)
    graph.link(means, adam)
    assert graph.graph.num_nodes() == 0
    graph.finish()
    assert list(graph.graph.nodes()) == graph.vertices
    assert list(graph.graph.weighted_edge_list()) == [(0, 1, PLAIN), (1, 2, PLAIN), (1, 2, PLAIN)]


def test_one_fact_can_be_told_of_any_step() -> None:
    assert told("so it is", "x.yaml:1")(3, 4) == (Evidence("so it is", "x.yaml:1"),)
