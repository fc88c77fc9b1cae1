from __future__ import annotations

import pytest
from tests.engine.rbac.making import LIVE, authorizer, binding, gathering, role, rule

from firedoor.model.access import AccessRequest, user_named
from firedoor.model.places import Gap, GapKind, ObjectRef
from firedoor.model.snapshot import Origin

ALICE = user_named("alice")
GET = AccessRequest("get", "pods", namespace="shop")
WIDE = AccessRequest("get", "pods")
FILES = Origin("manifests", ("files",))
LISTS = "/apis/rbac.authorization.k8s.io/v1"


def hidden(source: str, ref: ObjectRef | None = None, kind: GapKind = GapKind.FORBIDDEN) -> Gap:
    return Gap(kind, source, "not seen", object=ref)


def verdict(*objects: object, gap: Gap, origin: Origin = LIVE, asked: AccessRequest = GET) -> str:
    return authorizer(*objects, origin=origin, gaps=(gap,)).decide(ALICE, asked).verdict  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "asked", "expected"),
    [
        (f"{LISTS}/clusterrolebindings", GET, "unknown"),
        (f"{LISTS}/clusterrolebindings", WIDE, "unknown"),
        (f"{LISTS}/clusterrolebindings (item 3)", GET, "unknown"),
        (f"{LISTS}/rolebindings", GET, "unknown"),
        (f"{LISTS}/rolebindings", WIDE, "denied"),
        (f"{LISTS}/rolebindings", AccessRequest("get", path="/metrics", namespace="shop"), "denied"),
        (f"{LISTS}/namespaces/shop/rolebindings", GET, "unknown"),
        (f"{LISTS}/namespaces/crm/rolebindings", GET, "denied"),
        (f"{LISTS}/clusterroles", GET, "denied"),
        (f"{LISTS}/namespaces/shop/roles", GET, "denied"),
        (LISTS, GET, "denied"),
        ("/api/v1/pods", GET, "denied"),
        ("/apis/example.com/v1/rolebindings", GET, "denied"),
    ],
)
def test_lists_that_were_refused_leave_open_what_they_could_have_given(
    source: str, asked: AccessRequest, expected: str
) -> None:
    assert verdict(gap=hidden(source), asked=asked) == expected


@pytest.mark.parametrize(
    ("bound", "kind", "source", "expected"),
    [
        ("shop/b", "ClusterRole", f"{LISTS}/clusterroles", "unknown"),
        ("b", "ClusterRole", f"{LISTS}/clusterroles", "unknown"),
        ("shop/b", "Role", f"{LISTS}/roles", "unknown"),
        ("shop/b", "Role", f"{LISTS}/namespaces/shop/roles", "unknown"),
        ("shop/b", "Role", f"{LISTS}/namespaces/crm/roles", "denied"),
        ("shop/b", "Role", f"{LISTS}/clusterroles", "denied"),
        ("b", "Role", f"{LISTS}/roles", "denied"),
    ],
)
def test_a_binding_to_a_role_that_is_not_there_leaves_open_what_a_refused_list_of_roles_may_hold(
    bound: str, kind: str, source: str, expected: str
) -> None:
    assert verdict(binding(bound, "gone", "user:alice", kind=kind), gap=hidden(source)) == expected


def test_a_role_that_is_there_is_not_hidden_by_a_list_that_was_read_in_part() -> None:
    objects = (role("read", rule("get", "secrets")), binding("b", "read", "user:alice"))
    assert verdict(*objects, gap=hidden(f"{LISTS}/clusterroles")) == "denied"


def test_an_aggregating_role_may_have_rules_of_roles_that_were_not_read() -> None:
    objects = (gathering("all", {"matchLabels": {"a": "b"}}), binding("b", "all", "user:alice"))
    assert verdict(*objects, gap=hidden(f"{LISTS}/clusterroles")) == "unknown"


@pytest.mark.parametrize(
    ("ref", "kind", "expected"),
    [
        (ObjectRef("ClusterRole", "", "read"), GapKind.REJECTED, "unknown"),
        (ObjectRef("ClusterRole", "", "other"), GapKind.REJECTED, "denied"),
        (ObjectRef("ClusterRole", "", "read"), GapKind.DUPLICATE, "denied"),
        (ObjectRef("RoleBinding", "shop", "x"), GapKind.TEMPLATE, "unknown"),
        (ObjectRef("RoleBinding", "crm", "x"), GapKind.TEMPLATE, "denied"),
        (ObjectRef("ClusterRoleBinding", "", "x"), GapKind.UNREADABLE, "unknown"),
        (ObjectRef("Deployment", "shop", "x"), GapKind.REJECTED, "denied"),
        (None, GapKind.UNREADABLE, "unknown"),
        (None, GapKind.FOREIGN, "denied"),
    ],
)
def test_what_files_do_not_let_one_read_leaves_open_the_answers_that_hang_on_it(
    ref: ObjectRef | None, kind: GapKind, expected: str
) -> None:
    objects = (role("read", rule("get", "secrets")), binding("b", "read", "user:alice"))
    assert verdict(*objects, gap=hidden("all.yaml:4", ref, kind), origin=FILES) == expected


def test_what_is_allowed_all_the_same_is_not_left_open() -> None:
    objects = (role("read", rule("get", "pods")), binding("b", "read", "user:alice"))
    decision = authorizer(*objects, gaps=(hidden(f"{LISTS}/clusterrolebindings"),)).decide(ALICE, GET)
    assert (decision.verdict, decision.unsure) == ("allowed", ())


def test_files_may_leave_out_a_role_that_is_in_the_cluster() -> None:
    found = authorizer(binding("b", "viewer", "user:alice"), origin=FILES).decide(ALICE, GET)
    assert found.verdict == "unknown"
    (gap,) = found.unsure
    assert (gap.source, gap.path) == ("b.yaml:3", "roleRef")
    assert "no ClusterRole viewer" in gap.reason


def test_in_a_whole_cluster_a_role_that_is_not_there_grants_nothing_for_sure() -> None:
    for origin in (Origin("cluster"), Origin("snapshot", captured_at="2026-01-01T00:00:00Z")):
        assert authorizer(binding("b", "view", "user:alice"), origin=origin).decide(ALICE, GET).verdict == "denied"


@pytest.mark.parametrize(("name", "kind"), [("b", "Role"), ("shop/b", "Robot")])
def test_a_binding_to_something_that_no_role_can_be_grants_nothing_for_sure(name: str, kind: str) -> None:
    found = authorizer(binding(name, "view", "user:alice", kind=kind), origin=FILES)
    assert found.decide(ALICE, GET).verdict == "denied"


def test_bindings_for_others_leave_nothing_open() -> None:
    assert authorizer(binding("b", "view", "user:bob"), origin=FILES).decide(ALICE, GET).verdict == "denied"


def test_an_aggregation_rule_that_the_api_refuses_leaves_open_what_the_role_has() -> None:
    odd = gathering("odd", {"matchLabels": {"a": "not a value"}})
    found = authorizer(odd, binding("b", "odd", "user:alice"), origin=FILES).decide(ALICE, GET)
    assert found.verdict == "unknown"
    assert "aggregation rule of ClusterRole odd" in found.unsure[0].reason


def test_gaps_that_may_hide_a_permission_of_anybody_are_told_too() -> None:
    found = authorizer(binding("b", "viewer", "user:bob"), binding("crm/c", "editor", "user:bob"), origin=FILES)
    assert [each.object for each in found.unsure(GET)] == [ObjectRef("ClusterRoleBinding", "", "b")]
