"""A file of intents as a JSON schema, for editors that complete and check while people type."""

from __future__ import annotations

from firedoor.adapters.intents.reading import API_VERSION, KIND
from firedoor.model.intents import IntentKind, Word

Schema = dict[str, object]

_TEXT: Schema = {"type": "string", "pattern": r"\S"}
_DEMANDS = {
    IntentKind.MUST_ALLOW: "Every connection from any source to any destination is accepted.",
    IntentKind.MUST_DENY: "Every connection from any source to any destination is denied.",
    IntentKind.ONLY_THESE: "Every connection to a destination is denied that does not come from a listed source.",
}


def intents_schema() -> Schema:
    """Return the schema: it allows what `read_intents` allows, and names, addresses and labels that only look right."""
    intent = _mapping(
        {
            "name": {**_TEXT, "description": "Its name in results, different for each intent."},
            **{str(kind): _demand(kind) for kind in IntentKind},
            "allow-empty": {"type": "boolean", "description": "Whether ends may match no pod; it fails otherwise."},
        },
        ("name",),
    )
    intent["oneOf"] = [{"required": [str(kind)]} for kind in IntentKind]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Intents of firedoor",
        **_mapping(
            {
                "apiVersion": {"const": API_VERSION},
                "kind": {"const": KIND},
                "intents": {"type": "array", "description": "What must hold of connections.", "items": intent},
            },
            ("apiVersion", "kind", "intents"),
        ),
        "$defs": {"end": _end(), "labels": _labels()},
    }


def _demand(kind: IntentKind) -> Schema:
    fewest = 0 if kind is IntentKind.ONLY_THESE else 1
    port = {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 65535}, {"type": "string", "pattern": _PORT}]}
    ports = {"anyOf": [port, {"type": "array", "minItems": 1, "items": port}]}
    return {
        **_mapping(
            {
                "from": {**_ends(fewest), "description": "Sources: one end or a list."},
                "to": {**_ends(1), "description": "Destinations: one end or a list."},
                "ports": {**ports, "description": "As in 8080, 53/UDP, 8000-8100/TCP or icmp; all without it."},
            },
            ("from", "to"),
        ),
        "description": _DEMANDS[kind],
    }


_PORT = r"^([0-9]{1,5}(-[0-9]{1,5})?(/[A-Za-z]+)?|[iI][cC][mM][pP]([vV]6)?(/[0-9]{1,3}){0,2})$"


def _ends(fewest: int) -> Schema:
    end = {"$ref": "#/$defs/end"}
    return {"anyOf": [end, {"type": "array", "minItems": fewest, "items": end}]}


def _end() -> Schema:
    keys: Schema = {
        "namespace": {**_TEXT, "description": "The name of the namespace."},
        "namespace-labels": {"$ref": "#/$defs/labels", "description": "Labels of the namespace."},
        "labels": {"$ref": "#/$defs/labels", "description": "Labels of the pod."},
        "workload": {**_TEXT, "description": "name, namespace/name or namespace/kind/name."},
    }
    pods = {**_mapping(keys, ()), "minProperties": 1}
    domain = _mapping({"domain": {"type": "string", "pattern": r"^\s*[^\s*]+\s*$"}}, ("domain",))
    word = {"enum": list(map(str, Word)), "description": "pods, nodes, outside or any."}
    place = {"type": "string", "pattern": "[/.:]", "description": "namespace/workload, an address or a CIDR."}
    return {"anyOf": [word, place, pods, domain]}


def _labels() -> Schema:
    values = {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string"}}
    return {"anyOf": [values, {**_TEXT, "description": "As kubectl takes it: app=web,tier in (front,back)."}]}


def _mapping(properties: Schema, required: tuple[str, ...]) -> Schema:
    found: Schema = {"type": "object", "additionalProperties": False, "properties": properties}
    if required:
        found["required"] = list(required)
    return found
