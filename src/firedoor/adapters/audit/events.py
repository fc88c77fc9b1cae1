"""Events as the API server writes them, into requests as its authorizer saw them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote

from msgspec.structs import replace

from firedoor.model.access import AUTHENTICATED, AccessRequest, User, user_named
from firedoor.model.audit import AuditEvent, AuditOutcome, AuditSkip, SkipKind

if TYPE_CHECKING:
    from firedoor.adapters.audit.records import Event, UserInfo

_DECISION = "authorization.k8s.io/decision"
_DECISIONS = {"allow": AuditOutcome.ALLOWED, "forbid": AuditOutcome.DENIED}
_CREATED, _UNAUTHORIZED, _FORBIDDEN = 201, 401, 403
_BEFORE = "RequestReceived"
_START = "ResponseStarted"
_IDENTITY = "authentication.k8s.io"


def read_event(event: Event, place: str) -> Iterator[AuditEvent | AuditSkip]:
    """
    Yield the request of an event, and those that come with it: of an impersonation, of creating by an update.

    Who updates or patches an object that is not there creates it, and that verb is asked
    for too. Admission comes after authorization: where the API server noted its decision,
    an answer of 403 is none of the authorizer.
    """
    if event.stage == _BEFORE:
        yield AuditSkip(SkipKind.STAGE, place)
        return
    code = (event.response_status and event.response_status.code) or 0
    name = (event.user and event.user.username) or ""
    if event.user is None or not name:
        if code == _UNAUTHORIZED:
            yield AuditSkip(SkipKind.UNAUTHENTICATED, place)
        else:
            yield AuditSkip(SkipKind.UNREADABLE, place, "user.username is missing")
        return
    request = _request(event)
    if request is None:
        yield AuditSkip(SkipKind.UNREADABLE, place, "verb is missing, or objectRef.resource and requestURI both are")
        return
    time, audit_id = event.request_received_timestamp or "", event.audit_id or ""
    asking = event.impersonated_user if event.impersonated_user and event.impersonated_user.username else None
    is_start = event.stage == _START and bool(audit_id)
    outcome = _outcome(event, code)
    user = _user(asking or event.user)
    yield AuditEvent(user, request, outcome, time, audit_id, is_start)
    if code == _CREATED and outcome is AuditOutcome.ALLOWED and _is_upsert(request):
        yield AuditEvent(user, named_request(replace(request, verb="create")), outcome, time, audit_id, is_start)
    if asking is None:
        return
    if event.authentication_metadata and event.authentication_metadata.impersonation_constraint:
        yield AuditSkip(SkipKind.CONSTRAINED, place)
        return
    actor = _user(event.user)
    for each in _impersonation(asking):
        yield AuditEvent(actor, each, AuditOutcome.ALLOWED, time, audit_id, is_start)


def named_request(request: AccessRequest) -> AccessRequest:
    """
    Return a request with the name that the authorizer saw.

    To create an object is asked without a name: the log has the one of the object that was sent.
    """
    if request.verb == "deletecollection" or (request.verb == "create" and not request.subresource):
        return AccessRequest(request.verb, request.resource, request.subresource, request.group, "", request.namespace)
    return request


def _is_upsert(request: AccessRequest) -> bool:
    # Behind a proxy subresource somebody else answers.
    return request.is_for_resource and not request.subresource and request.verb in {"update", "patch"}


def _request(event: Event) -> AccessRequest | None:
    verb, ref = event.verb or "", event.object_ref
    if not verb:
        return None
    if ref is None or not ref.resource:
        path = unquote((event.request_uri or "").partition("?")[0])
        return AccessRequest(verb, path=path) if path else None
    return named_request(
        AccessRequest(
            verb, ref.resource, ref.subresource or "", ref.api_group or "", ref.name or "", ref.namespace or ""
        )
    )


def _outcome(event: Event, code: int) -> AuditOutcome:
    noted = _DECISIONS.get((event.annotations or {}).get(_DECISION, ""))
    if noted is not None:
        return noted
    if code in {_UNAUTHORIZED, _FORBIDDEN}:
        return AuditOutcome.DENIED
    return AuditOutcome.ALLOWED if code else AuditOutcome.UNDECIDED


def _user(info: UserInfo) -> User:
    name = info.username or ""
    return User(name, tuple(info.groups)) if info.groups else user_named(name)


def _impersonation(asking: UserInfo) -> Iterator[AccessRequest]:
    """Yield what impersonating a user takes: groups that it has without being asked for take nothing."""
    user = _user(asking)
    account = user.service_account
    if account is None:
        yield AccessRequest("impersonate", "users", name=user.name)
    else:
        yield AccessRequest("impersonate", "serviceaccounts", name=account[1], namespace=account[0])
    implied = {*user_named(user.name).groups, AUTHENTICATED}
    for group in user.groups:
        if group not in implied:
            yield AccessRequest("impersonate", "groups", name=group)
    if asking.uid:
        yield AccessRequest("impersonate", "uids", group=_IDENTITY, name=asking.uid)
    for key, values in (asking.extra or {}).items():
        for value in values or ():
            yield AccessRequest("impersonate", "userextras", key, _IDENTITY, value)
