"""What becomes of connections, as JSON; the shape is documented in ``docs/reference/json.md``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.render.generation_json import left_document
from firedoor.render.json_text import json_text
from firedoor.render.reach_json import gap_documents

if TYPE_CHECKING:
    from firedoor.model.preview import Preview, Replayed

SCHEMA = "firedoor/preview/v1"


def preview_document(found: Preview) -> dict[str, object]:
    """Return the document."""
    return {
        "schema": SCHEMA,
        "changes": [_replayed(each) for each in found.changes],
        "staying": found.staying,
        "unattributed": [left_document(each) for each in found.left_out],
        "gaps": gap_documents(found.gaps),
        "cni": found.cni,
    }


def preview_json(found: Preview) -> str:
    """Return the document as text."""
    return json_text(preview_document(found))


def _replayed(each: Replayed) -> dict[str, object]:
    return {
        "fate": str(each.fate),
        "source": each.source,
        "destination": each.destination,
        "protocol": each.protocol,
        "port": each.port,
        "now": str(each.now),
        "then": str(each.then),
        "count": each.count,
        "first": each.first,
        "last": each.last,
    }
