"""The part ``watch`` of a configuration as a JSON schema: it allows what is read, and texts that only look right."""

from __future__ import annotations

from collections.abc import Iterable

from firedoor.adapters.settings.rule_reading import (
    GROUP_FIELDS,
    MATCH_FIELDS,
    MOST_COUNT,
    RULE_FIELDS,
    RULE_NAME,
    SILENCE_FIELDS,
    THRESHOLD_FIELDS,
)
from firedoor.adapters.settings.values import DURATION
from firedoor.adapters.settings.watch_reading import FIELDS, MOST_WAITING, NAME, SECRET_URLS, VARIABLE
from firedoor.model.alerting import SinkKind
from firedoor.model.events import EventKind
from firedoor.model.findings import Severity

Schema = dict[str, object]

_TEXT: Schema = {"type": "string", "pattern": r"\S"}
_DURATION: Schema = {"type": "string", "pattern": rf"^\s*{DURATION}\s*$"}
_SEVERITY: Schema = {"enum": [each.value for each in Severity]}


def watch_schema() -> Schema:
    """Return the schema of sinks, rules and silences."""
    return {
        "type": "object",
        "additionalProperties": False,
        "description": "Where firedoor watch sends events besides its output, and which.",
        "properties": {
            "sinks": {"type": "array", "items": {"anyOf": [_sink(each) for each in SinkKind]}},
            "rules": {"type": "array", "items": _rule()},
            "silences": {"type": "array", "items": _silence()},
        },
    }


def _sink(kind: SinkKind) -> Schema:
    ways: Schema = {"env": {"type": "string", "pattern": rf"^\s*{VARIABLE}\s*$"}, "file": _TEXT}
    secret: Schema = {**_mapping(ways, ()), "minProperties": 1, "maxProperties": 1}
    every: Schema = {
        "name": {"type": "string", "pattern": rf"^\s*{NAME}\s*$"},
        "type": {"const": kind.value},
        "most-waiting": {"type": "integer", "minimum": 1, "maximum": MOST_WAITING},
        "url": secret if kind in SECRET_URLS else {"anyOf": [_TEXT, secret]},
        "ca": {**_TEXT, "description": "A file with the certificates to trust."},
        "timeout": _DURATION,
        "secret": {**secret, "description": "Signs, as Standard Webhooks says."},
        "token": {**secret, "description": "Sent as Authorization: Bearer."},
        "lasts": {**_DURATION, "description": "How long an alert fires that nothing ends."},
    }
    fields = FIELDS[kind]
    required = ("name", "type", "url") if "url" in fields else ("name", "type")
    return _mapping({each: every[each] for each in fields}, required)


def _rule() -> Schema:
    threshold = _mapping(
        {"count": {"type": "integer", "minimum": 2, "maximum": MOST_COUNT}, "within": _DURATION}, THRESHOLD_FIELDS
    )
    fields: Schema = {
        "name": {"type": "string", "pattern": rf"^\s*{RULE_NAME}\s*$"},
        "match": _match(),
        "sinks": {**_some(_TEXT), "description": "The names of sinks; all where it is left out."},
        "severity": {**_SEVERITY, "description": "The severity that the events get."},
        "threshold": {**threshold, "description": "Tell only of so many within such a time."},
        "group-by": {**_some({"enum": list(GROUP_FIELDS)}), "description": "Tell together what is the same in these."},
        "dedupe": {**_DURATION, "description": "Tell the same again only after so long."},
    }
    return _mapping({each: fields[each] for each in RULE_FIELDS}, ("name",))


def _silence() -> Schema:
    fields: Schema = {
        "match": {**_match(), "minProperties": 1},
        "until": {
            "type": "string",
            "pattern": r"^\s*\d{4}-\d{2}-\d{2}(T\S+)?\s*$",
            "description": "A day or an instant.",
        },
        "reason": _TEXT,
    }
    return _mapping({each: fields[each] for each in SILENCE_FIELDS}, SILENCE_FIELDS)


def _match() -> Schema:
    fields: Schema = {
        "kind": _some({"enum": [each.value for each in EventKind]}),
        "namespace": {**_some(_TEXT), "description": "Patterns with * and ?."},
        "severity": {**_SEVERITY, "description": "At least that."},
        "check": {**_some(_TEXT), "description": "Ids of checks, patterns with * and ?."},
    }
    return _mapping({each: fields[each] for each in MATCH_FIELDS}, ())


def _some(one: Schema) -> Schema:
    return {"anyOf": [one, {"type": "array", "minItems": 1, "items": one}]}


def _mapping(fields: Schema, required: Iterable[str]) -> Schema:
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": fields}
