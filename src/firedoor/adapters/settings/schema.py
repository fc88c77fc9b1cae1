"""The configuration as a JSON schema, for editors that complete and check while people type."""

from __future__ import annotations

from collections.abc import Iterable

from firedoor.adapters.settings.reading import FLAGS, LEVELS, SEVERITIES, VERSION, Known
from firedoor.model.exceptions import EVERY_CHECK

_REASON = "Why; shown wherever the exception is."
_TEXT = {"type": "string", "pattern": r"\S"}


def config_schema(known: Known) -> dict[str, object]:
    """Return the schema: it allows what `read_settings` allows, and days and selectors that only look right."""
    check: dict[str, object] = {"enum": sorted(known.checks), "description": "The id of a check."}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration of firedoor (.firedoor.yaml)",
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {
            "ignore": {
                "type": "array",
                "description": "Findings that are not reported, and why.",
                "items": _ignore(known),
            },
            "severity": {
                "type": "object",
                "description": "The severity that all findings of a check have here.",
                "propertyNames": check,
                "additionalProperties": {"enum": list(SEVERITIES)},
            },
            "disable": {
                "type": "array",
                "description": "Checks that do not run, and why.",
                "items": _mapping({"check": check, "reason": {**_TEXT, "description": _REASON}}, ("check", "reason")),
            },
            "fail-on": {"enum": list(LEVELS), "description": "Default of --fail-on."},
            "cni": {"enum": sorted(known.profiles), "description": "Default of --cni."},
            "kubernetes-version": {
                "type": "string",
                "pattern": f"^{VERSION}$",
                "description": "Default of --kubernetes-version; quoted.",
            },
            **{flag: {"type": "boolean", "description": f"Default of --{flag}."} for flag in FLAGS},
        },
    }


def _ignore(known: Known) -> dict[str, object]:
    one = {"enum": [*sorted(known.checks), EVERY_CHECK]}
    fields: dict[str, object] = {
        "check": {
            "anyOf": [one, {"type": "array", "minItems": 1, "items": one}],
            "description": "The id of a check, several of them, or '*' for all.",
        },
        "namespace": {**_TEXT, "description": "The namespace of the object, a pattern with * and ?."},
        "kind": {**_TEXT, "description": "The kind of the object."},
        "name": {**_TEXT, "description": "The name of the object, a pattern with * and ?."},
        "labels": {**_TEXT, "description": "A selector as kubectl writes it, for labels of the object or its pods."},
        "reason": {**_TEXT, "description": _REASON},
        "expires": {
            "type": "string",
            "pattern": r"^\s*\d{4}-\d{2}-\d{2}\s*$",
            "description": "The last day that the exception holds.",
        },
    }
    return _mapping(fields, ("check", "reason"))


def _mapping(fields: dict[str, object], required: Iterable[str]) -> dict[str, object]:
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": fields}
