"""Parts of structural schemas (``apiextensions.k8s.io/v1``), each with the text that ``kubectl explain`` shows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Schema = dict[str, Any]


def text(description: str, most: int, **rest: Any) -> Schema:
    """Return a text that is not empty, of at most so many characters."""
    return {"type": "string", "description": description, "minLength": 1, "maxLength": most, **rest}


def written(description: str) -> Schema:
    """Return a text that firedoor writes."""
    return {"type": "string", "description": description}


def choice(description: str, values: Iterable[str]) -> Schema:
    """Return one of some words."""
    return {"type": "string", "description": description, "enum": [*values]}


def count(description: str) -> Schema:
    """Return a number of things."""
    return {"type": "integer", "format": "int64", "minimum": 0, "description": description}


def flag(description: str) -> Schema:
    """Return true or false."""
    return {"type": "boolean", "description": description}


def instant(description: str) -> Schema:
    """Return an instant (RFC 3339)."""
    return {"type": "string", "format": "date-time", "description": description}


def record(description: str, properties: dict[str, Schema], required: Iterable[str] = (), **rest: Any) -> Schema:
    """Return a mapping with these fields."""
    found: Schema = {"type": "object", "description": description, **rest, "properties": properties}
    needed = [*required]
    return {**found, "required": needed} if needed else found


def listed(description: str, items: Schema, most: int, **rest: Any) -> Schema:
    """Return a list of at most so many items, which belongs to one manager as a whole."""
    kind = {} if "x-kubernetes-list-type" in rest else {"x-kubernetes-list-type": "atomic"}
    return {"type": "array", "description": description, "maxItems": most, **kind, **rest, "items": items}


def rule(expression: str, message: str) -> dict[str, str]:
    """Return a rule in CEL (``x-kubernetes-validations``, Kubernetes 1.25)."""
    return {"rule": expression, "message": message}


def conditions(description: str) -> Schema:
    """Return a list of conditions (``metav1.Condition``)."""
    fields = {
        "type": text("What is told.", 316),
        "status": choice("Whether it is so.", ("True", "False", "Unknown")),
        "observedGeneration": count("The metadata.generation that it is told of."),
        "lastTransitionTime": instant("When the status changed last."),
        "reason": text("Why, in one word.", 1024),
        "message": {"type": "string", "description": "Why, for people.", "maxLength": 32768},
    }
    required = ("type", "status", "lastTransitionTime", "reason", "message")
    keys = {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]}
    return listed(description, record("One condition.", fields, required), 8, **keys)


def column(name: str, path: str, description: str, kind: str = "string", priority: int = 0) -> dict[str, Any]:
    """Return a column of ``kubectl get``; one with a priority is shown with ``-o wide`` alone."""
    return {"name": name, "type": kind, "description": description, "jsonPath": path, "priority": priority}


def definition(
    group: str, version: str, names: dict[str, Any], schema: Schema, columns: Iterable[dict[str, Any]]
) -> dict[str, Any]:
    """Return the definition of a namespaced kind with a status, as an object of the cluster."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{names['plural']}.{group}", "labels": {"app.kubernetes.io/name": "firedoor"}},
        "spec": {
            "group": group,
            "names": names,
            "scope": "Namespaced",
            "versions": [
                {
                    "name": version,
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": schema},
                    "subresources": {"status": {}},
                    "additionalPrinterColumns": [*columns],
                }
            ],
        },
    }
