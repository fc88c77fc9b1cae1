from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.model.access import AccessRequest, user_named
from firedoor.model.access_answers import AccessMatrix, AccessRow
from firedoor.model.metadata import ObjectMeta
from firedoor.model.rbac import PolicyRule, Role, RoleBinding, RoleRef, Subject
from firedoor.model.snapshot import Snapshot
from firedoor.usecases.permission_matrix import ordered_verbs
from firedoor.usecases.rbac import show
from firedoor.usecases.resource_names import is_cluster_scoped, is_without_namespace
from tests.examples import many

ALICE = Subject("User", "alice")


def some(*values: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True).map(tuple)


RULES = st.builds(
    PolicyRule,
    some("get", "list", "create", "use", "*"),
    some("", "apps", "*"),
    some("pods", "pods/log", "*", "*/log", "namespaces", "nodes"),
    st.just(()) | some("a", "b"),
) | st.builds(PolicyRule, some("get", "post", "*"), non_resource_urls=some("/a", "/a/*", "*"))
GIVEN = st.lists(st.tuples(st.sampled_from(("", "x", "y")), st.lists(RULES, min_size=1, max_size=3)), max_size=4)
REQUESTS = st.builds(
    AccessRequest,
    st.sampled_from(("get", "list", "create", "use", "other")),
    st.sampled_from(("pods", "namespaces", "nodes")),
    st.sampled_from(("", "log")),
    st.sampled_from(("", "apps")),
    st.sampled_from(("", "a", "b", "c")),
    st.sampled_from(("", "x", "y", "z")),
)


def snapshot(given_rules: list[tuple[str, list[PolicyRule]]]) -> Snapshot:
    """Return bindings of alice to a role of her own for each entry: a namespace (or none) and the rules."""
    roles, bindings = [], []
    for number, (namespace, rules) in enumerate(given_rules):
        name = f"r{number}"
        kind = "RoleBinding" if namespace else "ClusterRoleBinding"
        roles.append(Role("ClusterRole", ObjectMeta(name=name), tuple(rules)))
        bindings.append(RoleBinding(kind, ObjectMeta(name, namespace), RoleRef("ClusterRole", name), (ALICE,)))
    return Snapshot(roles=tuple(roles), role_bindings=tuple(bindings))


def permits(matrix: AccessMatrix, request: AccessRequest) -> bool:
    """Whether a row says that a request is permitted, read as a person reads the table."""
    resource = f"{request.resource}/{request.subresource}" if request.subresource else request.resource
    return any(
        row.namespace in {"", request.namespace}
        and row.group in {request.group, "*"}
        and (row.target in {resource, "*"} or bool(request.subresource and row.target == f"*/{request.subresource}"))
        and (not row.names or request.name in row.names)
        and (request.verb in row.verbs or row.verbs == ("*",))
        for row in matrix.resources
    )


@many
@given(GIVEN.filter(bool), REQUESTS)
def test_the_rows_say_what_the_authorizer_decides(
    given_rules: list[tuple[str, list[PolicyRule]]], request: AccessRequest
) -> None:
    whole = snapshot(given_rules)
    if request.namespace and (
        is_cluster_scoped(request.group, request.resource)
        or is_without_namespace(request.verb, request.group, request.resource)
    ):
        return  # the API server never asks this
    decision = Authorizer(whole).decide(user_named("alice"), request)
    assert permits(show(whole, "alice", (), ""), request) == decision.allowed
    assert permits(show(whole, "alice", (), request.namespace or "z"), request) == decision.allowed


def holds(authorizer: Authorizer, row: AccessRow, *, is_url: bool) -> bool:
    resource, _, sub = row.target.partition("/")
    requests = [
        AccessRequest(verb, path=row.target)
        if is_url
        else AccessRequest(verb, resource, sub, row.group, name, row.namespace)
        for verb in row.verbs
        for name in row.names or ("",)
    ]
    return all(authorizer.decide(user_named("alice"), each).allowed for each in requests)


@many
@given(GIVEN.filter(bool))
def test_every_cell_holds_by_the_rules_that_it_names(given_rules: list[tuple[str, list[PolicyRule]]]) -> None:
    whole = snapshot(given_rules)
    authorizer = Authorizer(whole)
    matrix = show(whole, "alice", (), "")
    assert all(holds(authorizer, row, is_url=False) for row in matrix.resources)
    assert all(holds(authorizer, row, is_url=True) for row in matrix.urls)
    for row in (*matrix.resources, *matrix.urls):
        given_verbs = {verb for grant in row.via for verb in grant.rule.verbs}
        assert row.verbs == ("*",) if "*" in given_verbs else set(row.verbs) <= given_verbs


@pytest.mark.parametrize(
    ("verbs", "expected"),
    [
        (("use", "watch", "get", "get", "bind"), ("get", "watch", "bind", "use")),
        (("get", "*"), ("*",)),
        ((), ()),
    ],
)
def test_verbs_come_in_the_order_that_people_know(verbs: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert ordered_verbs(verbs) == expected
