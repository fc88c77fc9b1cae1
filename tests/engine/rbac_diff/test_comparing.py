from __future__ import annotations

import pytest
from tests.engine.rbac.making import binding, gathering, labelled, role, rule, urls
from tests.engine.rbac_diff.telling import difference, silent, text, told

from firedoor.engine.rbac_diff.state import groups_of
from firedoor.model.rbac import PolicyRule, Subject

READ = rule("get list", "pods")
READER = role("reader", READ)
WEB = "sa:shop/web"


def test_a_role_in_two_parts_under_other_names_is_no_change() -> None:
    old = [role("shop/all", rule("get list", "pods secrets")), binding("shop/all", "all", WEB, kind="Role")]
    new = [
        role("shop/pods", rule("list get", "pods")),
        role("secrets", rule("get", "secrets"), rule("list", "secrets")),
        binding("shop/one", "pods", WEB, kind="Role"),
        binding("shop/two", "secrets", WEB),
    ]
    found = difference(old, new)
    assert told(found) == []
    assert found.is_same
    assert silent(found) == [
        "added ClusterRole secrets",
        "added Role shop/pods",
        "added RoleBinding shop/one",
        "added RoleBinding shop/two",
        "removed Role shop/all",
        "removed RoleBinding shop/all",
    ]


def test_an_aggregating_role_that_gathers_the_same_is_no_change() -> None:
    old = [role("view", READ, rule("get", "secrets")), binding("all", "view", WEB)]
    parts = [labelled("one", {"to": "view"}, READ), labelled("two", {"to": "view"}, rule("get", "secrets"))]
    new = [gathering("view", {"matchLabels": {"to": "view"}}), *parts, binding("all", "view", WEB)]
    assert told(difference(old, new)) == []
    assert told(difference(old, [new[0], new[1], new[3]])) == [
        "lost: ServiceAccount shop/web everywhere: get on secrets"
    ]


def test_a_gathered_rule_is_told_with_the_role_that_has_it() -> None:
    gatherer = gathering("view", {"matchLabels": {"to": "view"}})
    found = difference(
        [gatherer, binding("all", "view", WEB)],
        [gatherer, labelled("part", {"to": "view"}, READ), binding("all", "view", WEB)],
    )
    ((change,), grant) = found.changes, found.changes[0].via[0]
    assert (str(grant.binding), str(grant.role), str(grant.source)) == (
        "ClusterRoleBinding all",
        "ClusterRole view",
        "ClusterRole part",
    )
    assert change.rule == READ
    assert silent(found) == []


def test_what_holds_everywhere_is_gained_once_and_lost_in_no_namespace() -> None:
    old = [READER, binding("shop/read", "reader", WEB), binding("pay/read", "reader", WEB)]
    new = [READER, binding("read", "reader", WEB), binding("pay/read", "reader", WEB)]
    found = difference(old, new)
    assert told(found) == ["gained: ServiceAccount shop/web everywhere: get, list on pods"]
    assert found.changes[0].unchanged_in == ("pay", "shop")
    back = difference(new, old)
    assert told(back) == ["lost: ServiceAccount shop/web everywhere: get, list on pods"]
    assert back.changes[0].unchanged_in == ("pay", "shop")
    assert silent(back) == ["added RoleBinding shop/read"]


def test_a_right_given_everywhere_and_in_a_namespace_is_told_of_once() -> None:
    new = [READER, binding("read", "reader", WEB), binding("shop/read", "reader", WEB)]
    found = difference([READER], new)
    assert told(found) == ["gained: ServiceAccount shop/web everywhere: get, list on pods"]
    assert silent(found) == []


def test_what_comes_through_a_group_is_told_of_the_group() -> None:
    old = [READER, binding("shop/own", "reader", WEB)]
    new = [READER, binding("shop/all", "reader", "group:system:serviceaccounts:shop")]
    assert told(difference(old, new)) == ["gained: Group system:serviceaccounts:shop shop: get, list on pods"]
    assert told(difference(new, old)) == ["lost: Group system:serviceaccounts:shop shop: get, list on pods"]
    assert told(
        difference([READER, binding("a", "reader", "group:devs")], [READER, binding("a", "reader", "user:jane")])
    ) == [
        "gained: User jane everywhere: get, list on pods",
        "lost: Group devs everywhere: get, list on pods",
    ]


@pytest.mark.parametrize(
    ("subject", "groups"),
    [
        (Subject("Group", "devs"), ["system:authenticated"]),
        (Subject("Group", "system:authenticated"), []),
        (Subject("Group", "system:unauthenticated"), []),
        (Subject("Group", "system:serviceaccounts"), ["system:authenticated"]),
        (Subject("Group", "system:serviceaccounts:shop"), ["system:serviceaccounts", "system:authenticated"]),
        (Subject("User", "jane"), ["system:authenticated"]),
        (Subject("User", "system:anonymous"), ["system:unauthenticated"]),
        (
            Subject("ServiceAccount", "web", "shop"),
            ["system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"],
        ),
    ],
)
def test_groups_that_nobody_lists(subject: Subject, groups: list[str]) -> None:
    assert [each.name for each in groups_of(subject)] == groups


def test_a_group_loses_nothing_that_everybody_gains() -> None:
    old = [READER, binding("read", "reader", "group:devs")]
    new = [READER, binding("read", "reader", "group:system:authenticated")]
    assert told(difference(old, new)) == ["gained: Group system:authenticated everywhere: get, list on pods"]


def test_members_of_system_masters_gain_and_lose_nothing() -> None:
    found = difference([READER], [READER, binding("read", "reader", "group:system:masters")])
    assert told(found) == []
    assert silent(found) == ["added ClusterRoleBinding read"]


def test_a_user_named_like_a_service_account_is_that_account() -> None:
    name = "user:system:serviceaccount:shop:web"
    assert told(difference([READER, binding("a", "reader", name)], [READER, binding("a", "reader", WEB)])) == []
    found = difference([READER], [READER, binding("a", "reader", name, WEB)])
    assert told(found) == ["gained: ServiceAccount shop/web everywhere: get, list on pods"]
    assert [each.subject.kind for each in found.changes[0].via] == ["User"]


def test_a_star_covers_later_verbs_and_a_list_is_less() -> None:
    old = [role("a", rule("get list", "pods", names="db")), binding("shop/a", "a", WEB)]
    new = [role("a", rule("*", "pods")), binding("shop/a", "a", WEB)]
    found = difference(old, new)
    assert told(found) == ["gained: ServiceAccount shop/web shop: * on pods"]
    assert found.changes[0].unchanged == (rule("get list", "pods", names="db"),)
    back = difference(new, old)
    assert told(back) == ["lost: ServiceAccount shop/web shop: * on pods"]
    assert back.changes[0].unchanged == (rule("get list", "pods", names="db"),)


def test_names_and_subresources_are_told_apart() -> None:
    old = [role("a", rule("get", "pods", names="one"), rule("get", "*/log")), binding("a", "a", WEB)]
    new = [role("a", rule("get", "pods pods/log pods/exec", names="one two")), binding("a", "a", WEB)]
    assert told(difference(old, new)) == [
        "gained: ServiceAccount shop/web everywhere: get on pods named two",
        "gained: ServiceAccount shop/web everywhere: get on pods/exec named one, two",
        "lost: ServiceAccount shop/web everywhere: get on */log",
    ]
    assert difference(old, new).changes[2].unchanged == (rule("get", "pods/log", names="one two"),)


def test_urls_count_in_the_whole_cluster_alone() -> None:
    both = role("a", urls("get", "/healthz*"), rule("get", "pods"))
    found = difference([both, binding("a", "a", WEB)], [both, binding("shop/a", "a", WEB)])
    assert told(found) == [
        "lost: ServiceAccount shop/web everywhere: get on /healthz*",
        "lost: ServiceAccount shop/web everywhere: get on pods",
    ]
    assert [each.unchanged_in for each in found.changes] == [(), ("shop",)]
    mixed = role("a", urls("get", "/healthz*"), urls("*", "/healthz/etcd"))
    narrow = role("a", urls("get post", "/healthz/*"))
    found = difference([mixed, binding("a", "a", WEB)], [narrow, binding("a", "a", WEB)])
    assert told(found) == [
        "gained: ServiceAccount shop/web everywhere: post on /healthz/*",
        "lost: ServiceAccount shop/web everywhere: get on /healthz*",
        "lost: ServiceAccount shop/web everywhere: * on /healthz/etcd",
    ]
    assert [each.unchanged for each in found.changes] == [
        (urls("post", "/healthz/etcd"),),
        (urls("get", "/healthz/*"),),
        (urls("get post", "/healthz/etcd"),),
    ]


def test_a_rule_of_resources_and_urls_is_one_of_each() -> None:
    mixed = role("a", PolicyRule(("get",), ("",), ("pods",), ("x",), ("/healthz",)))
    inside = ["gained: ServiceAccount shop/web shop: get on pods named x"]
    assert told(difference([mixed], [mixed, binding("shop/a", "a", WEB)])) == inside
    assert told(difference([mixed], [mixed, binding("a", "a", WEB)])) == [
        "gained: ServiceAccount shop/web everywhere: get on /healthz",
        "gained: ServiceAccount shop/web everywhere: get on pods named x",
    ]
    named = role("a", PolicyRule(("get",), resource_names=("x",), non_resource_urls=("/healthz",)))
    assert told(difference([named], [named, binding("a", "a", WEB)])) == [
        "gained: ServiceAccount shop/web everywhere: get on /healthz"
    ]


def test_what_no_request_asks_in_a_namespace_has_no_effect_there() -> None:
    nodes = role("a", rule("get", "nodes"))
    found = difference([nodes], [nodes, binding("shop/a", "a", WEB)])
    assert told(found) == []
    assert silent(found) == ["added RoleBinding shop/a"]
    found = difference([nodes, binding("a", "a", WEB)], [nodes, binding("shop/a", "a", WEB)])
    assert found.changes[0].unchanged_in == ()


def test_rows_of_other_bindings_stand_apart() -> None:
    new = [
        role("one", rule("get list", "pods secrets")),
        role("two", rule("get", "pods")),
        binding("shop/one", "one", WEB),
        binding("shop/two", "two", WEB),
    ]
    found = difference([], new)
    assert [(text(each), [grant.binding.name for grant in each.via]) for each in found.changes] == [
        ("gained: ServiceAccount shop/web shop: get on pods", ["one", "two"]),
        ("gained: ServiceAccount shop/web shop: list on pods", ["one"]),
        ("gained: ServiceAccount shop/web shop: get, list on secrets", ["one"]),
    ]


def test_many_subjects_of_one_role_are_told_alike() -> None:
    users = [f"user:{number}" for number in range(3)]
    old, new = ([role("a", *rules), binding("shop/a", "a", *users)] for rules in ((READ,), (rule("get", "pods"),)))
    assert told(difference(old, new)) == [f"lost: User {each} shop: list on pods" for each in range(3)]


def test_what_a_wider_right_includes_is_not_told_again() -> None:
    wide = role("a", rule("* get", "* pods pods/log", names="x"), rule("get", "pods"), rule("*", "*/log"))
    assert told(difference([], [wide, binding("a", "a", WEB)])) == [
        "gained: ServiceAccount shop/web everywhere: * on * named x",
        "gained: ServiceAccount shop/web everywhere: * on */log",
        "gained: ServiceAccount shop/web everywhere: get on pods",
    ]
    paths = role("b", urls("get", "/a/*", "/a/**", "/a/b"))
    assert told(difference([], [paths, binding("b", "b", WEB)])) == [
        "gained: ServiceAccount shop/web everywhere: get on /a/*"
    ]
