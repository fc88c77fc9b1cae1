from __future__ import annotations

import itertools
import random

import pytest
from tests.engine.attack.cluster import (
    ADMIN,
    Document,
    ask,
    binding,
    changes,
    deployment,
    may,
    namespace,
    pod,
    role,
    rule,
    shut,
    world,
)
from tests.engine.attack.drawing import change, core

from firedoor.engine.attack import cutting
from firedoor.engine.attack.core import Core
from firedoor.engine.attack.cutting import cut
from firedoor.model.attack import Change, Cut


def cut_of(found: Core) -> Cut | None:
    return cut(found, [each for each in found.walks(8) if each is not None])


def closing(*steps: tuple[str, str, str]) -> str | None:
    """Return the names of the changes that close all ways from a to z."""
    found = cut_of(core("a", "z", *steps))
    assert found is not None
    assert found.is_least
    return None if found.changes is None else " ".join(each.object.name for each in found.changes)


@pytest.mark.parametrize(
    ("steps", "least"),
    [
        ((("a", "z", "1"),), "1"),
        ((("a", "b", "1"), ("b", "z", "2")), "1"),
        ((("a", "b", ""), ("b", "z", "2")), "2"),
        ((("a", "b", "1"), ("b", "z", ""), ("a", "c", "2"), ("c", "z", "")), "1 2"),
        ((("a", "b", "1"), ("b", "z", "9"), ("a", "c", "2"), ("c", "z", "9")), "9"),
        ((("a", "b", "1"), ("b", "z", ""), ("a", "c", "1"), ("c", "z", "")), "1"),
        ((("a", "z", "1+2"),), "1 2"),
        ((("a", "z", "1+2 3"),), "3"),
        ((("a", "b", "1+2"), ("b", "z", "1+3"), ("a", "z", "1")), "1 2"),
        ((("a", "b", "1"), ("b", "z", "2"), ("a", "c", "2"), ("c", "z", "3"), ("a", "d", "3"), ("d", "z", "1")), "1 2"),
        ((("a", "z", ""),), None),
        ((("a", "b", "1"), ("b", "z", "2"), ("a", "z", "")), None),
    ],
)
def test_the_fewest_changes_that_leave_no_way(steps: tuple[tuple[str, str, str], ...], least: str | None) -> None:
    assert closing(*steps) == least


def test_where_there_is_no_way_there_is_nothing_to_cut() -> None:
    assert cut_of(core("a", "z", ("a", "b", "1"), ("z", "a", "1"))) is None
    assert closing_where_ends_meet() is None


def closing_where_ends_meet() -> tuple[Change, ...] | None:
    found = cut_of(core("a", "a", ("a", "b", "1")))
    assert found is not None
    return found.changes


def test_each_change_is_told_with_the_ways_that_it_closes_alone() -> None:
    steps = (("a", "b", "1"), ("b", "z", "9"), ("a", "c", "2"), ("c", "z", "9"), ("a", "d", "3+4"), ("d", "z", "9 5"))
    found = cut_of(core("a", "z", *steps))
    assert found is not None
    assert [(each.object.name, number) for each, number in found.breaks] == [("9", 3), ("1", 1), ("2", 1), ("5", 1)]


def test_ways_that_are_not_listed_are_cut_as_well() -> None:
    found = core("a", "z", ("a", "z", "1"), ("a", "b", "2"), ("b", "c", ""), ("c", "z", ""))
    listed = [each for each in found.walks(1) if each is not None]
    result = cut(found, listed)
    assert result is not None
    assert result.changes == (change("1"), change("2"))
    assert result.breaks == ((change("1"), 1),)


def brute(found: Core, some: list[Change]) -> int | None:
    for number in range(len(some) + 1):
        if any(found.shortest(frozenset(each)) is None for each in itertools.combinations(some, number)):
            return number
    return None


@pytest.mark.parametrize("seed", range(60))
def test_no_smaller_set_does(seed: int) -> None:
    draw = random.Random(seed)
    letters = "abcdez"
    options = ["1", "2", "3", "4", "5", "6", "1+2", "3+4", "5 6", "1 3+5", "2+6", "4 5+1", ""]
    steps: list[tuple[str, str, str]] = []
    for _ in range(draw.randint(6, 14)):
        first, last = draw.sample(letters, 2)
        steps.append((first, last, draw.choice(options)))
    found = core("a", "z", *steps)
    result = cut_of(found)
    if result is None:
        assert found.shortest() is None
        return
    assert result.is_least
    least = brute(found, [change(str(number)) for number in range(1, 7)])
    assert (None if result.changes is None else len(result.changes)) == least
    if result.changes is not None:
        assert found.shortest(frozenset(result.changes)) is None


def test_a_search_that_is_given_up_leaves_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = tuple((*ends, f"{number}") for number in range(12) for ends in [("a", "b"), ("b", "z")])
    many = [(first, last, f"{first}{last}") for first, last in itertools.permutations("abcdefgz", 2)]
    complete = cut_of(core("a", "z", *many))
    assert complete is not None
    assert complete.is_least
    monkeypatch.setattr(cutting, "MOST_WAYS", 1)
    short = cut_of(core("a", "z", *many, *steps))
    assert short is not None
    assert not short.is_least
    assert short.changes is not None
    assert core("a", "z", *many, *steps).shortest(frozenset(short.changes)) is None


def cut_names(*documents: Document, source: str, target: str) -> list[str] | None:
    found = ask(world(*documents), source, target).cut
    assert found is not None
    assert found.is_least
    return changes(found.changes)


def test_one_binding_that_all_paths_share_is_enough() -> None:
    web = [deployment(f"shop/{name}", token=True, serviceAccountName="api") for name in ("x", "y")]
    rights = (role("all", ADMIN), binding("all", "all", "sa:shop/api"))
    entrance = deployment("shop/web")
    assert cut_names(entrance, *web, *rights, source="shop/web", target="cluster-admin") == ["binding all"]


def test_paths_that_share_nothing_need_a_change_each() -> None:
    guard = namespace("shop", "baseline")
    both = (
        *may("user:eve", rule("create", "pods/exec"), name="one"),
        *may("user:eve", rule("create", "pods/attach"), name="two"),
    )
    documents = (guard, pod("shop/a"), *both)
    assert cut_names(*documents, source="user:eve", target="shop/a") == ["binding one", "binding two"]


def test_steps_that_nothing_stops_leave_no_cut() -> None:
    assert cut_names(pod("shop/a", nodeName="one"), shut("shop"), source="node:one", target="shop/a") is None
