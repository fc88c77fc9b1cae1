from __future__ import annotations

from tests.engine.rbac.making import authorizer, binding, gathering, role, rule
from tests.engine.rbac_diff.telling import FILES, between, difference, silent, told

from firedoor.model.access_difference import Side
from firedoor.model.places import Gap, GapKind, ObjectRef
from firedoor.model.rbac import Role, RoleBinding

READER = role("reader", rule("get", "pods"))
WEB = "sa:shop/web"
BROKEN = Gap(GapKind.UNREADABLE, "k8s/broken.yaml:3", "no YAML")


def test_a_role_that_was_not_read_leaves_open_what_its_subject_may_do() -> None:
    found = difference([], [binding("shop/see", "viewer", WEB)], FILES)
    (doubt,) = found.doubts
    assert (doubt.side, doubt.subject.name, doubt.namespace, str(doubt.role)) == (
        Side.NEW, "web", "shop", "ClusterRole viewer",
    )  # fmt: skip
    assert [str(gap.object) for gap in doubt.gaps] == ["RoleBinding shop/see"]
    assert (told(found), silent(found), found.is_same) == ([], [], False)
    (doubt,) = difference([binding("shop/see", "viewer", WEB)], [], FILES).doubts
    assert doubt.side is Side.OLD


def test_a_role_that_was_not_read_of_either_state_is_told_and_no_change() -> None:
    found = difference([binding("shop/see", "viewer", WEB)], [binding("shop/look", "viewer", WEB)], FILES)
    (doubt,) = found.doubts
    assert doubt.side is Side.BOTH
    assert [str(gap.object) for gap in doubt.gaps] == ["RoleBinding shop/see", "RoleBinding shop/look"]
    assert (silent(found), found.is_same) == ([], True)


def test_doubts_of_members_of_system_masters_are_none() -> None:
    assert difference([], [binding("see", "viewer", "group:system:masters")], FILES).doubts == ()


def test_what_one_state_hides_became_known_or_unknown() -> None:
    old, new = [READER, binding("shop/read", "reader", WEB)], [binding("shop/read", "reader", WEB)]
    found = difference(old, new, FILES)
    assert told(found) == ["became unknown: ServiceAccount shop/web shop: get on pods"]
    assert [gap.kind for gap in found.changes[0].unsure] == [GapKind.INCOMPLETE]
    assert [each.side for each in found.doubts] == [Side.NEW]
    assert found.bindings == ()
    assert told(difference(new, old, FILES)) == ["became allowed: ServiceAccount shop/web shop: get on pods"]


def test_a_broken_file_hides_rights_of_anybody() -> None:
    objects: list[Role | RoleBinding] = [READER, binding("shop/read", "reader", WEB)]
    old, new = authorizer(origin=FILES, gaps=(BROKEN,)), authorizer(*objects, origin=FILES)
    found = between(old, new)
    assert told(found) == ["became allowed: ServiceAccount shop/web shop: get on pods"]
    assert found.changes[0].unsure == (BROKEN,)
    assert (found.old_gaps, found.new_gaps, found.doubts) == ((BROKEN,), (), ())
    same = authorizer(*objects, origin=FILES, gaps=(BROKEN,))
    assert not between(new, same).is_same
    assert between(same, same).is_same


def test_a_binding_that_was_not_read_hides_what_is_in_its_namespace() -> None:
    ref = ObjectRef("RoleBinding", "pay", "x")
    hidden = Gap(GapKind.REJECTED, "k8s/a.yaml:1", "no roleRef", object=ref)
    others = [Gap(GapKind.FOREIGN, "k8s/b.yaml:1", "no object"), Gap(GapKind.REJECTED, "c", "d", object=None)]
    old = authorizer(READER, origin=FILES, gaps=(hidden, others[0]))
    new = authorizer(READER, binding("pay/a", "reader", WEB), binding("shop/a", "reader", WEB), origin=FILES)
    found = between(old, new)
    assert told(found) == [
        "gained: ServiceAccount shop/web shop: get on pods",
        "became allowed: ServiceAccount shop/web pay: get on pods",
    ]
    assert found.old_gaps == (hidden,)


def test_a_role_that_comes_and_goes_makes_a_binding_live_and_dead() -> None:
    old, new = [binding("shop/a", "reader", WEB)], [READER, binding("shop/a", "reader", WEB)]
    found = difference(old, new)
    assert [(str(each.binding), str(each.role), each.is_live) for each in found.bindings] == [
        ("RoleBinding shop/a", "ClusterRole reader", True)
    ]
    assert told(found) == ["gained: ServiceAccount shop/web shop: get on pods"]
    assert [each.is_live for each in difference(new, old).bindings] == [False]
    assert difference(old, old).bindings == ()
    assert difference([], old).bindings == ()


def test_a_role_that_changed_for_nobody_has_no_effect() -> None:
    old = [role("shop/a", rule("get", "pods")), gathering("b", {"matchLabels": {"to": "b"}})]
    new = [role("shop/a", rule("list", "pods")), gathering("b", {"matchLabels": {"to": "c"}})]
    found = difference(old, new)
    assert silent(found) == ["changed ClusterRole b", "changed Role shop/a"]
    assert found.is_same
    assert silent(difference(old, old)) == []
