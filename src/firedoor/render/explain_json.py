"""An explanation as the JSON contract ``firedoor/explain/v1``."""

from __future__ import annotations

import msgspec

from firedoor.model.explanation import Explanation
from firedoor.render.json_text import json_text

SCHEMA = "firedoor/explain/v1"


def explain_document(explanation: Explanation) -> dict[str, object]:
    """Return the document: the schema's name, then the fields of the explanation as they are named; ICMP if asked."""
    fields: dict[str, object] = msgspec.to_builtins(explanation)
    if explanation.icmp is None:
        del fields["icmp"]
    return {"schema": SCHEMA, **fields}


def explain_json(explanation: Explanation) -> str:
    """Return the document as indented JSON, with a newline at its end."""
    return json_text(explain_document(explanation))
