from __future__ import annotations

import pytest
from tests.engine.rbac.making import LIVE, RBAC, authorizer, binding, gathering, role, rule, urls

from firedoor.engine.rbac.escalation import EVERYTHING, may_grant, may_write_role, uncovered
from firedoor.model.access import MASTERS, User, user_named
from firedoor.model.places import Gap, GapKind
from firedoor.model.rbac import PolicyRule, Role, RoleBinding
from firedoor.model.snapshot import Origin

ALICE = user_named("alice")
ROOT = User("root", (MASTERS,))
FILES = Origin("manifests", ("files",))
READ = role("read", rule("get list", "pods secrets"))
BINDER = rule("create", "rolebindings clusterrolebindings", RBAC)
WRITER = rule("create update patch delete", "roles clusterroles", RBAC)


def having(name: str, *rules: PolicyRule) -> tuple[Role, RoleBinding]:
    return role("own", *rules), binding(name, "own", "user:alice")


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        (rule("get list", "pods secrets"), rule("get", "pods")),
        (rule("*", "pods"), rule("get", "pods")),
        (rule("*", "pods"), rule("*", "pods")),
        (rule("get", "pods", "*"), rule("get", "pods", "apps")),
        (rule("get", "*"), rule("get", "pods/log")),
        (rule("get", "*/log"), rule("get", "pods/log")),
        (rule("get", "*/log/x"), rule("get", "pods/log/x")),
        (rule("get", "pods"), rule("get", "pods", names="a b")),
        (rule("get", "pods", names="a b"), rule("get", "pods", names="b")),
        (urls("get", "/a/*"), urls("get", "/a/b", "/a/*", "/a/b/*")),
        (urls("get", "*"), urls("get", "*", "/a")),
        (rule("get", "pods"), PolicyRule(("get",), ("",))),
        (rule("get", "pods"), PolicyRule((), ("",), ("secrets",))),
    ],
)
def test_a_rule_covers_what_it_permits(held: PolicyRule, wanted: PolicyRule) -> None:
    assert uncovered([held], [wanted]) == ()


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        (rule("get list watch create update patch delete deletecollection", "pods"), rule("*", "pods")),
        (rule("GET", "pods"), rule("get", "pods")),
        (rule("get", "pods"), rule("get", "pods", "*")),
        (rule("get", "pods"), rule("get", "*")),
        (rule("get", "pods"), rule("get", "pods/log")),
        (rule("get", "pods/*"), rule("get", "pods/log")),
        (rule("get", "*/log"), rule("get", "pods")),
        (rule("get", "*/log"), rule("get", "log")),
        (rule("get", "pods", names="a"), rule("get", "pods")),
        (rule("get", "pods", names="a"), rule("get", "pods", names="b")),
        (rule("*", "*", "*"), urls("get", "/a")),
        (urls("*", "*"), rule("get", "pods")),
        (urls("get", "/a/*"), urls("get", "/a")),
        (urls("get", "/a/b"), urls("get", "/a/*")),
        (PolicyRule(("get",), (), (), ("x",), ("*",)), urls("get", "/a")),
    ],
)
def test_a_rule_does_not_cover_what_goes_beyond_it(held: PolicyRule, wanted: PolicyRule) -> None:
    assert uncovered([held], [wanted]) == (wanted,)


def test_what_is_not_covered_comes_as_rules_of_one_verb_one_resource_and_one_name() -> None:
    wanted = [rule("get list", "pods secrets", names="a b"), urls("get post", "/x"), rule("get", "pods", names="a")]
    held = [
        rule("get", "pods"),
        rule("list", "secrets", names="b"),
        urls("get", "/x"),
        rule("get", "secrets", names="a"),
    ]
    assert uncovered(held, wanted) == (
        rule("list", "pods", names="a"),
        rule("list", "pods", names="b"),
        rule("get", "secrets", names="b"),
        rule("list", "secrets", names="a"),
        urls("post", "/x"),
    )


def test_each_part_of_a_wanted_rule_may_be_covered_by_another_held_rule() -> None:
    assert (
        uncovered([rule("get", "pods secrets"), rule("list", "pods secrets")], [rule("get list", "pods secrets")]) == ()
    )


def test_system_masters_may_grant_and_write_anything() -> None:
    found = authorizer(READ)
    assert may_grant(found, ROOT, binding("b", "read", "user:x")).allowed
    assert may_write_role(found, ROOT, READ, "create").allowed


def test_to_grant_takes_the_right_to_create_the_binding() -> None:
    found = authorizer(READ, *having("b", rule("bind", "clusterroles", RBAC)))
    permission = may_grant(found, ALICE, binding("shop/x", "read", "user:x"))
    assert not permission.allowed
    assert permission.missing == (rule("create", "rolebindings", RBAC),)
    assert [each.rule.verbs for each in permission.because] == [("bind",)]


def test_to_grant_without_bind_takes_all_the_rules_of_the_role() -> None:
    some = authorizer(READ, *having("b", BINDER, rule("get", "pods secrets")))
    permission = may_grant(some, ALICE, binding("shop/x", "read", "user:x"))
    assert not permission.allowed
    assert permission.missing == (rule("list", "pods"), rule("list", "secrets"))
    every = authorizer(READ, *having("b", BINDER, rule("*", "pods secrets")))
    assert may_grant(every, ALICE, binding("shop/x", "read", "user:x")).allowed


def test_bind_is_asked_for_the_role_in_the_namespace_of_the_binding() -> None:
    named = rule("bind", "clusterroles", RBAC, names="read")
    found = authorizer(READ, role("more", *READ.rules), *having("shop/b", BINDER, named))
    assert may_grant(found, ALICE, binding("shop/x", "read", "user:x")).allowed
    assert not may_grant(found, ALICE, binding("shop/x", "more", "user:x")).allowed
    assert not may_grant(found, ALICE, binding("crm/x", "read", "user:x")).allowed
    assert not may_grant(found, ALICE, binding("x", "read", "user:x")).allowed


def test_bind_on_bindings_is_of_no_use() -> None:
    found = authorizer(READ, *having("b", BINDER, rule("bind", "rolebindings clusterrolebindings", RBAC)))
    assert not may_grant(found, ALICE, binding("x", "read", "user:x")).allowed


def test_the_rules_must_be_held_where_the_binding_is() -> None:
    own = (*having("shop/b", rule("*", "pods secrets")), role("maker", BINDER), binding("m", "maker", "user:alice"))
    found = authorizer(READ, *own)
    assert may_grant(found, ALICE, binding("shop/x", "read", "user:x")).allowed
    assert not may_grant(found, ALICE, binding("crm/x", "read", "user:x")).allowed
    assert not may_grant(found, ALICE, binding("x", "read", "user:x")).allowed


def test_a_role_of_a_namespace_is_bound_with_bind_on_roles() -> None:
    found = authorizer(role("shop/read", *READ.rules), *having("b", BINDER, rule("bind", "roles", RBAC)))
    assert may_grant(found, ALICE, binding("shop/x", "read", "user:x", kind="Role")).allowed


def test_a_role_that_is_not_there_can_be_bound_with_bind_only() -> None:
    wanted = binding("shop/x", "gone", "user:x")
    everything = authorizer(*having("b", rule("*", "*", "apps"), BINDER))
    permission = may_grant(everything, ALICE, wanted)
    assert (permission.allowed, permission.unsure) == (False, ())
    assert permission.missing == (rule("bind", "clusterroles", RBAC, names="gone"),)
    assert may_grant(authorizer(*having("b", BINDER, rule("bind", "clusterroles", RBAC))), ALICE, wanted).allowed


def test_files_without_the_role_leave_open_whether_its_rules_are_held() -> None:
    found = authorizer(*having("b", BINDER), origin=FILES)
    permission = may_grant(found, ALICE, binding("shop/x", "viewer", "user:x"))
    assert not permission.allowed
    assert "no ClusterRole viewer" in permission.unsure[0].reason


@pytest.mark.parametrize(("name", "kind"), [("x", "Role"), ("shop/x", "Robot")])
def test_a_binding_that_the_api_refuses_cannot_be_made_by_anybody(name: str, kind: str) -> None:
    assert not may_grant(authorizer(READ), ROOT, binding(name, "read", "user:x", kind=kind)).allowed


def test_to_write_a_role_takes_its_rules_or_escalate() -> None:
    wanted = role("shop/new", rule("get", "pods"))
    bare = may_write_role(authorizer(*having("b", WRITER)), ALICE, wanted, "create")
    assert (bare.allowed, bare.missing) == (False, (rule("get", "pods"),))
    assert may_write_role(authorizer(*having("b", WRITER, rule("get", "*"))), ALICE, wanted, "create").allowed
    assert may_write_role(
        authorizer(*having("b", WRITER, rule("escalate", "roles", RBAC))), ALICE, wanted, "create"
    ).allowed
    without = may_write_role(authorizer(*having("b", rule("escalate", "roles", RBAC))), ALICE, wanted, "update")
    assert (without.allowed, without.missing) == (False, (rule("update", "roles", RBAC, names="new"),))


def test_escalate_on_a_named_role_helps_to_change_it_and_not_to_create_it() -> None:
    found = authorizer(*having("b", WRITER, rule("escalate", "roles", RBAC, names="new")))
    wanted = role("shop/new", rule("get", "pods"))
    assert may_write_role(found, ALICE, wanted, "patch").allowed
    assert not may_write_role(found, ALICE, wanted, "create").allowed


def test_an_aggregating_role_takes_everything_or_escalate() -> None:
    wanted = gathering("all", {"matchLabels": {"a": "b"}})
    bare = may_write_role(authorizer(*having("b", WRITER)), ALICE, wanted, "create")
    assert bare.missing == EVERYTHING
    assert may_write_role(authorizer(*having("b", *EVERYTHING)), ALICE, wanted, "create").allowed
    found = authorizer(*having("b", WRITER, rule("escalate", "clusterroles", RBAC)))
    assert may_write_role(found, ALICE, wanted, "create").allowed


def test_a_role_that_aggregates_before_it_is_changed_takes_everything_too() -> None:
    before, after = gathering("all", {"matchLabels": {"a": "b"}}), role("all")
    found = authorizer(before, *having("b", WRITER))
    assert may_write_role(found, ALICE, after, "update").missing == EVERYTHING
    assert may_write_role(found, ALICE, role("other"), "update").allowed


def test_a_role_that_stays_as_it_is_takes_the_right_to_write_it_alone() -> None:
    before = gathering("all", {"matchLabels": {"a": "b"}}, labels={"team": "a"})
    found = authorizer(before, READ, *having("b", WRITER))
    assert may_write_role(found, ALICE, before, "update") == may_write_role(found, ALICE, role("other"), "update")
    assert may_write_role(found, ALICE, READ, "patch").allowed
    other = gathering("all", {"matchLabels": {"a": "b"}}, labels={"team": "b"})
    assert may_write_role(found, ALICE, other, "update").missing == EVERYTHING
    assert may_write_role(found, ALICE, READ, "create").missing != ()
    assert may_write_role(authorizer(READ), ALICE, READ, "patch").missing == (
        rule("patch", "clusterroles", RBAC, names="read"),
    )


def test_to_delete_a_role_takes_the_verb_alone() -> None:
    wanted = role("all", rule("*", "*", "*"))
    assert may_write_role(authorizer(*having("b", WRITER)), ALICE, wanted, "delete").allowed
    assert may_write_role(authorizer(), ALICE, wanted, "delete").missing == (
        rule("delete", "clusterroles", RBAC, names="all"),
    )


def test_gaps_that_may_hide_what_is_missing_are_told() -> None:
    gap = Gap(GapKind.FORBIDDEN, "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", "not seen")
    found = authorizer(READ, *having("b", BINDER), gaps=(gap,))
    assert may_grant(found, ALICE, binding("x", "read", "user:x")).unsure == (gap,)
    enough = authorizer(READ, *having("b", BINDER, *READ.rules), gaps=(gap,), origin=LIVE)
    assert may_grant(enough, ALICE, binding("x", "read", "user:x")).unsure == ()
