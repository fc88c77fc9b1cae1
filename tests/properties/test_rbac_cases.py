"""The product answers the documented questions on roles and bindings."""

from __future__ import annotations

import pytest

from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.engine.rbac.escalation import may_grant, may_write_role, uncovered
from firedoor.engine.rbac.who_can import who_can
from firedoor.model.access import MASTERS, user_named
from tests.properties.rbac_worlds import (
    binding_of,
    holder_name,
    request_of,
    role_of,
    rules_of,
    snapshot_of,
    user_of,
)
from tests.reference.rbac import user
from tests.reference.rbac_samples import Can, Case, Covers, MayBind, WhoCan
from tests.reference.test_rbac_reference import CASES


def answer(case: Case) -> object:
    match case:
        case Can():
            decision = Authorizer(snapshot_of(case.cluster)).decide(user_of(case.user), request_of(case.request))
            return decision.allowed
        case WhoCan():
            found = who_can(Authorizer(snapshot_of(case.cluster)), request_of(case.request))
            return {holder_name(each.subject) for each in found} - {f"Group {MASTERS}"}
        case Covers():
            return not uncovered(rules_of(case.held), rules_of(case.wanted))
        case MayBind():
            authorizer = Authorizer(snapshot_of(case.cluster))
            return may_grant(authorizer, user_of(case.user), binding_of(case.binding)).allowed
        case _:
            authorizer = Authorizer(snapshot_of(case.cluster))
            return may_write_role(authorizer, user_of(case.user), role_of(case.role), case.verb).allowed


@pytest.mark.parametrize("sentence", CASES)
def test_what_is_documented(sentence: str) -> None:
    assert answer(CASES[sentence]) == CASES[sentence].expected


@pytest.mark.parametrize(
    "name",
    [
        "jane",
        "system:anonymous",
        "system:serviceaccount:alpha:robot",
        "system:serviceaccount:alpha",
        "system:serviceaccount::robot",
        "system:serviceaccount:alpha:",
        "system:serviceaccount:alpha:robot:more",
        "system:serviceaccounts:alpha:robot",
        "system:serviceaccounts",
    ],
)
def test_a_user_is_in_the_groups_that_his_name_implies(name: str) -> None:
    found, expected = user_named(name, ("team",)), user(name, "team")
    assert (found.name, set(found.groups)) == (expected.name, set(expected.groups))
