from __future__ import annotations

from msgspec.structs import replace
from tests.engine.rbac.making import authorizer, gathering, labelled, role

from firedoor.model.metadata import ObjectMeta

TO_ADMIN, TO_EDIT = {"to": "admin"}, {"to": "edit"}
ADMIN = gathering("admin", {"matchLabels": TO_ADMIN}, {"matchLabels": TO_EDIT}, labels=TO_ADMIN)
ROLES = (
    ADMIN,
    labelled("both", TO_EDIT | TO_ADMIN),
    labelled("edit", TO_EDIT),
    gathering("more", {"matchLabels": {"to": "more"}}, labels=TO_ADMIN),
    labelled("other", {"to": "other"}),
    role("shop/local"),
)


def test_each_selected_role_is_there_once_and_the_role_itself_is_not() -> None:
    roles = authorizer(*ROLES).roles
    assert sorted(each.metadata.name for each in roles.aggregated(ADMIN)) == ["both", "edit", "more"]


def test_what_an_api_server_has_served_still_tells_where_its_rules_come_from() -> None:
    served = replace(ADMIN, metadata=ObjectMeta("admin", uid="1", labels=TO_ADMIN))
    roles = authorizer(served, *ROLES[1:]).roles
    assert sorted(each.metadata.name for each in roles.aggregated(served)) == ["both", "edit", "more"]


def test_a_role_that_aggregates_nothing_has_none() -> None:
    roles = authorizer(*ROLES).roles
    assert [*roles.aggregated(ROLES[1]), *roles.aggregated(replace(ADMIN, kind="Role"))] == []
