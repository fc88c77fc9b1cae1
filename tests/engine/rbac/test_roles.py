from __future__ import annotations

from typing import Any

from tests.engine.rbac.making import gathering, labelled, role, rule

from firedoor.engine.rbac.roles import Roles
from firedoor.model.metadata import ObjectMeta
from firedoor.model.places import ObjectRef
from firedoor.model.rbac import PolicyRule, Role
from firedoor.model.snapshot import Origin, Snapshot

WHOLE = Origin("cluster")
GET, LIST, WATCH = (rule(verb, "pods") for verb in ("get", "list", "watch"))


def rules_of(name: str, *roles: Role) -> list[tuple[str, str, str]]:
    found = Roles(Snapshot(origin=WHOLE, roles=roles))
    asked = found.get("ClusterRole", "", name)
    assert asked is not None
    return [(each.verbs[0], path, source.name if source else "") for each, path, source in found.rules(asked)]


def by(**labels: str) -> dict[str, Any]:
    return {"matchLabels": labels}


def test_a_role_is_found_by_kind_namespace_and_name() -> None:
    roles = Roles(Snapshot(origin=WHOLE, roles=(role("shop/view", GET), role("view", LIST))))
    local, wide = roles.get("Role", "shop", "view"), roles.get("ClusterRole", "shop", "view")
    assert local is not None
    assert wide is not None
    assert (local.rules, wide.rules) == ((GET,), (LIST,))
    assert roles.get("Role", "crm", "view") is None
    assert list(roles.all) == [local, wide]


def test_a_plain_role_has_its_own_rules_as_often_as_it_writes_them() -> None:
    assert rules_of("view", role("view", GET, GET)) == [("get", "rules[0]", ""), ("get", "rules[1]", "")]


def test_an_aggregating_role_has_the_rules_of_the_roles_that_its_selectors_match_and_loses_its_own() -> None:
    found = rules_of(
        "admin",
        gathering("admin", by(to="admin"), by(to="edit"), rules=[WATCH]),
        labelled("z", {"to": "admin"}, GET),
        labelled("b", {"to": "edit"}, LIST),
        labelled("a", {"to": "edit"}, GET),
        labelled("other", {"to": "view"}, WATCH),
    )
    assert found == [("get", "rules[0]", "z"), ("list", "rules[0]", "b")]


def test_aggregation_goes_through_aggregating_roles_and_names_the_role_that_writes_the_rule() -> None:
    found = rules_of(
        "admin",
        gathering("admin", by(to="admin")),
        gathering("edit", by(to="edit"), labels={"to": "admin"}, rules=[WATCH]),
        labelled("x", {"to": "edit"}, GET, LIST),
    )
    assert found == [("get", "rules[0]", "x"), ("list", "rules[1]", "x")]


def test_roles_that_aggregate_each_other_and_themselves_come_to_an_end() -> None:
    roles = (
        gathering("a", by(loop="yes"), labels={"loop": "yes"}, rules=[WATCH]),
        gathering("b", by(loop="yes"), labels={"loop": "yes"}),
        labelled("leaf", {"loop": "yes"}, GET),
    )
    assert rules_of("a", *roles) == rules_of("b", *roles) == [("get", "rules[0]", "leaf")]


def test_an_empty_selector_matches_every_cluster_role_but_the_role_itself_and_no_role_of_a_namespace() -> None:
    found = rules_of("all", gathering("all", {}, rules=[WATCH]), role("one", GET), role("shop/two", LIST))
    assert found == [("get", "rules[0]", "one")]


def test_selectors_may_have_expressions_and_several_labels() -> None:
    found = rules_of(
        "all",
        gathering(
            "all", {"matchLabels": {"a": "1", "b": "2"}, "matchExpressions": [{"key": "c", "operator": "Exists"}]}
        ),
        labelled("one", {"a": "1", "b": "2", "c": ""}, GET),
        labelled("two", {"a": "1", "b": "2"}, LIST),
        labelled("three", {"a": "1", "c": ""}, WATCH),
    )
    assert found == [("get", "rules[0]", "one")]


def test_a_selector_that_the_api_refuses_matches_nothing_and_is_told_of() -> None:
    odd = gathering("odd", {"matchExpressions": [{"key": "a", "operator": "Like"}]}, rules=[WATCH])
    roles = Roles(Snapshot(origin=WHOLE, roles=(odd, labelled("one", {"a": "1"}, GET))))
    assert roles.rules(odd) == ()
    assert not roles.is_sound(odd)
    above = gathering("above", {}, by(a="1"))
    assert not Roles(Snapshot(origin=WHOLE, roles=(above, odd))).is_sound(above)
    assert Roles(Snapshot(origin=WHOLE, roles=(above, gathering("even", {}), role("one", GET)))).is_sound(above)


def test_a_role_of_a_namespace_cannot_aggregate() -> None:
    odd = Role("Role", ObjectMeta("odd", "shop"), (GET,), ({},))
    roles = Roles(Snapshot(origin=WHOLE, roles=(odd, role("one", LIST))))
    assert roles.rules(odd) == ((GET, "rules[0]", None),)


def test_the_place_of_a_role_is_where_it_was_read() -> None:
    assert (
        str(Roles(Snapshot(origin=WHOLE, roles=(role("view", GET),))).place_of(ObjectRef("ClusterRole", "", "view")))
        == "view.yaml:7"
    )


def test_a_proposed_role_is_not_taken_for_the_one_of_the_same_name() -> None:
    now = gathering("all", {}, labels={})
    roles = Roles(Snapshot(origin=WHOLE, roles=(now, role("one", GET))))
    assert roles.rules(now) == ((GET, "rules[0]", ObjectRef("ClusterRole", "", "one")),)
    assert roles.rules(gathering("all", by(a="1"))) == ()
    assert roles.rules(role("all", LIST)) == ((LIST, "rules[0]", None),)
    assert len(roles.rules(now)) == 1


def test_an_aggregating_role_that_was_served_has_the_rules_that_it_says() -> None:
    kept = PolicyRule(("get",), ("",), ("pods",))
    served = Role(
        "ClusterRole", ObjectMeta("all", labels={"to": "all"}, uid="u"), (kept,), ({"matchLabels": {"to": "all"}},)
    )
    outer = Role("ClusterRole", ObjectMeta("outer"), (), ({"matchLabels": {"to": "all"}},))
    roles = Roles(Snapshot(origin=WHOLE, roles=(served, outer)))
    assert [rule for rule, _, _ in roles.rules(served)] == [kept]
    assert [(rule, path, str(source)) for rule, path, source in roles.rules(outer)] == [
        (kept, "rules[0]", "ClusterRole all")
    ]


def test_files_need_not_have_the_roles_that_every_server_makes() -> None:
    more = labelled("more", {"rbac.authorization.k8s.io/aggregate-to-view": "true"}, WATCH)
    roles = Roles(Snapshot(origin=Origin("manifests", meant_for="1.30"), roles=(more, role("edit", LIST))))
    view, edit = roles.get("ClusterRole", "", "view"), roles.get("ClusterRole", "", "edit")
    assert view is not None
    assert edit is not None
    sources = {source.name for _, _, source in roles.rules(view) if source is not None}
    assert sources == {"system:aggregate-to-view", "more"}
    assert [each for each, _, _ in roles.rules(edit)] == [LIST]
    assert str(view.place) == "default roles of Kubernetes 1.30"


def test_in_a_cluster_only_the_roles_that_are_there_are() -> None:
    assert Roles(Snapshot(origin=WHOLE)).get("ClusterRole", "", "cluster-admin") is None
