"""The JSON schema of SARIF 2.1.0."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import jsonschema_rs


@cache
def _validator() -> jsonschema_rs.Validator:
    text = (Path(__file__).parent / "sarif-2.1.0.json").read_text(encoding="utf-8")
    # The published pattern of languages has a bracket too many, and is no regular expression.
    schema = json.loads(text.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$"))
    return jsonschema_rs.validator_for(schema, validate_formats=True)


def sarif_faults(document: object) -> list[str]:
    """What the schema has against a document."""
    return [f"{'/'.join(map(str, each.instance_path))}: {each.message}" for each in _validator().iter_errors(document)]
