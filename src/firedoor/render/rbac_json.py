"""Who may do what, as JSON contracts: ``firedoor/rbac-can/v1``, ``rbac-who-can/v1`` and ``rbac-show/v1``."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from firedoor.model.access import AccessRequest, Grant, User
from firedoor.model.access_answers import AccessAnswer, AccessHolders, AccessMatrix, AccessRow
from firedoor.model.places import Gap, ObjectRef, Place
from firedoor.model.rbac import Subject
from firedoor.render.rbac_words import rule_place

CAN_SCHEMA = "firedoor/rbac-can/v1"
WHO_CAN_SCHEMA = "firedoor/rbac-who-can/v1"
SHOW_SCHEMA = "firedoor/rbac-show/v1"

_ALLOWED = {"allowed": True, "denied": False, "unknown": None}


def can_document(answer: AccessAnswer) -> dict[str, object]:
    """Return the document: `allowed` is null where it is not known, and `unsure` says why."""
    return {
        "schema": CAN_SCHEMA,
        "user": _user(answer.user),
        "request": _request(answer.request),
        "allowed": _ALLOWED[answer.verdict],
        "because": _grants(answer.because),
        "master": answer.is_master,
        "unsure": _gaps(answer.unsure),
        "elsewhere": list(answer.elsewhere),
        "notes": list(answer.notes),
    }


def who_can_document(found: AccessHolders) -> dict[str, object]:
    """Return the document: `indirect` is null where it was not asked for."""
    return {
        "schema": WHO_CAN_SCHEMA,
        "request": _request(found.request),
        "subjects": [
            {
                **_subject(each.subject),
                "by_group": each.by_group.name if each.by_group is not None else None,
                "via": _grants(each.via),
            }
            for each in found.holders
        ],
        "unsure": [{**_subject(each.subject), "unsure": _gaps(each.unsure)} for each in found.doubts],
        "indirect": None
        if found.ways is None
        else [
            {
                **_subject(each.subject),
                "technique": each.technique,
                "target": _subject(each.target) if isinstance(each.target, Subject) else _object(each.target),
                "via": _grants(each.via),
            }
            for each in found.ways
        ],
        "notes": list(found.notes),
        "gaps": _gaps(found.gaps),
    }


def show_document(found: AccessMatrix) -> dict[str, object]:
    """Return the document: a row for each resource and URL that a rule names."""
    return {
        "schema": SHOW_SCHEMA,
        "user": _user(found.user),
        "namespace": found.namespace,
        "master": found.is_master,
        "resources": [
            {
                "namespace": each.namespace,
                "group": each.group,
                "resource": each.target,
                "names": list(each.names),
                **_given(each),
            }
            for each in found.resources
        ],
        "urls": [{"url": each.target, **_given(each)} for each in found.urls],
        "notes": list(found.notes),
        "gaps": _gaps(found.gaps),
    }


def _user(user: User) -> dict[str, object]:
    return {"name": user.name, "groups": list(user.groups)}


def _request(request: AccessRequest) -> dict[str, object]:
    fields: dict[str, object] = msgspec.to_builtins(request)
    return fields


def _given(row: AccessRow) -> dict[str, object]:
    return {"verbs": list(row.verbs), "via": _grants(row.via)}


def _grants(grants: Iterable[Grant]) -> list[dict[str, object]]:
    return [
        {
            "binding": _placed(each.binding, each.binding_place),
            "role": _object(each.role),
            "rule": {
                "path": each.path,
                "source": rule_place(each),
                "role": _placed(each.source or each.role, each.role_place),
                **msgspec.to_builtins(each.rule),
            },
            "subject": _subject(each.subject),
            "namespace": each.namespace,
        }
        for each in grants
    ]


def _placed(ref: ObjectRef, place: Place) -> dict[str, object]:
    return {**_object(ref), "source": str(place)}


def _object(ref: ObjectRef) -> dict[str, object]:
    return {"kind": ref.kind, "namespace": ref.namespace, "name": ref.name}


def _subject(subject: Subject) -> dict[str, object]:
    return {"kind": subject.kind, "name": subject.name, "namespace": subject.namespace}


def _gaps(gaps: Iterable[Gap]) -> list[dict[str, object]]:
    return [
        {"source": each.source, "reason": each.reason, "object": _object(each.object) if each.object else None}
        for each in gaps
    ]
