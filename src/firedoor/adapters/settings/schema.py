"""The configuration as a JSON schema, for editors that complete and check while people type."""

from __future__ import annotations

from collections.abc import Iterable

from firedoor.adapters.settings.custom_reading import ID, KIND_FIELDS, MOST_CHARACTERS, PLUGIN, REQUIRED
from firedoor.adapters.settings.reading import FLAGS, LEVELS, SEVERITIES, VERSION, Known
from firedoor.adapters.settings.watch_schema import watch_schema
from firedoor.model.exceptions import EVERY_CHECK

_OTHERS = {"type": "string", "pattern": r"^\s*[a-z0-9._-]+/[a-z0-9-]+\s*$"}
"""Checks that a configuration defines itself, and those of plugins."""
_REASON = "Why; shown wherever the exception is."
_TEXT = {"type": "string", "pattern": r"\S"}


def config_schema(known: Known) -> dict[str, object]:
    """Return the schema: it allows what `read_settings` allows, and days and selectors that only look right."""
    check: dict[str, object] = {
        "anyOf": [{"enum": sorted(known.checks)}, _OTHERS],
        "description": "The id of a check.",
    }
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
            "custom-checks": {
                "type": "array",
                "description": "Checks of your own, as CEL expressions over objects in the shape of the API.",
                "items": _custom_check(),
            },
            "custom-check-files": {
                "type": "array",
                "description": "Files with more custom-checks; a path is relative to this file.",
                "items": _TEXT,
            },
            "plugins": {
                "type": "array",
                "description": "Installed plugins whose checks are made too: names of entry points of firedoor.checks.",
                "items": {"type": "string", "pattern": rf"^\s*{PLUGIN}\s*$"},
            },
            "watch": watch_schema(),
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
    one = {"anyOf": [{"enum": [*sorted(known.checks), EVERY_CHECK]}, _OTHERS]}
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


def _custom_check() -> dict[str, object]:
    kind = _mapping(
        {
            "apiVersion": {**_TEXT, "description": "As in apps/v1; a pattern with *, as in apps/*."},
            "kind": {"type": "string", "pattern": r"^\s*[A-Za-z0-9]+\s*$", "description": "As in Deployment."},
        },
        KIND_FIELDS,
    )
    match = _mapping(
        {
            "kinds": {"anyOf": [kind, {"type": "array", "minItems": 1, "items": kind}]},
            "namespaces": {
                "anyOf": [_TEXT, {"type": "array", "minItems": 1, "items": _TEXT}],
                "description": "Patterns with * and ?; all namespaces where it is left out.",
            },
        },
        ("kinds",),
    )
    expression = {**_TEXT, "maxLength": MOST_CHARACTERS}
    fields: dict[str, object] = {
        "id": {"type": "string", "pattern": rf"^\s*{ID}\s*$", "description": "custom/ and words."},
        "severity": {"enum": list(SEVERITIES)},
        "title": _TEXT,
        "why": {**_TEXT, "description": "Why it matters."},
        "fix": {**_TEXT, "description": "What to do."},
        "match": {**match, "description": "The objects that it is about."},
        "params": {"description": "What the expressions have as params."},
        "expression": {**expression, "description": "CEL over object, namespaceObject and params; true is good."},
        "message": {**_TEXT, "description": "The message of a finding."},
        "messageExpression": {**expression, "description": "CEL that gives the message of a finding."},
    }
    return _mapping(fields, REQUIRED)


def _mapping(fields: dict[str, object], required: Iterable[str]) -> dict[str, object]:
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": fields}
