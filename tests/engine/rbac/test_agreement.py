"""What the parts say of one another: holders are allowed, all others are not, and ways start from those who are not."""

from __future__ import annotations

import random

import pytest
from tests.engine.rbac.making import RBAC, authorizer, binding, role, rule, subject

from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.engine.rbac.escalation import may_grant
from firedoor.engine.rbac.indirect import as_user, ways_to
from firedoor.engine.rbac.matching import rule_allows, subject_matches
from firedoor.engine.rbac.who_can import who_can
from firedoor.model.access import MASTERS, AccessRequest
from firedoor.model.rbac import Role, RoleBinding

SUBJECTS = (
    "user:a", "user:b", "group:g", "sa:x/s", "sa:y/s", "group:system:serviceaccounts:x", "group:system:authenticated"
)  # fmt: skip
REQUESTS = [
    AccessRequest(verb, resource, subresource, namespace=namespace, name=name)
    for verb in ("get", "list")
    for resource, subresource in (("pods", ""), ("pods", "log"), ("secrets", ""))
    for namespace in ("", "x", "y")
    for name in ("", "n")
]


def some(seed: int) -> Authorizer:
    chance = random.Random(seed)
    pick = chance.choice
    maker = rule("create", "rolebindings clusterrolebindings", RBAC)
    objects: list[Role | RoleBinding] = [role("maker", maker), binding("maker", "maker", "group:system:authenticated")]
    for number in range(6):
        groups, names = pick(["", "", "*", RBAC]), pick(["", "", "n", "m"])
        resources = pick(["pods", "pods/log secrets", "*/log", "*", "pods/*", "roles clusterroles"])
        given = rule(pick(["get", "list", "*", "get list", "bind escalate update"]), resources, groups, names)
        objects += [role(f"{home}r{number}", given) for home in ("", pick(["x/", "y/"]))]
    for number in range(8):
        home, kind = pick([("", "ClusterRole"), ("x/", "ClusterRole"), ("x/", "Role"), ("y/", "Role"), ("", "Role")])
        objects.append(binding(f"{home}b{number}", f"r{pick(range(7))}", *chance.sample(SUBJECTS, 2), kind=kind))
    return authorizer(*objects)


@pytest.mark.parametrize("seed", range(40))
def test_who_can_and_decide_agree_and_the_index_finds_what_a_plain_search_does(seed: int) -> None:
    found = some(seed)
    for asked in REQUESTS:
        named = {each.subject for each in who_can(found, asked)}
        assert all(found.decide(as_user(each), asked).allowed for each in named)
        for each in map(subject, SUBJECTS):
            user = as_user(each)
            plain = [
                (bound.metadata.name, path)
                for kind in ("ClusterRoleBinding", "RoleBinding")
                for bound in found.snapshot.role_bindings
                if bound.kind == kind and bound.metadata.namespace in ("", asked.namespace)
                if any(subject_matches(who, user, bound.metadata.namespace) for who in bound.subjects)
                for given, path, _ in found.rules_of(bound)
                if rule_allows(given, asked)
            ]
            assert [(grant.binding.name, grant.path) for grant in found.grants(user, asked)] == plain
            if not plain:
                assert each not in named


@pytest.mark.parametrize("seed", range(10))
def test_ways_start_from_subjects_that_are_not_able_and_each_grant_of_theirs_is_real(seed: int) -> None:
    found = some(seed)
    for asked in REQUESTS:
        for way in ways_to(found, asked):
            assert not found.decide(as_user(way.subject), asked).allowed
            held = {(each.binding, each.path) for each in found.grants_of(as_user(way.subject))}
            assert {(each.binding, each.path) for each in way.via} <= held


def test_what_may_be_granted_without_bind_is_permitted_to_the_grantor_already() -> None:
    checked = 0
    for found, each in ((some(seed), each) for seed in range(20) for each in map(subject, SUBJECTS)):
        user = as_user(each)
        for bound in found.snapshot.role_bindings:
            permission = may_grant(found, user, bound)
            assert permission.allowed is False or permission.missing == ()
            by_bind = any({"bind", "*"} & set(grant.rule.verbs) for grant in permission.because)
            if not permission.allowed or by_bind:
                continue
            given = [each for each, _, _ in found.rules_of(bound)]
            for asked in REQUESTS:
                if asked.namespace == bound.metadata.namespace and any(rule_allows(each, asked) for each in given):
                    assert found.decide(user, asked).allowed
                    checked += 1
    assert checked > 100


def test_members_of_system_masters_are_never_on_a_way() -> None:
    found = authorizer(role("r", rule("*", "*", "*")), binding("b", "r", f"group:{MASTERS}"))
    assert ways_to(found, REQUESTS[0]) == ()
