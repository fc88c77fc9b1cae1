"""Nobody gives more than he has, as the reference says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.engine.rbac.escalation import may_grant, may_write_role, uncovered
from firedoor.engine.rbac.matching import rule_allows
from tests.examples import many, some
from tests.properties.rbac_worlds import binding_of, request_of, role_of, rules_of, snapshot_of, user_of, written
from tests.reference import rbac_escalation as escalation
from tests.reference.manifests import Manifest
from tests.reference.rbac import roles
from tests.reference.rbac_escalation import atoms
from tests.strategies import rbac

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]


def _with_bindings(cluster: list[Manifest]) -> st.SearchStrategy[tuple[list[Manifest], list[Manifest]]]:
    known = rbac.new_bindings(tuple(roles(cluster)))
    return st.tuples(st.just(cluster), st.lists(known, min_size=1, max_size=3))


def _parts(rules: list[Manifest]) -> set[str]:
    return {str(sorted(atom.items())) for atom in atoms(rules)}


@given(rbac.rules_and_wanted())
def test_what_is_uncovered_is_what_the_reference_says(held_and_wanted: tuple[list[Manifest], list[Manifest]]) -> None:
    held, wanted = held_and_wanted
    missing = [written(each) for each in uncovered(rules_of(held), rules_of(wanted))]
    assert _parts(missing) == _parts(escalation.uncovered(held, wanted))


@some
@given(rbac.rules_and_wanted())
def test_who_is_covered_may_do_it_himself(held_and_wanted: tuple[list[Manifest], list[Manifest]]) -> None:
    held, wanted = map(rules_of, held_and_wanted)
    missing = uncovered(held, wanted)
    for request in map(request_of, rbac.REQUESTS):
        if any(rule_allows(rule, request) for rule in wanted):
            assert any(rule_allows(rule, request) for rule in (*held, *missing))


@many
@given(rbac.clusters(is_guarded=True).flatmap(_with_bindings))
def test_who_may_bind_is_as_the_reference_says(question: tuple[list[Manifest], list[Manifest]]) -> None:
    cluster, bindings = question
    authorizer = Authorizer(snapshot_of(cluster))
    for user in rbac.users(cluster):
        for binding in bindings:
            found = may_grant(authorizer, user_of(user), binding_of(binding))
            expected = escalation.may_create_binding(cluster, user, binding)
            assert found.allowed == expected.allowed
            _assert_lacks(found.missing, expected)


@many
@given(
    rbac.clusters(is_guarded=True),
    st.lists(rbac.new_roles(), min_size=1, max_size=3),
    st.sampled_from(("create", "update", "patch")),
)
def test_who_may_write_a_role_is_as_the_reference_says(
    cluster: list[Manifest], written_roles: list[Manifest], verb: str
) -> None:
    authorizer = Authorizer(snapshot_of(cluster))
    for user in rbac.users(cluster):
        for role in written_roles:
            found = may_write_role(authorizer, user_of(user), role_of(role), verb)
            expected = escalation.may_write_role(cluster, user, role, verb)
            assert found.allowed == expected.allowed
            _assert_lacks(found.missing, expected)


def _assert_lacks(missing: object, expected: escalation.Answer) -> None:
    """Assert that what is missing is said where that is the reason, and nothing is where it is allowed."""
    assert isinstance(missing, tuple)
    if expected.allowed or expected.missing:
        assert _parts([written(each) for each in missing]) == _parts(list(expected.missing))
