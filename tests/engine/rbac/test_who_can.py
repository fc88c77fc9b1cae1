from __future__ import annotations

from tests.engine.rbac.making import authorizer, binding, role, rule, subject, urls

from firedoor.engine.rbac.who_can import Holder, who_can
from firedoor.model.access import MASTERS, AccessRequest
from firedoor.model.metadata import ObjectMeta
from firedoor.model.rbac import Role, RoleBinding, ServiceAccount, Subject
from firedoor.model.workloads import Pod, PodSpec, PodTemplate, Workload

GET = AccessRequest("get", "secrets", namespace="shop", name="db")
READ = role("read", rule("get", "secrets"))
ALL = role("all", rule("*", "*", "*"))


def names(*objects: Role | RoleBinding, asked: AccessRequest = GET) -> list[str]:
    return [
        f"{each.subject.kind}:{each.subject.namespace}/{each.subject.name}"
        for each in who_can(authorizer(*objects), asked)[1:]
    ]


def test_system_masters_come_first_without_a_grant_even_if_a_binding_names_them() -> None:
    masters = Holder(Subject("Group", MASTERS))
    assert who_can(authorizer(), GET) == (masters,)
    assert who_can(authorizer(ALL, binding("b", "all", f"group:{MASTERS}")), GET) == (masters,)


def test_every_subject_of_a_binding_that_permits_it_is_there_sorted() -> None:
    found = names(
        READ, binding("b", "read", "user:zoe", "sa:crm/web", "group:devs"), binding("shop/c", "read", "sa:web")
    )
    assert found == ["Group:/devs", "ServiceAccount:crm/web", "ServiceAccount:shop/web", "User:/zoe"]


def test_subjects_that_mean_nobody_are_not_there() -> None:
    assert names(READ, binding("b", "read", "sa:web", "Robot:r2")) == []


def test_bindings_of_other_namespaces_and_roles_that_do_not_permit_it_do_not_count() -> None:
    assert (
        names(
            READ,
            binding("crm/b", "read", "user:alice"),
            role("x", rule("list", "secrets")),
            binding("y", "x", "user:b"),
        )
        == []
    )


def test_a_role_of_another_namespace_with_the_same_name_is_another_role() -> None:
    objects = (
        role("crm/read", rule("get", "secrets")),
        role("shop/read", rule("get", "pods")),
        binding("shop/b", "read", "user:alice", kind="Role"),
    )
    assert names(*objects) == []
    assert names(*objects, binding("crm/b", "read", "user:bob", kind="Role")) == []


def test_a_cluster_role_binding_to_a_role_counts_for_nothing() -> None:
    objects = (role("shop/read", rule("get", "secrets")), role("read", rule("get", "secrets")))
    assert names(*objects, binding("b", "read", "user:alice", kind="Role")) == []


def test_the_grants_of_a_subject_are_collected_in_the_order_of_bindings_and_rules() -> None:
    found = authorizer(
        role("two", rule("get", "secrets"), rule("list", "secrets"), rule("*", "*")),
        binding("shop/c", "two", "user:alice"),
        binding("b", "two", "user:alice", "user:alice"),
    )
    (_, holder) = who_can(found, GET)
    assert [(each.binding.name, each.path) for each in holder.via] == [
        ("b", "rules[0]"), ("b", "rules[2]"), ("c", "rules[0]"), ("c", "rules[2]")
    ]  # fmt: skip


def test_names_in_rules_decide_and_a_request_without_a_name_is_not_for_them() -> None:
    objects = (role("one", rule("get list", "secrets", names="db")), binding("b", "one", "user:alice"))
    assert names(*objects) == ["User:/alice"]
    assert names(*objects, asked=AccessRequest("get", "secrets", namespace="shop", name="other")) == []
    assert names(*objects, asked=AccessRequest("list", "secrets", namespace="shop")) == []


def test_who_may_get_a_path_is_told_by_cluster_role_bindings() -> None:
    probe = role("probe", urls("get", "/metrics"))
    found = names(
        probe, binding("b", "probe", "user:a"), binding("shop/b", "probe", "user:c"),
        asked=AccessRequest("get", path="/metrics"),
    )  # fmt: skip
    assert found == ["User:/a"]


def test_a_request_with_the_verb_star_is_permitted_by_the_verb_star_only() -> None:
    asked = AccessRequest("*", "secrets", namespace="shop")
    assert names(READ, ALL, binding("a", "read", "user:a"), binding("b", "all", "user:b"), asked=asked) == ["User:/b"]


def test_groups_of_service_accounts_are_expanded_to_those_of_the_snapshot() -> None:
    found = authorizer(
        READ,
        binding("b", "read", "group:system:serviceaccounts:crm"),
        binding("shop/c", "read", "group:system:serviceaccounts", "sa:web"),
        service_accounts=(ServiceAccount(ObjectMeta("web", "shop")), ServiceAccount(ObjectMeta("job", "crm"))),
        pods=(Pod(ObjectMeta("p", "crm"), PodSpec(service_account_name="api")),),
        workloads=(Workload("Deployment", ObjectMeta("d", "ops"), PodTemplate()),),
    )
    crm, every = subject("group:system:serviceaccounts:crm"), subject("group:system:serviceaccounts")
    assert [(each.subject, each.by_group) for each in who_can(found, GET)[1:]] == [
        (every, None),
        (crm, None),
        (subject("sa:crm/api"), every),
        (subject("sa:crm/api"), crm),
        (subject("sa:crm/job"), every),
        (subject("sa:crm/job"), crm),
        (subject("sa:ops/default"), every),
        (subject("sa:shop/web"), None),
        (subject("sa:shop/web"), every),
    ]


def test_everybody_authenticated_stands_for_all_service_accounts_too() -> None:
    found = authorizer(
        READ,
        binding("b", "read", "group:system:authenticated", "group:devs"),
        service_accounts=(ServiceAccount(ObjectMeta("web", "shop")),),
    )
    holders = who_can(found, GET)
    assert holders[-1].subject == subject("sa:shop/web")
    assert holders[-1].via == holders[-2].via
    assert len(holders) == 4
