from __future__ import annotations

from typing import Any

from tests.engine.attack.cluster import (
    ADMIN,
    attack,
    binding,
    deployment,
    may,
    node,
    owned_by,
    plain,
    pod,
    ranked,
    role,
    rule,
    service,
    shut,
    world,
)

from firedoor.engine.attack.ranking import Ranker
from firedoor.model.attack import Kind, RankRow
from firedoor.model.snapshot import Snapshot

PRIVILEGED = {"securityContext": {"privileged": True}}


def rows(snapshot: Snapshot, **question: Any) -> dict[str, RankRow]:
    return {each.workload.name: each for each in ranked(snapshot, **question).rows}


def counts(row: RankRow) -> tuple[int, int, int, int, int]:
    return row.workloads, row.pods, row.nodes, row.identities, row.secrets


CHAIN = (
    deployment("shop/web"),
    service("shop/web", "web", type="LoadBalancer"),
    pod("shop/api", token=True, serviceAccountName="api", nodeName="one"),
    pod("far/db-0", nodeName="one", owner=owned_by("StatefulSet", "db")),
    pod("far/db-1", nodeName="two", owner=owned_by("StatefulSet", "db")),
    pod("far/agent", nodeName="one", container=PRIVILEGED, port=0),
    shut("far"),
    *may("sa:shop/api", rule("get", "secrets"), where="far"),
)


def test_what_follows_is_counted() -> None:
    found = rows(world(*CHAIN))
    # To api over the network, to its account, and to the Secrets that this may read.
    assert counts(found["web"]) == (1, 1, 0, 1, 1)
    assert counts(found["api"]) == (1, 1, 0, 1, 1)
    assert counts(found["db"]) == (0, 0, 0, 0, 0)
    # Out to the node and to the pods there: all of db, as they are alike; from api on to web and the rest.
    assert counts(found["agent"]) == (3, 4, 1, 2, 1)


def test_the_own_pods_are_not_counted() -> None:
    owner = owned_by("StatefulSet", "db")
    both = [pod(f"shop/db-{number}", owner=owner, container=PRIVILEGED, nodeName=f"n{number}") for number in range(2)]
    (row,) = ranked(world(*both)).rows
    assert counts(row) == (0, 0, 2, 1, 0)


def test_steps_are_counted_from_outside_and_to_all() -> None:
    documents = (*CHAIN, role("all", ADMIN), binding("all", "all", "sa:shop/api"))
    found = rows(world(*documents))
    assert [(found[name].from_internet, found[name].to_admin) for name in ("web", "api", "agent", "db")] == [
        (1, 3),
        (2, 2),
        (5, 4),
        (5, None),
    ]
    assert [(each.from_internet, each.to_admin) for each in rows(world(*CHAIN)).values()] == [
        (None, None),
        (1, None),
        (2, None),
        (None, None),
    ]


def test_the_worst_come_first() -> None:
    documents = (*CHAIN, role("all", ADMIN), binding("all", "all", "sa:shop/api"))
    assert [each.workload.name for each in ranked(world(*documents)).rows] == ["api", "web", "agent", "db"]
    assert [each.workload.name for each in ranked(world(*CHAIN)).rows] == ["agent", "web", "api", "db"]


def test_the_whole_is_told_too() -> None:
    ranking = ranked(world(*CHAIN))
    assert (ranking.workloads, ranking.pods, ranking.nodes, ranking.namespaces) == (4, 5, 3, 2)
    # The nodes are one and two, and that of web.
    # The accounts api and the default ones of both namespaces, system:nodes and system:masters.
    assert ranking.identities == 5
    only = ranked(world(*CHAIN), namespace="far")
    assert [each.workload.name for each in only.rows] == ["agent", "db"]
    assert only.workloads == 4


def test_a_cluster_in_which_nothing_can_be_counted_has_rows_all_the_same() -> None:
    ranker = Ranker(attack(pod("shop/a", port=0, nodeName="one"), node("one")))
    assert ranker.total(Kind.NODE) == 1
    (row,) = ranked(world(pod("shop/a", port=0))).rows
    assert counts(row) == (0, 0, 0, 0, 0)
    assert (row.from_internet, row.to_admin) == (None, None)


def test_vertices_that_lead_to_each_other_are_followed_as_one() -> None:
    owners = [owned_by("StatefulSet", f"w{number}") for number in range(9)]
    documents = [pod(f"shop/{owner['name']}-{number}", owner=owner) for owner in owners for number in range(2)]
    found = rows(world(*documents, plain("ServiceAccount", "shop/idle")))
    assert {counts(each) for each in found.values()} == {(8, 16, 0, 0, 0)}
    assert len(found) == len(owners)


def test_nodes_that_nobody_knows_are_told_apart() -> None:
    documents = (pod("shop/a", container=PRIVILEGED), pod("shop/b", container=PRIVILEGED))
    assert [each.nodes for each in ranked(world(*documents)).rows] == [2, 2]
    assert [each.nodes for each in ranked(world(*documents, shut("shop"))).rows] == [1, 1]
