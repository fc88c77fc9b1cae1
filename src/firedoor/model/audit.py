"""What an audit log of the API server (``audit.k8s.io``) tells: who asked for what, and whether it was authorized."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from firedoor.model.access import AccessRequest, User


class AuditOutcome(StrEnum):
    """What the API server decided, as far as the event tells."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNDECIDED = "undecided"
    """The event says neither; nothing is concluded from it."""


class AuditEvent(Struct, frozen=True, gc=False):
    """
    One request that an audit log holds, as the authorizer saw it.

    `user` is the one that was asked about: the impersonated user, where somebody
    impersonated one. `is_start` says that the event is the first of two, since the
    request goes on (stage ``ResponseStarted``); both have the same `audit_id`.
    """

    user: User
    request: AccessRequest
    outcome: AuditOutcome
    time: str = ""
    audit_id: str = ""
    is_start: bool = False


class SkipKind(StrEnum):
    """Why something in an audit log is left out."""

    UNREADABLE = "unreadable"
    """A line, item or file that is no audit event, or not a whole one."""
    STAGE = "stage"
    """An event from before the request was decided (``RequestReceived``)."""
    UNAUTHENTICATED = "unauthenticated"
    """A request that nobody authenticated made."""
    CONSTRAINED = "constrained"
    """An impersonation by one of the constrained verbs: what it needs is not worked out."""


class AuditSkip(Struct, frozen=True, gc=False):
    """Something in an audit log that is left out, where it stands, and why."""

    kind: SkipKind
    place: str
    reason: str = ""


class AuditSummary(Struct, frozen=True, gc=False):
    """
    What was read of audit logs: requests, the time from the first to the last, and what was left out.

    `skipped` counts by kind; `faults` are the first of those that could not be read.
    """

    requests: int
    first: str
    last: str
    undecided: int = 0
    skipped: dict[str, int] = {}
    faults: tuple[AuditSkip, ...] = ()
