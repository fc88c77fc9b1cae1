from __future__ import annotations

from typing import Any

import pytest

from firedoor.model.access import AccessRequest, User
from firedoor.model.audit import AuditEvent, AuditOutcome, AuditSkip, SkipKind
from tests.adapters.audit.samples import WEB, WEB_GROUPS, line, read

BOSS = User("boss", ("system:authenticated",))


def event_of(**changes: Any) -> AuditEvent:
    (found,) = read(line(**changes))
    assert isinstance(found, AuditEvent)
    return found


def requests(**changes: Any) -> list[tuple[str, AccessRequest]]:
    return [(each.user.name, each.request) for each in read(line(**changes)) if isinstance(each, AuditEvent)]


def test_an_event_is_what_the_authorizer_saw() -> None:
    assert event_of() == AuditEvent(
        User(WEB, tuple(WEB_GROUPS)),
        AccessRequest("list", "pods", namespace="shop"),
        AuditOutcome.ALLOWED,
        "2026-03-01T08:00:00.000001Z",
        "5f1c",
    )


def test_groups_subresources_and_names_are_read() -> None:
    ref = {"resource": "deployments", "apiGroup": "apps", "subresource": "scale", "namespace": "shop", "name": "web"}
    assert event_of(verb="patch", objectRef=ref).request == AccessRequest(
        "patch", "deployments", "scale", "apps", "web", "shop"
    )


@pytest.mark.parametrize("verb", ["create", "deletecollection"])
def test_who_creates_names_no_object_though_the_log_does(verb: str) -> None:
    ref = {"resource": "pods", "namespace": "shop", "name": "web-0"}
    assert event_of(verb=verb, objectRef=ref).request == AccessRequest(verb, "pods", namespace="shop")


def test_who_creates_a_subresource_names_its_object() -> None:
    ref = {"resource": "pods", "namespace": "shop", "name": "web-0", "subresource": "exec"}
    assert event_of(verb="create", objectRef=ref).request == AccessRequest(
        "create", "pods", "exec", "", "web-0", "shop"
    )


def test_a_request_for_no_resource_has_the_path_of_the_url() -> None:
    assert event_of(verb="get", objectRef=None, requestURI="/logs/a%20b?x=%2F").request == AccessRequest(
        "get", path="/logs/a b"
    )


@pytest.mark.parametrize(
    ("annotations", "code", "outcome"),
    [
        ({"authorization.k8s.io/decision": "allow"}, 403, AuditOutcome.ALLOWED),
        ({"authorization.k8s.io/decision": "forbid"}, 403, AuditOutcome.DENIED),
        (None, 403, AuditOutcome.DENIED),
        (None, 401, AuditOutcome.DENIED),
        (None, 404, AuditOutcome.ALLOWED),
        ({"other": "x"}, 200, AuditOutcome.ALLOWED),
        (None, None, AuditOutcome.UNDECIDED),
    ],
)
def test_the_noted_decision_counts_before_the_answer(annotations: Any, code: Any, outcome: AuditOutcome) -> None:
    status = None if code is None else {"code": code}
    assert event_of(annotations=annotations, responseStatus=status).outcome is outcome


@pytest.mark.parametrize("verb", ["update", "patch"])
def test_who_creates_by_an_update_needs_to_create_too(verb: str) -> None:
    ref = {"resource": "configmaps", "namespace": "shop", "name": "a"}
    assert requests(verb=verb, objectRef=ref, responseStatus={"code": 201}) == [
        (WEB, AccessRequest(verb, "configmaps", name="a", namespace="shop")),
        (WEB, AccessRequest("create", "configmaps", namespace="shop")),
    ]
    assert len(requests(verb=verb, objectRef=ref)) == 1
    for other in (
        {"verb": "create", "objectRef": ref},
        {"verb": verb, "objectRef": {**ref, "resource": "services", "subresource": "proxy"}},
        {"verb": verb, "objectRef": None},
    ):
        assert len(requests(**other, responseStatus={"code": 201})) == 1


def test_stages_are_told_apart() -> None:
    assert event_of(stage="ResponseStarted").is_start
    assert not event_of(stage="ResponseStarted", auditID="").is_start
    assert not event_of(stage="Panic").is_start
    assert read(line(stage="RequestReceived")) == [AuditSkip(SkipKind.STAGE, "<stdin>:1")]


def test_nobody_authenticated_is_counted_and_a_missing_user_is_a_fault() -> None:
    (found,) = read(line(user={}, annotations=None, responseStatus={"code": 401}))
    assert found == AuditSkip(SkipKind.UNAUTHENTICATED, "<stdin>:1")
    (found,) = read(line(user=None))
    assert found == AuditSkip(SkipKind.UNREADABLE, "<stdin>:1", "user.username is missing")


@pytest.mark.parametrize(
    "changes", [{"verb": ""}, {"objectRef": None, "requestURI": None}, {"objectRef": {}, "requestURI": ""}]
)
def test_an_event_without_a_request_is_a_fault(changes: Any) -> None:
    (found,) = read(line(**changes))
    assert isinstance(found, AuditSkip)
    assert (found.kind, "is missing" in found.reason) == (SkipKind.UNREADABLE, True)


def test_a_user_without_groups_has_those_that_its_name_implies() -> None:
    assert event_of(user={"username": WEB}).user.groups == tuple(WEB_GROUPS)


def test_an_impersonated_user_asks_and_the_other_needs_to_impersonate() -> None:
    boss = {"username": "boss", "groups": ["system:authenticated"]}
    jane = {
        "username": "jane",
        "uid": "7",
        "groups": ["devs", "system:authenticated"],
        "extra": {"scopes": ["a", "b"], "none": None},
    }
    asked = AccessRequest("list", "pods", namespace="shop")
    identity = "authentication.k8s.io"
    assert requests(user=boss, impersonatedUser=jane) == [
        ("jane", asked),
        ("boss", AccessRequest("impersonate", "users", name="jane")),
        ("boss", AccessRequest("impersonate", "groups", name="devs")),
        ("boss", AccessRequest("impersonate", "uids", group=identity, name="7")),
        ("boss", AccessRequest("impersonate", "userextras", "scopes", identity, "a")),
        ("boss", AccessRequest("impersonate", "userextras", "scopes", identity, "b")),
    ]
    assert requests(user=boss, impersonatedUser={"username": WEB, "groups": WEB_GROUPS}) == [
        (WEB, asked),
        ("boss", AccessRequest("impersonate", "serviceaccounts", name="web", namespace="shop")),
    ]


def test_impersonation_by_a_constrained_verb_is_told_and_not_guessed() -> None:
    found = read(
        line(
            impersonatedUser={"username": "jane"},
            authenticationMetadata={"impersonationConstraint": "impersonate:user-info"},
        )
    )
    assert [getattr(each, "kind", None) for each in found] == [None, SkipKind.CONSTRAINED]
