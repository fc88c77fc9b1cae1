from __future__ import annotations

import pytest
from tests.engine.rbac.making import rule, subject, urls

from firedoor.engine.rbac.matching import in_full, rule_allows, subject_matches
from firedoor.model.access import AccessRequest, User, service_account_user, user_named
from firedoor.model.rbac import PolicyRule, Subject

GET_POD = AccessRequest("get", "pods", namespace="shop", name="web")
GET_LOG = AccessRequest("get", "pods", "log", namespace="shop", name="web")
LIST_PODS = AccessRequest("list", "pods", namespace="shop")


@pytest.mark.parametrize(
    ("given", "request_", "expected"),
    [
        (rule("get", "pods"), GET_POD, True),
        (rule("*", "pods"), GET_POD, True),
        (rule("GET", "pods"), GET_POD, False),
        (rule("list get", "secrets pods"), GET_POD, True),
        (rule("get", "Pods"), GET_POD, False),
        (rule("get", "*"), GET_POD, True),
        (rule("get", "pods", "apps"), GET_POD, False),
        (rule("get", "pods", "*"), GET_POD, True),
        (PolicyRule(("get",), (), ("pods",)), GET_POD, False),
        (PolicyRule(("get",), ("",), ()), GET_POD, False),
        (PolicyRule((), ("",), ("pods",)), GET_POD, False),
        (rule("get", "pods"), GET_LOG, False),
        (rule("get", "pods/log"), GET_LOG, True),
        (rule("get", "pods/log"), GET_POD, False),
        (rule("get", "*/log"), GET_LOG, True),
        (rule("get", "*/log"), GET_POD, False),
        (rule("get", "*/exec"), GET_LOG, False),
        (rule("get", "pods/*"), GET_LOG, False),
        (rule("get", "pods/*"), GET_POD, False),
        (rule("get", "*/*"), GET_LOG, False),
        (rule("get", "*"), GET_LOG, True),
        (rule("get", "pods", names="web db"), GET_POD, True),
        (rule("get", "pods", names="db"), GET_POD, False),
        (rule("get", "pods", names="*"), GET_POD, False),
        (rule("list", "pods", names="web"), LIST_PODS, False),
        (rule("list", "pods"), LIST_PODS, True),
        (PolicyRule(("list",), ("",), ("pods",), ("",)), LIST_PODS, True),
        (urls("get", "*"), GET_POD, False),
    ],
)
def test_a_rule_permits_exactly_the_verbs_groups_resources_and_names_it_lists(
    given: PolicyRule, request_: AccessRequest, expected: bool
) -> None:
    assert rule_allows(given, request_) is expected


@pytest.mark.parametrize(
    ("path", "given", "expected"),
    [
        ("/healthz", urls("get", "/healthz"), True),
        ("/healthz/etcd", urls("get", "/healthz"), False),
        ("/healthz/etcd", urls("get", "/healthz/*"), True),
        ("/healthz", urls("get", "/healthz/*"), False),
        ("/healthz", urls("get", "/health*"), True),
        ("/healthz", urls("get", "/health**"), True),
        ("/healthz", urls("get", "*"), True),
        ("/healthz", urls("get", "/*/z"), False),
        ("/healthz", urls("post", "*"), False),
        ("/healthz", urls("*", "/metrics", "/healthz"), True),
        ("/healthz", rule("*", "*", "*"), False),
    ],
)
def test_a_path_is_permitted_by_its_own_text_or_by_a_beginning_with_a_star(
    path: str, given: PolicyRule, expected: bool
) -> None:
    assert rule_allows(given, AccessRequest("get", path=path)) is expected


@pytest.mark.parametrize(
    ("text", "user", "namespace", "expected"),
    [
        ("user:alice", user_named("alice"), "", True),
        ("user:alice", user_named("Alice"), "", False),
        ("user:system:serviceaccount:shop:web", service_account_user("shop", "web"), "", True),
        ("group:devs", user_named("alice", ("devs",)), "shop", True),
        ("group:devs", user_named("devs"), "shop", False),
        ("user:devs", user_named("alice", ("devs",)), "shop", False),
        ("group:system:serviceaccounts:shop", service_account_user("shop", "web"), "", True),
        ("group:system:serviceaccounts:shop", service_account_user("crm", "web"), "", False),
        ("sa:shop/web", service_account_user("shop", "web"), "", True),
        ("sa:shop/web", service_account_user("shop", "web"), "crm", True),
        ("sa:web", service_account_user("shop", "web"), "shop", True),
        ("sa:web", service_account_user("shop", "web"), "crm", False),
        ("sa:web", service_account_user("shop", "web"), "", False),
        ("sa:web", user_named("web"), "shop", False),
        ("Robot:alice", user_named("alice"), "", False),
    ],
)
def test_a_subject_means_a_user_by_name_a_group_or_an_account_of_its_namespace(
    text: str, user: User, namespace: str, expected: bool
) -> None:
    assert subject_matches(subject(text), user, namespace) is expected


def test_a_subject_in_full_has_the_namespace_of_the_binding_only_if_it_is_an_account_without_one() -> None:
    assert in_full(subject("sa:web"), "shop") == Subject("ServiceAccount", "web", "shop")
    assert in_full(subject("sa:crm/web"), "shop") == Subject("ServiceAccount", "web", "crm")
    assert in_full(Subject("User", "alice", "odd"), "shop") == Subject("User", "alice")


@pytest.mark.parametrize(
    ("name", "account"),
    [
        ("system:serviceaccount:shop:web", ("shop", "web")),
        ("system:serviceaccount:shop:web.v1-a", ("shop", "web.v1-a")),
        (f"system:serviceaccount:{'n' * 63}:{'a' * 253}", ("n" * 63, "a" * 253)),
        (f"system:serviceaccount:{'n' * 64}:web", None),
        (f"system:serviceaccount:shop:{'a' * 254}", None),
        ("system:serviceaccount:Shop:web", None),
        ("system:serviceaccount:shop:we_b", None),
        ("system:serviceaccount:shop.v1:web", None),
        ("system:serviceaccount:shop:-web", None),
        ("system:serviceaccount:shop:web.", None),
        ("system:serviceaccount:shop:web\n", None),
        ("system:serviceaccount:shop:web:more", None),
        ("system:serviceaccount:shop:", None),
        ("system:serviceaccount::web", None),
        ("system:serviceaccount:shop", None),
        ("alice", None),
    ],
)
def test_a_user_is_a_service_account_only_under_names_that_the_api_accepts(
    name: str, account: tuple[str, str] | None
) -> None:
    assert User(name).service_account == account
    assert ("system:serviceaccounts" in user_named(name).groups) is (account is not None)
