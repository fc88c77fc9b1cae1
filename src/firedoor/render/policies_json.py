"""What policies contribute, and how two of them compare, as JSON contracts."""

from __future__ import annotations

import msgspec

from firedoor.model.relations import Comparison, Relations

SCHEMA = "firedoor/policies/v1"
COMPARISON_SCHEMA = "firedoor/policy-comparison/v1"


def policies_document(relations: Relations) -> dict[str, object]:
    """Return the document: the schema's name, then the fields of the relations as they are named."""
    return _document(SCHEMA, relations)


def comparison_document(found: Comparison) -> dict[str, object]:
    """Return the document: the schema's name, then the fields of the comparison as they are named."""
    return _document(COMPARISON_SCHEMA, found)


def _document(schema: str, found: Relations | Comparison) -> dict[str, object]:
    fields: dict[str, object] = msgspec.to_builtins(found)
    gaps = [
        {"source": gap.source, "reason": gap.reason, "object": msgspec.to_builtins(gap.object)} for gap in found.gaps
    ]
    return {"schema": schema, **fields, "gaps": gaps}
