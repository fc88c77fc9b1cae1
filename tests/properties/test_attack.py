"""What comes to be held, in how few steps, and what stops it is what the reference says, asked one by one."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import Phase, assume, given, seed, settings
from hypothesis import strategies as st

from firedoor.engine.attack.core import Core
from firedoor.engine.attack.cutting import cut
from firedoor.engine.attack.graph import Means
from firedoor.engine.attack.techniques import BY_ID
from firedoor.engine.reach.cni import SPEC
from firedoor.model.attack import Change, ChangeKind, Cut
from firedoor.usecases.attack_paths import AttackQuestion, attack_paths, rank
from tests.examples import some
from tests.properties import attack_worlds as worlds
from tests.properties.attack_changes import changed, every_change
from tests.reference.attack import ADMIN, INTERNET, Scene, Thing, layers, plain, starts_of
from tests.strategies import attack

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

IDENTITIES = {"account", "user", "group"}
UNNAMED = {"role", "node"}
"""What people cannot always name as an end."""


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    return Scene(draw(attack.clusters()), version=draw(st.sampled_from(attack.VERSIONS)))


@st.composite
def questions(draw: st.DrawFn) -> tuple[Scene, Thing, Thing]:
    """Generate a scene with something to begin at, and something else that comes to be held."""
    scene = draw(scenes())
    start = draw(st.sampled_from([each for each in _starts(scene) if _leads_on(scene, each)] or [INTERNET]))
    ends = sorted({plain(each) for each in layers(scene, starts_of(scene, start))} - {start})
    assume(ends)
    far = [each for each in ends if each in {ADMIN, ("secrets", "")} or each[0] == "pods"]
    return scene, start, draw(st.sampled_from(far or ends) | st.sampled_from(ends))


def _starts(scene: Scene) -> list[Thing]:
    workloads = sorted({plain(each) for each in scene.parts})
    return [INTERNET, *workloads, *scene.accounts, *scene.users, *scene.groups]


def _leads_on(scene: Scene, start: Thing) -> bool:
    return len(layers(scene, starts_of(scene, start))) > 1


@some
@given(scenes())
def test_what_comes_to_be_held_is_what_the_reference_says(scene: Scene) -> None:
    built = worlds.attack_of(scene)
    for start in _starts(scene):
        if worlds.vertices(built, start):
            held = worlds.expected(scene, start)
            found = worlds.reached(built, start)
            assert found <= set(held), start
            assert worlds.without_lesser(found, held) == worlds.without_lesser(held, held), start


@some
@given(scenes(), st.data())
def test_the_fewest_steps_are_those_of_the_reference(scene: Scene, data: st.DataObject) -> None:
    built = worlds.attack_of(scene)
    starts = [each for each in _starts(scene) if worlds.vertices(built, each)]
    start = data.draw(st.sampled_from(starts))
    held = worlds.expected(scene, start)
    for end in worlds.without_lesser(held, held):
        assert worlds.steps(built, start, end) == held[end], (start, end)


@some
@given(questions())
def test_each_step_of_each_path_is_one_of_the_reference(question: tuple[Scene, Thing, Thing]) -> None:
    scene, start, end = question
    built = worlds.attack_of(scene)
    assume(end[0] not in UNNAMED and worlds.vertices(built, start))
    held = worlds.expected(scene, start)
    assume(end in held)
    asked = AttackQuestion(bound=6, limit=8)
    found = attack_paths(worlds.snapshot_of(scene), SPEC, asked, worlds.end_words(start), worlds.end_words(end))
    lengths = [len(each.steps) for each in found.paths]
    assert lengths == sorted(lengths)
    assert lengths[:1] == [held[end]] or held[end] > asked.bound
    for path in found.paths:
        things = [worlds.thing_of(path.steps[0].source), *(worlds.thing_of(each.target) for each in path.steps)]
        assert things[0] == start
        assert things[-1] == end
        for before, after in pairwise(things):
            assert worlds.is_step(scene, before, after), (before, after)


@some
@given(questions())
def test_the_cut_leaves_no_path_and_no_single_change_does_where_it_is_larger(
    question: tuple[Scene, Thing, Thing],
) -> None:
    scene, start, end = question
    # Whom no binding names any more, nobody is held to be.
    assume(end[0] not in {"user", "group"})
    built = worlds.attack_of(scene)
    core = Core(built.graph, worlds.vertices(built, start), worlds.vertices(built, end))
    found = cut(core, [])
    assume(found is not None)
    assert isinstance(found, Cut)
    everything = every_change(scene)
    if found.changes is None:
        assert _is_held(changed(scene, _of_use(scene, everything)), start, end)
        return
    assume(list(found.changes) == _of_use(scene, found.changes))
    assert not _is_held(changed(scene, found.changes), start, end)
    if found.is_least and len(found.changes) > 1:
        for each in _of_use(scene, everything):
            assert _is_held(changed(scene, [each]), start, end), each


def _of_use(scene: Scene, changes: Iterable[Change]) -> list[Change]:
    """
    Return the changes without those that take pods off the network of their node.

    Policies see such pods in another way afterwards, so that other connections may be accepted.
    """
    on_node = {(each.kind, each.end.namespace, each.name) for each in scene.pods if each.end.host_network}
    return [
        each
        for each in changes
        if each.kind is not ChangeKind.POD_SPEC
        or (each.object.kind, each.object.namespace, each.object.name) not in on_node
    ]


def _is_held(scene: Scene, start: Thing, end: Thing) -> bool:
    return end in map(plain, layers(scene, starts_of(scene, start)))


@some
@given(scenes())
def test_the_ranking_counts_what_the_reference_holds(scene: Scene) -> None:
    outside = worlds.expected(scene, INTERNET)
    ranking = rank(worlds.snapshot_of(scene), SPEC, AttackQuestion())
    assert {_workload(row.workload) for row in ranking.rows} == {plain(each) for each in scene.parts}
    for row in ranking.rows:
        own = _workload(row.workload)
        held = layers(scene, starts_of(scene, own))
        others = [each for each in held if each[0] == "pods" and plain(each) != own]
        assert row.workloads == len({plain(each) for each in others})
        assert row.pods == sum(len(scene.parts[each]) for each in others)
        assert row.nodes == sum(each[0] == "node" for each in held)
        assert row.identities == sum(each[0] in IDENTITIES for each in held)
        assert row.secrets == sum(each[0] == "secrets" and bool(each[1]) for each in held)
        assert row.to_admin == held.get(ADMIN)
        assert row.from_internet == outside.get(own)
    order = [(row.to_admin is None, row.to_admin) for row in ranking.rows]
    assert order == sorted(order)


def _workload(ref: object) -> Thing:
    return ("pods", ref.namespace, ref.kind, ref.name)  # type: ignore[attr-defined]


def test_every_technique_comes_up() -> None:
    seen: set[str] = set()

    @seed(1)
    @settings(max_examples=200, database=None, phases=[Phase.generate])
    @given(scenes())
    def look(scene: Scene) -> None:
        graph = worlds.attack_of(scene).graph
        for number, each in enumerate(graph.vertices):
            if isinstance(each, Means) and graph.graph.in_degree(number) and graph.graph.out_degree(number):
                seen.add(each.technique.id)

    look()
    assert set(BY_ID) - seen == set()
