from __future__ import annotations

from tests.engine.rbac_least.asked import WEB, WEB_SUBJECT, rule

from firedoor.engine.rbac_least.objects import generated, object_name, subject_of
from firedoor.model.access import User
from firedoor.model.rbac import RoleRef, Subject


def test_names_tell_whose_the_objects_are_and_are_never_those_of_another() -> None:
    subjects = [
        WEB_SUBJECT,
        Subject("User", "jane@example.com"),
        Subject("Group", "devs"),
        Subject("User", "devs"),
        Subject("User", "a/b"),
        Subject("User", "a%b"),
        Subject("User", "x" * 300),
        Subject("User", "x" * 301),
    ]
    names = [object_name(each) for each in subjects]
    assert names[:4] == ["least:sa:shop:web", "least:user:jane@example.com", "least:group:devs", "least:user:devs"]
    assert len(set(names)) == len(names)
    assert not any(set(each) & set("/%") or len(each) > 253 for each in names)
    assert names == [object_name(each) for each in subjects]


def test_a_service_account_is_named_as_one() -> None:
    assert subject_of(WEB) == WEB_SUBJECT
    assert subject_of(User("system:serviceaccount:odd")) == Subject("User", "system:serviceaccount:odd")


def test_each_namespace_has_a_role_and_a_binding_of_the_right_kinds() -> None:
    roles, bindings = generated(WEB_SUBJECT, {"": (rule("list", "nodes"),), "bank": (rule("get", "pods"),)})
    name = "least:sa:shop:web"
    assert [(each.kind, each.metadata.namespace, each.metadata.name) for each in roles] == [
        ("ClusterRole", "", name),
        ("Role", "bank", name),
    ]
    assert [(each.kind, each.metadata.namespace, each.role) for each in bindings] == [
        ("ClusterRoleBinding", "", RoleRef("ClusterRole", name)),
        ("RoleBinding", "bank", RoleRef("Role", name)),
    ]
    assert {each.subjects for each in bindings} == {(WEB_SUBJECT,)}
