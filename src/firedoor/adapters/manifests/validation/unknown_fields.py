"""Advice for a field that a kind does not have where it stands: misspelt, misplaced, or confused."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from firedoor.adapters.manifests.validation.confusions import CONFUSIONS
from firedoor.adapters.manifests.validation.problems import child
from firedoor.adapters.manifests.validation.schemas import load, referred

MOST_FIELDS_SHOWN = 14
DEEPEST_SEARCHED = 9
INDEX = re.compile(r"\[\]")


@dataclass(frozen=True, slots=True)
class Place:
    """A kind in a release, in which a field is looked for."""

    kind: str
    definition: str
    minor: int


def unknown_field_remedy(steps: tuple[str | int, ...], name: str, place: Place) -> str:
    """Return what to do about an unknown field of the object at a place in a manifest."""
    where = "".join("[]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")
    for kinds, pattern, advice in CONFUSIONS:
        if (not kinds or place.kind in kinds) and re.fullmatch(pattern, child(where, name)):
            return advice
    here = _fields(_schema_at(steps, place), place)
    spelling = _spelling(name, tuple(here))
    if spelling:
        return f"did you mean {spelling}?"
    if {"matchLabels", "matchExpressions"} <= here.keys():
        return f"a selector names its labels below matchLabels: write matchLabels with {name} below it"
    home = _home(where, name, place)
    if home:
        return f"{name} belongs at {home}: check the indentation"
    meant = next(iter(difflib.get_close_matches(name, sorted(_homes_of(place)), n=1, cutoff=0.85)), "")
    if meant:
        return f"did you mean {meant}? It belongs at {_home(where, meant, place)}"
    return _known_fields(where or place.kind, tuple(here))


def _known_fields(where: str, names: tuple[str, ...]) -> str:
    """Return the advice to remove a field, with those that could stand in its place."""
    if not names:
        return "remove it"
    more = ", ..." if len(names) > MOST_FIELDS_SHOWN else ""
    return f"remove it, or use a field of {where}: {', '.join(sorted(names)[:MOST_FIELDS_SHOWN])}{more}"


def _spelling(name: str, names: tuple[str, ...]) -> str:
    """Return the field of the same object that a name is a misspelling of; empty when there is none."""
    for candidate in names:
        if candidate.lower() == name.lower():
            return candidate
    return next(iter(difflib.get_close_matches(name, sorted(names), n=1, cutoff=0.75)), "")


def _resolved(schema: dict[str, Any], place: Place) -> dict[str, Any]:
    """Return the definition that a schema refers to, or the schema itself."""
    name = referred(schema)
    return load().definition(name, place.minor) if name else schema


def _fields(schema: dict[str, Any], place: Place) -> dict[str, dict[str, Any]]:
    """Return the fields of the object that a schema describes."""
    fields: dict[str, dict[str, Any]] = _resolved(schema, place).get("properties", {})
    return fields


def _schema_at(steps: tuple[str | int, ...], place: Place) -> dict[str, Any]:
    """Return the schema of the object at a place in a manifest; empty when the kind has no such place."""
    schema = load().definition(place.definition, place.minor)
    for step in steps:
        resolved = _resolved(schema, place)
        entries = resolved.get("additionalProperties")
        if isinstance(step, int):
            schema = resolved.get("items", {})
        else:
            fallback = entries if isinstance(entries, dict) else {}
            schema = resolved.get("properties", {}).get(step, fallback)
    return schema


def _home(where: str, name: str, place: Place) -> str:
    """Return the place of the kind that has a field of this name, the nearest to where it was written."""
    homes = _homes_of(place).get(name, ())
    if not homes:
        return ""
    return child(min(homes, key=lambda home: (-_shared(home, where), home.count("."), home)), name)


def _shared(one: str, other: str) -> int:
    """Return how many leading steps two places share."""
    count = 0
    for left, right in zip(INDEX.sub("", one).split("."), INDEX.sub("", other).split("."), strict=False):
        if left != right:
            break
        count += 1
    return count


@cache
def _homes_of(place: Place) -> dict[str, tuple[str, ...]]:
    """Return the places of each field name of a kind; what the server writes itself is left out."""
    found: dict[str, list[str]] = {}
    root = load().definition(place.definition, place.minor)
    for where, name in _walk(root, "", (place.definition,), place):
        found.setdefault(name, []).append(where)
    return {name: tuple(places) for name, places in found.items()}


def _walk(schema: dict[str, Any], where: str, above: tuple[str, ...], place: Place) -> Iterator[tuple[str, str]]:
    """Yield each field below a schema with the place of its object; no definition goes into itself."""
    for name, entry in _fields(schema, place).items():
        if where == "" and name in {"status", "apiVersion", "kind"}:
            continue
        yield where, name
        suffix, inner = "", entry
        while "items" in _resolved(inner, place):
            suffix, inner = suffix + "[]", _resolved(inner, place)["items"]
        definition = referred(inner)
        if definition in above or len(above) > DEEPEST_SEARCHED or name == "managedFields":
            continue
        yield from _walk(inner, child(where, name) + suffix, (*above, definition), place)
