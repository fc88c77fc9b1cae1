"""Grants without use as a JSON contract: ``firedoor/rbac-unused/v1``."""

from __future__ import annotations

from firedoor.model.least_access import UnusedAccess, UnusedGrant
from firedoor.model.places import ObjectRef
from firedoor.render.least_json import gaps_document, log_document
from firedoor.render.least_yaml import rule_fields
from firedoor.render.rbac_json import subject_document
from firedoor.render.rbac_words import rule_place

UNUSED_SCHEMA = "firedoor/rbac-unused/v1"


def unused_document(found: UnusedAccess) -> dict[str, object]:
    """Return the document: a grant for each subject, binding and rule that was not used, or in part."""
    return {
        "schema": UNUSED_SCHEMA,
        "log": log_document(found.log),
        "checked": found.checked,
        "skipped_bindings": found.skipped,
        "grants": [_grant(each) for each in found.grants],
        "unseen": [subject_document(each) for each in found.unseen],
        "notes": list(found.notes),
        "gaps": gaps_document(found.gaps),
    }


def _grant(found: UnusedGrant) -> dict[str, object]:
    grant = found.grant
    return {
        "state": found.state,
        "subject": subject_document(grant.subject),
        "namespace": grant.namespace,
        "binding": {**_object(grant.binding), "source": str(grant.binding_place)},
        "role": _object(grant.role),
        "rule": {
            "path": grant.path,
            "source": rule_place(grant),
            "role": _object(grant.source or grant.role),
            **rule_fields(grant.rule),
        },
        "requests": found.requests,
        "unused": [rule_fields(rule) for rule in found.unused],
        "used": [rule_fields(rule) for rule in found.used],
    }


def _object(ref: ObjectRef) -> dict[str, object]:
    return {"kind": ref.kind, "namespace": ref.namespace, "name": ref.name}
