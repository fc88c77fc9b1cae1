from __future__ import annotations

import pytest
from tests.engine.rbac.making import binding, role, rule
from tests.engine.rbac_diff.telling import FILES, difference

from firedoor.engine.rbac_diff import dangers
from firedoor.model.access_difference import AccessDifference

WEB = "sa:shop/web"
SECRETS = role("secrets", rule("get list", "secrets"))
NAMED = role("secrets", rule("get", "secrets", names="db"))


def risks(found: AccessDifference) -> list[set[str]]:
    return [{each.id for each in change.risks} for change in found.changes]


def test_a_gain_is_marked_with_the_risks_that_are_new() -> None:
    found = difference([SECRETS], [SECRETS, binding("shop/a", "secrets", WEB)])
    assert [[str(each.severity) for each in change.risks if each.id == "secrets-read"] for change in found.changes] == [
        ["high"]
    ]


def test_a_loss_is_never_marked() -> None:
    assert risks(difference([SECRETS, binding("shop/a", "secrets", WEB)], [SECRETS])) == [set()]


def test_a_risk_that_was_there_before_is_not_new_and_a_worse_one_is() -> None:
    bound = binding("shop/a", "secrets", WEB)
    more = role("secrets", rule("get list", "secrets"), rule("get", "pods"))
    assert risks(difference([SECRETS, bound], [more, bound])) == [set()]
    assert "secrets-read" in risks(difference([NAMED, bound], [SECRETS, bound]))[0]
    wide = [SECRETS, binding("b", "secrets", WEB)]
    assert "secrets-read" in risks(difference([SECRETS, bound], wide))[0]


def test_a_risk_is_marked_where_it_is_and_for_its_binding() -> None:
    reader = role("reader", rule("get", "pods"))
    new = [SECRETS, reader, binding("shop/a", "secrets", WEB), binding("pay/b", "reader", WEB, "user:jane")]
    found = difference([SECRETS, reader], new)
    marked = {(each.subject.name, each.namespace): bool(each.risks) for each in found.changes}
    assert marked == {("web", "shop"): True, ("web", "pay"): False, ("jane", "pay"): False}


def test_a_binding_for_everybody_is_marked_for_itself() -> None:
    reader = role("reader", rule("get", "pods"))
    found = difference([reader], [reader, binding("a", "reader", "group:system:authenticated")])
    assert risks(found) == [{"public-binding"}]


def test_cluster_admin_is_marked_for_its_subject() -> None:
    admin = role("cluster-admin", rule("*", "*", "*"))
    found = difference([admin], [admin, binding("a", "cluster-admin", "user:jane")])
    assert risks(found) == [{"cluster-admin-bound"}]


def test_a_binding_for_everybody_is_marked_though_its_role_was_not_read() -> None:
    new = [binding("a", "operator", "group:system:authenticated"), binding("b", "viewer", "user:jane", "user:john")]
    found = difference([], new, FILES)
    marked = {(each.subject.name, each.role.name): [risk.id for risk in each.risks] for each in found.doubts}
    assert marked == {
        ("system:authenticated", "operator"): ["public-binding"],
        ("jane", "viewer"): [],
        ("john", "viewer"): [],
    }
    assert difference(new, [], FILES).doubts[0].risks == ()


def test_a_right_is_not_marked_for_another_binding_of_its_subject() -> None:
    reader = role("reader", rule("get", "pods"))
    new = [reader, binding("shop/a", "cluster-admin", "user:jane"), binding("crm/c", "reader", "user:jane")]
    found = difference([reader], new, FILES)
    marked = {
        (each.namespace, each.rule.verbs): "cluster-admin-bound" in marks
        for each, marks in zip(found.changes, risks(found), strict=True)
    }
    assert marked == {("shop", ("*",)): True, ("crm", ("get",)): False}


def test_what_kubernetes_sets_up_is_not_marked() -> None:
    admin = role("cluster-admin", rule("*", "*", "*"))
    usual = binding("kubeadm:cluster-admins", "cluster-admin", "group:kubeadm:cluster-admins")
    assert risks(difference([admin], [admin, usual])) == [set()]


def test_where_very_many_gain_nobody_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dangers, "MOST_GAINING", 1)
    found = difference([SECRETS], [SECRETS, binding("shop/a", "secrets", WEB, "user:jane")])
    assert risks(found) == [set(), set()]
    assert found.notes == ("2 subjects gain rights, too many to mark the dangerous ones: see rbac risks",)
