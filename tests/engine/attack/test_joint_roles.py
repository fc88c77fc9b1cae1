from __future__ import annotations

import pytest
from tests.engine.attack.cluster import (
    ADMIN,
    RBAC,
    Document,
    ask,
    attack,
    binding,
    changes,
    deployment,
    leads,
    may,
    node,
    pod,
    role,
    rule,
    shut,
    told,
    world,
)

EVE = "user:eve"
GROUND: tuple[Document, ...] = (
    pod("shop/a", nodeName="one"),
    pod("far/b", nodeName="one"),
    deployment("shop/d"),
    node("one"),
    shut("shop"),
    shut("far"),
    role("reader", rule("get", "secrets")),
    role("harmless", rule("get", "configmaps")),
    role("shop/local", rule("create", "serviceaccounts/token")),
    role("shop/idle", rule("get", "configmaps")),
)
BIND = rule("bind", "clusterroles", RBAC)
BIND_READER = rule("bind", "clusterroles", RBAC, "reader")
BIND_ROLES = rule("bind", "roles", RBAC)
NEW = rule("create", "clusterrolebindings", RBAC)
NEW_LOCAL = rule("create", "rolebindings", RBAC)
READER, LOCAL, IDLE = "ClusterRole reader in {}", "Role local in shop", "Role idle in shop"


def gives(technique: str, *rules: Document, where: str = "", more: tuple[Document, ...] = ()) -> set[str]:
    """Return what rules lead their holder to by a technique."""
    return leads(attack(*GROUND, *more, *may(EVE, *rules, where=where)), EVE).get(technique, set())


@pytest.mark.parametrize(
    ("rules", "where", "roles"),
    [
        ((BIND, NEW), "", {"cluster-admin"}),
        ((BIND, NEW_LOCAL), "shop", {"namespace:shop"}),
        ((BIND, NEW_LOCAL), "", {"namespace:shop", "namespace:far"}),
        ((BIND_READER, NEW), "", {READER.format("the cluster")}),
        ((BIND_READER, NEW_LOCAL), "shop", {READER.format("shop")}),
        ((BIND_READER, NEW_LOCAL), "", {READER.format("shop"), READER.format("far")}),
        ((BIND_ROLES, NEW_LOCAL), "shop", {LOCAL, IDLE}),
        ((BIND_ROLES, NEW_LOCAL), "", {LOCAL, IDLE}),
        ((rule("bind", "roles", RBAC, "local gone"), NEW_LOCAL), "shop", {LOCAL}),
        ((BIND_ROLES, NEW_LOCAL), "far", set()),
        ((BIND_ROLES, NEW), "", set()),
        ((BIND,), "", set()),
        ((NEW, NEW_LOCAL), "", set()),
        ((BIND, NEW), "shop", set()),
        ((rule("bind", "clusterroles", RBAC, "gone"), NEW), "", set()),
        ((rule("bind", "clusterroles"), NEW), "", set()),
    ],
)
def test_a_role_is_bound_by_a_new_binding(rules: tuple[Document, ...], where: str, roles: set[str]) -> None:
    assert gives("bind", *rules, where=where) == roles


EXISTING = (
    binding("all", "reader", "user:adam"),
    binding("shop/all", "reader", "user:adam"),
    binding("shop/own", "Role:local", "user:adam"),
)


@pytest.mark.parametrize("verb", ["update", "patch"])
@pytest.mark.parametrize(
    ("bind", "plural", "names", "where", "roles"),
    [
        (BIND, "clusterrolebindings", "", "", {READER.format("the cluster"), "ClusterRole it in the cluster"}),
        (BIND_READER, "clusterrolebindings", "", "", {READER.format("the cluster")}),
        (BIND, "clusterrolebindings", "all", "", {READER.format("the cluster")}),
        (BIND, "clusterrolebindings", "other", "", set()),
        (BIND, "clusterrolebindings", "all", "shop", set()),
        (BIND, "rolebindings", "all", "shop", {READER.format("shop")}),
        (BIND, "rolebindings", "all", "", {READER.format("shop")}),
        (BIND_ROLES, "rolebindings", "", "shop", {LOCAL}),
        (BIND_ROLES, "rolebindings", "", "", {LOCAL}),
        (BIND_ROLES, "rolebindings", "all", "shop", set()),
        (rule("bind", "roles", RBAC, "idle"), "rolebindings", "", "shop", set()),
        (BIND_READER, "rolebindings", "", "far", set()),
        (rule("get", "clusterroles", RBAC), "clusterrolebindings", "", "", set()),
    ],
)
def test_a_role_is_bound_by_a_change_of_a_binding(
    verb: str, bind: Document, plural: str, names: str, where: str, roles: set[str]
) -> None:
    assert gives("bind", bind, rule(verb, plural, RBAC, names), where=where, more=EXISTING) == roles


def test_a_role_that_is_bound_leads_to_what_it_permits_there() -> None:
    for where, goal in (("", "secrets"), ("shop", "secrets:shop")):
        snapshot = world(*GROUND, *may(EVE, BIND_READER, NEW if not where else NEW_LOCAL, where=where))
        place = where or "the cluster"
        assert told(ask(snapshot, EVE, goal)) == [
            f"user:eve -bind-> ClusterRole reader in {place} -read-secrets-> {goal}"
        ]
    shop = world(*GROUND, *may(EVE, BIND_READER, NEW_LOCAL, where="shop"))
    assert told(ask(shop, EVE, "secrets")) == []


CHANGE = rule("update", "clusterroles", RBAC)
ESCALATE = rule("escalate", "clusterroles", RBAC)


@pytest.mark.parametrize(
    ("rules", "has", "goals"),
    [
        ((ESCALATE, CHANGE), (), {"cluster-admin"}),
        ((ESCALATE,), (), set()),
        ((CHANGE,), (), set()),
        ((rule("escalate", "clusterroles", RBAC, "it"), CHANGE), (), {"cluster-admin"}),
        ((rule("escalate", "clusterroles", RBAC, "other"), CHANGE), (), set()),
        ((ESCALATE, rule("patch", "clusterroles", RBAC, "other")), (), set()),
        (
            (rule("escalate", "clusterroles", RBAC, "harmless"), CHANGE),
            (binding("shop/h", "harmless", EVE),),
            {"namespace:shop"},
        ),
        (
            (rule("escalate", "clusterroles", RBAC, "harmless"), CHANGE),
            (binding("shop/h", "harmless", "user:adam"),),
            set(),
        ),
        (
            (rule("escalate", "clusterroles", RBAC, "harmless"), CHANGE),
            (binding("h", "harmless", "group:system:authenticated"),),
            {"cluster-admin"},
        ),
        (
            (rule("escalate", "roles", RBAC), rule("patch", "roles", RBAC)),
            (binding("shop/i", "Role:idle", EVE), binding("shop/gone", "Role:gone", EVE)),
            {"namespace:shop"},
        ),
        ((rule("escalate", "roles", RBAC), rule("patch", "roles", RBAC)), (), set()),
    ],
)
def test_a_role_that_one_has_is_changed(
    rules: tuple[Document, ...], has: tuple[Document, ...], goals: set[str]
) -> None:
    assert gives("escalate", *rules, more=has) == goals


def test_a_role_of_a_namespace_is_changed_by_who_may_there() -> None:
    rules = (rule("escalate", "roles", RBAC), rule("patch", "roles", RBAC))
    has = (binding("shop/i", "Role:idle", EVE), binding("far/h", "harmless", EVE))
    assert gives("escalate", *rules, where="shop", more=has) == {"namespace:shop"}
    assert gives("escalate", *rules, where="far", more=has) == set()
    assert gives("escalate", ESCALATE, CHANGE, where="shop", more=has) == set()


def test_to_have_no_longer_the_role_stops_it_too() -> None:
    rights = may(EVE, rule("escalate", "clusterroles", RBAC, "harmless"), CHANGE)
    snapshot = world(*GROUND, *rights, binding("h", "harmless", EVE))
    (step,) = ask(snapshot, EVE, "cluster-admin").paths[0].steps
    assert [changes(each) for each in step.changes] == [["binding h"], ["binding it"]]


def test_only_rights_for_the_role_that_is_bound_need_to_go() -> None:
    snapshot = world(
        *GROUND,
        *may(EVE, rule("bind", "clusterroles", RBAC, "reader"), name="one"),
        *may(EVE, rule("bind", "clusterroles", RBAC, "harmless"), name="two"),
        *may(EVE, NEW, name="new"),
        *may(EVE, rule("list", "configmaps"), name="idle"),
    )
    (step,) = ask(snapshot, EVE, "secrets", limit=1).paths[0].steps[:1]
    assert [changes(each) for each in step.changes] == [["binding new"], ["binding one"]]


def test_roles_can_be_bound_one_after_the_other() -> None:
    binder = role("binder", BIND_READER, NEW)
    chain = may(EVE, rule("bind", "clusterroles", RBAC, "binder"), NEW)
    assert told(ask(world(*GROUND, binder, *chain), EVE, "secrets")) == [
        (
            "user:eve -bind-> ClusterRole binder in the cluster -bind-> ClusterRole reader in the cluster"
            " -read-secrets-> secrets"
        )
    ]


def test_a_role_with_everything_is_everything() -> None:
    snapshot = world(
        *GROUND, role("all", ADMIN), *may(EVE, rule("bind", "clusterroles", RBAC, "all"), NEW_LOCAL, where="shop")
    )
    assert told(ask(snapshot, EVE, "namespace:shop")) == [
        "user:eve -bind-> ClusterRole all in shop -holds-everything-> namespace:shop"
    ]


def test_a_role_that_one_has_bound_to_itself_is_changed() -> None:
    selfish = role("selfish", rule("escalate patch", "clusterroles", RBAC, "selfish"))
    binds = may(EVE, rule("bind", "clusterroles", RBAC, "selfish"), NEW)
    assert told(ask(world(*GROUND, selfish, *binds), EVE, "cluster-admin")) == [
        "user:eve -bind-> ClusterRole selfish in the cluster -escalate-> cluster-admin"
    ]
    # In a namespace no ClusterRole can be changed.
    there = may(EVE, rule("bind", "clusterroles", RBAC, "selfish"), NEW_LOCAL, where="shop")
    assert told(ask(world(*GROUND, selfish, *there), EVE, "namespace:shop")) == []
    local = role("shop/selfish", rule("escalate patch", "roles", RBAC))
    binds_local = may(EVE, rule("bind", "roles", RBAC), NEW_LOCAL, where="shop")
    assert told(ask(world(*GROUND, local, *binds_local), EVE, "namespace:shop")) == [
        "user:eve -bind-> Role selfish in shop -escalate-> namespace:shop"
    ]
