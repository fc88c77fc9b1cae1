from __future__ import annotations

from tests.engine.attack.cluster import (
    ADMIN,
    ask,
    binding,
    changes,
    deployment,
    may,
    owned_by,
    pod,
    policy,
    role,
    rule,
    told,
    world,
)
from tests.engine.attack.drawing import core, standing

from firedoor.engine.attack.telling import signature
from firedoor.engine.attack.telling import told as path_of
from firedoor.model.attack import Evidence


def test_a_way_is_told_step_by_step() -> None:
    found = core("a", "z", ("a", "b", "1 2+3"), ("b", "z", ""))
    walk = found.shortest()
    assert walk is not None
    first, second = path_of(found, walk).steps
    assert (first.source, first.technique, first.target) == (standing("a"), "exec", standing("b"))
    assert (second.source, second.technique, second.target) == (standing("b"), "exec", standing("z"))
    assert first.evidence == (Evidence("by 1 2+3"),)
    assert [changes(each) for each in first.changes] == [["binding 1"], ["binding 2", "binding 3"]]
    assert second.changes == ()
    assert not first.is_possible
    assert signature(found, walk) == (standing("a"), "exec", standing("b"), "exec", standing("z"))


def test_parallel_edges_are_told_together() -> None:
    found = core("a", "z", ("a", "z", "1"), ("a", "z", "2"), ("a", "z", "1"))
    (step,) = path_of(found, found.shortest() or ()).steps
    assert step.evidence == (Evidence("by 1"), Evidence("by 2"))
    assert [changes(each) for each in step.changes] == [["binding 1", "binding 2"]]


def test_a_way_without_steps_is_told_as_that() -> None:
    found = core("a", "a", ("a", "b", ""))
    assert path_of(found, found.shortest() or ()).steps == ()
    paths = ask(world(pod("shop/a")), "shop/a", "shop/a")
    assert told(paths) == [""]


def test_a_step_that_only_may_work_says_so() -> None:
    snapshot = world(pod("shop/a", hostPID=True, nodeName="one"), *may("user:eve", rule("get", "secrets")))
    (step,) = ask(snapshot, "shop/a", "node:one", possible=True).paths[0].steps
    assert step.is_possible
    (step,) = ask(snapshot, "user:eve", "serviceaccount:shop/default", possible=True).paths[0].steps
    assert step.is_possible
    assert step.technique == "legacy-token"


def test_paths_that_people_cannot_tell_apart_are_one() -> None:
    owner = owned_by("StatefulSet", "db")
    both = [pod(f"shop/db-{number}", owner=owner, token=True) for number in range(2)]
    apart = policy("shop/p", "db-0", policyTypes=["Egress"], egress=[{}])
    documents = (deployment("shop/web"), *both, apart, role("all", ADMIN), binding("all", "all", "sa:shop/default"))
    paths = ask(world(*documents), "shop/web", "cluster-admin")
    assert told(paths) == [
        "shop/web -network-> shop/db -token-> serviceaccount:shop/default -holds-everything-> cluster-admin"
    ]
