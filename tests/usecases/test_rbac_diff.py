from __future__ import annotations

import pytest

from firedoor.errors import NothingInScopeError
from firedoor.model.places import Gap, GapKind, ObjectRef
from firedoor.model.rbac import Role, RoleBinding
from firedoor.model.snapshot import Snapshot
from firedoor.usecases.rbac_diff import rbac_diff
from tests.engine.rbac.making import authorizer, binding, role, rule

NAMES = ("old", "new")
ROLES = (role("a", rule("get", "pods")), role("b", rule("list watch get", "namespaces"), rule("get", "nodes")))
EMPTY = Snapshot()


def snapshot(*objects: Role | RoleBinding, gaps: tuple[Gap, ...] = ()) -> Snapshot:
    return authorizer(*ROLES, *objects, gaps=gaps).snapshot


def test_nothing_to_compare_is_an_error() -> None:
    with pytest.raises(NothingInScopeError, match="no role or binding was found in old or new"):
        rbac_diff((EMPTY, EMPTY), NAMES)


def test_a_state_without_roles_is_told_of() -> None:
    assert rbac_diff((EMPTY, snapshot()), NAMES).notes == ("no role or binding was found in old",)
    assert rbac_diff((snapshot(), EMPTY), NAMES).notes == ("no role or binding was found in new",)
    assert rbac_diff((snapshot(), snapshot()), NAMES).notes == ()


def test_what_could_not_be_read_may_hold_roles() -> None:
    unread = Snapshot(gaps=(Gap(GapKind.UNREADABLE, "a.yaml", "no YAML"),))
    found = rbac_diff((unread, unread), NAMES)
    assert found.old_gaps == unread.gaps
    assert found.is_same


def test_no_request_asks_for_cluster_scoped_resources_in_a_namespace() -> None:
    found = rbac_diff((snapshot(), snapshot(binding("shop/b", "b", "user:jane"))), NAMES)
    assert [(each.namespace, each.rule) for each in found.changes] == [("shop", rule("get", "namespaces"))]


def test_a_namespace_keeps_what_is_given_in_it_and_what_its_accounts_have() -> None:
    new = snapshot(
        binding("shop/a", "a", "user:jane"),
        binding("pay/a", "a", "user:jane", "sa:shop/web"),
        binding("all", "a", "sa:shop/api", "user:john"),
        binding("shop/none", "none", "user:john"),
        binding("pay/none", "none", "user:john"),
    )
    found = rbac_diff((snapshot(), new), NAMES, "shop")
    assert [(each.subject.name, each.namespace) for each in found.changes] == [
        ("api", ""), ("web", "pay"), ("jane", "shop"),
    ]  # fmt: skip
    assert [str(each.object) for each in found.without_effect] == ["RoleBinding shop/none"]
    assert len(rbac_diff((new, snapshot()), NAMES).changes) == 5


def test_gaps_in_other_namespaces_are_left_out() -> None:
    gaps = tuple(
        Gap(GapKind.REJECTED, f"{each}.yaml", "refused", object=ObjectRef("RoleBinding", each, "x"))
        for each in ("shop", "pay")
    )
    anywhere = Gap(GapKind.FORBIDDEN, "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", "forbidden")
    found = rbac_diff((snapshot(gaps=(*gaps, anywhere)), snapshot()), NAMES, "shop")
    assert found.old_gaps == (anywhere, gaps[0])
    assert not found.is_same


def test_a_namespace_that_nobody_tells_of_is_an_error() -> None:
    alone = snapshot(binding("all", "a", "sa:shop/api"))
    assert rbac_diff((alone, snapshot()), NAMES, "shop").changes
    with pytest.raises(NothingInScopeError, match="namespace shp of old or new"):
        rbac_diff((alone, snapshot()), NAMES, "shp")
