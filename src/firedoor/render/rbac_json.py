"""Who may do what, as JSON contracts: ``firedoor/rbac-can/v1``, ``rbac-who-can/v1`` and ``rbac-show/v1``."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from firedoor.model.access import AccessRequest, Grant, User
from firedoor.model.access_answers import AccessAnswer, AccessHolders, AccessMatrix, AccessRow
from firedoor.model.places import ObjectRef, Place
from firedoor.model.rbac import Subject
from firedoor.render.rbac_words import rule_place
from firedoor.render.reach_json import gap_documents, ref_document

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
        "because": grant_documents(answer.because),
        "master": answer.is_master,
        "unsure": gap_documents(answer.unsure),
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
                **subject_document(each.subject),
                "by_group": each.by_group.name if each.by_group is not None else None,
                "via": grant_documents(each.via),
            }
            for each in found.holders
        ],
        "unsure": [{**subject_document(each.subject), "unsure": gap_documents(each.unsure)} for each in found.doubts],
        "indirect": None
        if found.ways is None
        else [
            {
                **subject_document(each.subject),
                "technique": each.technique,
                "target": subject_document(each.target)
                if isinstance(each.target, Subject)
                else ref_document(each.target),
                "via": grant_documents(each.via),
            }
            for each in found.ways
        ],
        "notes": list(found.notes),
        "gaps": gap_documents(found.gaps),
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
        "gaps": gap_documents(found.gaps),
    }


def _user(user: User) -> dict[str, object]:
    return {"name": user.name, "groups": list(user.groups)}


def _request(request: AccessRequest) -> dict[str, object]:
    fields: dict[str, object] = msgspec.to_builtins(request)
    return fields


def _given(row: AccessRow) -> dict[str, object]:
    return {"verbs": list(row.verbs), "via": grant_documents(row.via)}


def grant_documents(grants: Iterable[Grant]) -> list[dict[str, object]]:
    """Return what gives a right, each with the places of its binding and of its rule."""
    return [
        {
            "binding": placed_document(each.binding, each.binding_place),
            "role": ref_document(each.role),
            "rule": {
                "path": each.path,
                "source": rule_place(each),
                "role": placed_document(each.source or each.role, each.role_place),
                **msgspec.to_builtins(each.rule),
            },
            "subject": subject_document(each.subject),
            "namespace": each.namespace,
        }
        for each in grants
    ]


def placed_document(ref: ObjectRef, place: Place) -> dict[str, object]:
    """Return an object, and where it was read."""
    return {**ref_document(ref), "source": str(place)}


def subject_document(subject: Subject) -> dict[str, object]:
    """Return kind, name and namespace of a subject."""
    return {"kind": subject.kind, "name": subject.name, "namespace": subject.namespace}
