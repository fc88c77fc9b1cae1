"""Policies of intents and rules, and how much of each they are, as JSON (``docs/reference/json.md``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.render.admission_policies import admission_policies
from firedoor.render.json_text import json_text

if TYPE_CHECKING:
    from firedoor.model.admission_export import AdmissionExport, Expressed
    from firedoor.render.admission_policies import PolicyForm

SCHEMA = "firedoor/admission-export/v1"


def admission_export_json(found: AdmissionExport, form: PolicyForm) -> str:
    """Return the document as text."""
    document = {
        "schema": SCHEMA,
        "format": str(form),
        "complete": found.is_complete,
        "expressed": [_expressed(each) for each in found.expressed],
        "objects": admission_policies(found, form),
    }
    return json_text(document)


def _expressed(each: Expressed) -> dict[str, object]:
    return {
        "name": each.name,
        "kind": each.kind,
        "extent": str(each.extent),
        "policies": list(each.policies),
        "stricter": list(each.stricter),
        "looser": list(each.looser),
        "unseen": list(each.unseen),
    }
