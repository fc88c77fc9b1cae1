"""What changed in who may do what as the JSON contract ``firedoor/rbac-diff/v1``."""

from __future__ import annotations

import msgspec

from firedoor.model.access_difference import AccessDifference, NewRisk, RightChange, RightChangeKind, RoleDoubt
from firedoor.model.rbac import PolicyRule
from firedoor.render.json_text import json_text
from firedoor.render.rbac_json import (
    grant_documents,
    placed_document,
    subject_document,
)
from firedoor.render.reach_json import gap_documents, ref_document

SCHEMA = "firedoor/rbac-diff/v1"


def rbac_diff_document(found: AccessDifference) -> dict[str, object]:
    """Return the document, changes in the order that matters most first."""
    return {
        "schema": SCHEMA,
        "old": found.old,
        "new": found.new,
        "summary": {kind.value: found.count(kind) for kind in RightChangeKind},
        "changes": [_change(each) for each in found.changes],
        "doubts": [_doubt(each) for each in found.doubts],
        "bindings": [
            {
                "binding": placed_document(each.binding, each.place),
                "role": ref_document(each.role),
                "live": each.is_live,
            }
            for each in found.bindings
        ],
        "without_effect": [
            {"change": each.change, "object": placed_document(each.object, each.place)} for each in found.without_effect
        ],
        "notes": list(found.notes),
        "gaps": {"old": gap_documents(found.old_gaps), "new": gap_documents(found.new_gaps)},
    }


def rbac_diff_json(found: AccessDifference) -> str:
    """Return the document as indented JSON, with a newline at its end."""
    return json_text(rbac_diff_document(found))


def _change(each: RightChange) -> dict[str, object]:
    return {
        "change": each.kind.value,
        "subject": subject_document(each.subject),
        "namespace": each.namespace,
        "rule": _rule(each.rule),
        "unchanged": [_rule(rule) for rule in each.unchanged],
        "unchanged_in": list(each.unchanged_in),
        "risks": _risks(each.risks),
        "via": grant_documents(each.via),
        "unsure": gap_documents(each.unsure),
    }


def _doubt(each: RoleDoubt) -> dict[str, object]:
    return {
        "side": each.side.value,
        "subject": subject_document(each.subject),
        "namespace": each.namespace,
        "role": ref_document(each.role),
        "risks": _risks(each.risks),
        "unsure": gap_documents(each.gaps),
    }


def _risks(risks: tuple[NewRisk, ...]) -> list[dict[str, object]]:
    return [{"id": each.id, "severity": each.severity.value} for each in risks]


def _rule(rule: PolicyRule) -> dict[str, object]:
    fields: dict[str, object] = msgspec.to_builtins(rule)
    return fields
