"""
How a manifest is read: what an absent, a null and an empty field mean.

The API server decodes into Go structures. There a null field is the same as an
absent one, but a null *element* of a list, or a null *value* of a map, is the
zero value of its type: an object without fields, or the empty string.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Manifest = dict[str, Any]
"""One object, or a part of one, as the YAML parser returns it."""


def objects(cluster: list[Manifest], group: str, kind: str) -> Iterator[Manifest]:
    """
    Yield the objects of one kind, looking inside ``v1`` Lists.

    The group must agree too: other API groups also have a ``NetworkPolicy`` or
    a ``Job``, which mean something else. The core group is the empty string.
    """
    for manifest in cluster:
        if manifest.get("kind") == "List":
            yield from objects(items(manifest, "items"), group, kind)
        elif manifest.get("kind") == kind and group_of(manifest) == group:
            yield manifest


def group_of(manifest: Manifest) -> str:
    """Return the API group of an object or of a reference to one; core is the empty string."""
    group, slash, _version = str(manifest.get("apiVersion") or "").partition("/")
    return group if slash else ""


def section(manifest: Manifest, field: str) -> Manifest:
    """Return the object in a field; without one, the object that has no field set."""
    return manifest.get(field) or {}


def items(manifest: Manifest, field: str) -> list[Manifest]:
    """Return the objects in a list field, a null element being the object that has no field set."""
    return [element or {} for element in manifest.get(field) or []]


def strings(manifest: Manifest, field: str) -> list[str]:
    """Return the strings in a list field, a null element being the empty string."""
    return [element or "" for element in manifest.get(field) or []]


def string_map(manifest: Manifest, field: str) -> dict[str, str]:
    """Return a map of strings, such as ``labels``, a null value being the empty string."""
    return {key: value or "" for key, value in section(manifest, field).items()}


def name_of(manifest: Manifest) -> str:
    """Return ``metadata.name``."""
    return str(section(manifest, "metadata").get("name") or "")


def namespace_of(manifest: Manifest) -> str:
    """Return ``metadata.namespace``; an object that names none lives in ``default``."""
    return str(section(manifest, "metadata").get("namespace") or "default")


def labels_of(manifest: Manifest) -> dict[str, str]:
    """Return ``metadata.labels``."""
    return string_map(section(manifest, "metadata"), "labels")
