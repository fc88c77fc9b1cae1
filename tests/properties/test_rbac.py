"""Roles and bindings mean what the reference says of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.engine.rbac.matching import rule_allows, subject_matches
from firedoor.engine.rbac.who_can import who_can
from firedoor.model.access import MASTERS, Grant
from firedoor.model.places import ObjectRef
from tests.examples import many, some
from tests.properties.rbac_worlds import (
    holder_name,
    key_of,
    keys_of,
    ref_of,
    request_of,
    rule_of,
    rules_of,
    snapshot_of,
    subject_of,
    user_of,
    written,
)
from tests.reference import rbac as reference
from tests.reference.manifests import Manifest
from tests.strategies import rbac

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

Question = tuple[list[Manifest], list[reference.Request]]


def _with_requests(cluster: list[Manifest]) -> st.SearchStrategy[Question]:
    return st.tuples(st.just(cluster), st.lists(rbac.requests(cluster), min_size=2, max_size=4))


CLUSTERS = rbac.clusters()
QUESTIONS = CLUSTERS.flatmap(_with_requests)
GUARDED_QUESTIONS = rbac.clusters(is_guarded=True).flatmap(_with_requests)


def assert_stands_where_it_says(authorizer: Authorizer, grant: Grant) -> None:
    """Assert that the rule is at its path in the role, or in the one that an aggregation rule took it from."""
    home = grant.source or grant.role
    role = authorizer.roles.get(home.kind, home.namespace, home.name)
    assert role is not None
    position = int(grant.path.removeprefix("rules[").removesuffix("]"))
    assert role.rules[position] == grant.rule
    assert grant.source is None or (grant.source.kind, grant.source != grant.role) == ("ClusterRole", True)


@given(QUESTIONS | GUARDED_QUESTIONS)
def test_every_answer_is_that_of_the_reference(question: Question) -> None:
    cluster, requests = question
    authorizer = Authorizer(snapshot_of(cluster))
    for user in rbac.users(cluster):
        for request in requests:
            decision = authorizer.decide(user_of(user), request_of(request))
            because = reference.grants(cluster, user, request)
            assert decision.allowed == reference.is_allowed(cluster, user, request)
            assert decision.verdict == ("allowed" if decision.allowed else "denied")
            assert decision.is_master == (MASTERS in user.groups)
            assert set(map(key_of, decision.because)) == keys_of(because)


@some
@given(QUESTIONS)
def test_grants_are_told_in_order_and_with_the_first_subject(question: Question) -> None:
    cluster, requests = question
    authorizer = Authorizer(snapshot_of(cluster))
    subjects = {ref_of(each): each["subjects"] for each in reference.bindings(cluster)}
    for user in rbac.users(cluster):
        for request in requests:
            grants = list(authorizer.grants(user_of(user), request_of(request)))
            assert [bool(each.namespace) for each in grants] == sorted(bool(each.namespace) for each in grants)
            assert grants == list(Authorizer(authorizer.snapshot).grants(user_of(user), request_of(request)))
            for grant in grants:
                assert_stands_where_it_says(authorizer, grant)
                meant = [each for each in subjects[grant.binding] if reference.subject_is(each, user, grant.namespace)]
                assert grant.subject == subject_of(meant[0])


@many
@given(CLUSTERS)
def test_a_user_holds_what_the_reference_says_in_each_namespace(cluster: list[Manifest]) -> None:
    authorizer = Authorizer(snapshot_of(cluster))
    found = [ObjectRef(each.kind, each.metadata.namespace, each.metadata.name) for each in authorizer.dangling]
    assert sorted(found) == sorted(map(ref_of, reference.dangling(cluster)))
    for user in rbac.users(cluster):
        everywhere = set()
        for namespace in ("", *rbac.NAMESPACES, "empty"):
            expected = keys_of(reference.granted(cluster, user, namespace))
            assert set(map(key_of, authorizer.grants_of(user_of(user), namespace))) == expected
            everywhere |= expected
        assert set(map(key_of, authorizer.grants_of(user_of(user)))) == everywhere


@many
@given(CLUSTERS)
def test_a_role_has_the_rules_that_aggregation_gives_it(cluster: list[Manifest]) -> None:
    roles = Authorizer(snapshot_of(cluster)).roles
    for role in reference.roles(cluster):
        ref = ref_of(role)
        found = roles.get(ref.kind, ref.namespace, ref.name)
        assert found is not None
        assert {rule for rule, _, _ in roles.rules(found)} == set(rules_of(reference.rules_of(cluster, role)))


@many
@given(QUESTIONS | GUARDED_QUESTIONS)
def test_who_can_are_those_whom_the_reference_allows(question: Question) -> None:
    cluster, requests = question
    authorizer = Authorizer(snapshot_of(cluster))
    for request in requests:
        found = who_can(authorizer, request_of(request))
        assert {holder_name(each.subject) for each in found} == reference.holders(cluster, request)
        assert (found[0].subject.kind, found[0].subject.name, found[0].via) == ("Group", MASTERS, ())
        for holder in found[1:]:
            name = holder_name(holder.subject).partition(" ")[2]
            is_group = holder.subject.kind == "Group"
            user = reference.User("member", (name,)) if is_group else reference.user(name)
            expected = keys_of(reference.grants(cluster, user, request))
            via = set(map(key_of, holder.via))
            assert via == expected if is_group else via <= expected
            assert holder.via
            assert holder.by_group is None or holder.by_group.name in user.groups


@some
@given(rbac.any_rules)
def test_a_rule_permits_what_the_reference_says(rule: Manifest) -> None:
    for request in rbac.REQUESTS:
        assert rule_allows(rule_of(rule), request_of(request)) == reference.rule_allows(rule, request)


@some
@given(rbac.subjects(in_namespace=True), st.sampled_from(("", *rbac.NAMESPACES)), CLUSTERS)
def test_a_subject_means_whom_the_reference_says(subject: Manifest, namespace: str, cluster: list[Manifest]) -> None:
    for user in rbac.users(cluster):
        expected = reference.subject_is(subject, user, namespace)
        assert subject_matches(subject_of(subject), user_of(user), namespace) == expected


@some
@given(QUESTIONS, rbac.new_bindings())
def test_one_more_binding_takes_nothing_away(question: Question, binding: Manifest) -> None:
    cluster, requests = question
    before, after = (Authorizer(snapshot_of(each)) for each in (cluster, [*cluster, binding]))
    for user in rbac.users([*cluster, binding]):
        for request in requests:
            kept = set(map(key_of, before.grants(user_of(user), request_of(request))))
            assert kept <= set(map(key_of, after.grants(user_of(user), request_of(request))))


@some
@given(QUESTIONS)
def test_each_grant_alone_permits_the_request(question: Question) -> None:
    cluster, requests = question
    authorizer = Authorizer(snapshot_of(cluster))
    for user in rbac.users(cluster):
        for request in requests:
            for grant in authorizer.grants(user_of(user), request_of(request)):
                assert reference.grants(_alone(grant), user, request)


def _alone(grant: Grant) -> list[Manifest]:
    """Return a cluster with nothing in it but one grant."""
    role, subject = grant.role, grant.subject
    fields = {
        "roleRef": {"kind": role.kind, "name": role.name},
        "subjects": [{"kind": subject.kind, "name": subject.name, "namespace": subject.namespace}],
    }
    return [
        rbac.written(role.kind, role.name, role.namespace, rules=[written(grant.rule)]),
        rbac.written(grant.binding.kind, grant.binding.name, grant.namespace, **fields),
    ]
