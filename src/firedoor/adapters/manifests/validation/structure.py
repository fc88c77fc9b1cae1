"""
Checks a manifest against the strict schema of its kind, as the API server decodes it.

Unknown fields, wrong types and missing fields are all reported, each with its path.
"""

import datetime as dt
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema_rs

from firedoor.adapters.manifests.validation.problems import (
    Problem,
    ProblemKind,
    child,
    item,
    missing,
    quoted,
    shown,
)
from firedoor.adapters.manifests.validation.releases import LATEST, minor_of
from firedoor.adapters.manifests.validation.schemas import load
from firedoor.adapters.manifests.validation.served import check_served
from firedoor.adapters.manifests.validation.unknown_fields import Place, unknown_field_remedy
from firedoor.adapters.manifests.validation.wrong_types import type_name, wrong_type_remedy

OPTIONAL_ALL_THE_SAME = (".podFailurePolicy.rules",)
"""The ends of paths of fields that the published schema requires and no server does."""

TOO_DEEP = 200
"""Objects nested deeper than any API type reaches; YAML aliases can build such a document, or a cycle."""


def check_structure(document: dict[str, Any], version: str = LATEST) -> list[Problem]:
    """
    Return the fields of a manifest that the API server cannot decode, in the order of their paths.

    A kind that is not built in has no problems here: whether it is a custom resource is not ours to say.
    """
    minor = minor_of(version)
    return examine(document, minor).problems


@dataclass(frozen=True, slots=True)
class Examined:
    """A manifest after the structure check: what is wrong, and what the rules on values may read."""

    problems: list[Problem]
    readable: dict[str, Any] | None = None
    """The manifest as JSON; None when its values are not to be judged."""


def examine(document: dict[str, Any], minor: int) -> Examined:
    """Return the structural problems of a manifest, and the manifest as the API server reads it."""
    api_version, kind = document.get("apiVersion"), document.get("kind")
    if not isinstance(api_version, str) or not isinstance(kind, str):
        return Examined(_untyped(document))
    served = load().kinds.get((api_version, kind))
    if served is None or not served.first <= minor <= served.last:
        problems = check_served(api_version, kind, minor)
        if served is None or problems:
            return Examined(problems)
    return _examine(document, Place(kind, served.definition, minor))


def _untyped(document: dict[str, Any]) -> list[Problem]:
    """Return what is wrong with the two fields that say what an object is."""
    problems = []
    for field, example in (("apiVersion", "networking.k8s.io/v1"), ("kind", "NetworkPolicy")):
        value = document.get(field)
        if value is None or value == "":
            problems.append(missing(field, remedy=f"say what this object is, such as {field}: {example}"))
        elif not isinstance(value, str):
            problems.append(_wrong_type((field,), field, value, ("string",)))
    return problems


@cache
def _validator(definition: str, minor: int) -> jsonschema_rs.Validator:
    """Return the compiled schema of a definition in a release."""
    return jsonschema_rs.Draft202012Validator(load().closed(definition, minor))


def _examine(document: dict[str, Any], place: Place) -> Examined:
    """Return the structural problems of a document of a known kind."""
    validator = _validator(place.definition, place.minor)
    # The library refuses what JSON does not have: a YAML loader makes dates, and keys that are no texts.
    with suppress(ValueError):
        if validator.is_valid(document):
            return Examined([], document)
    readable = as_json(document)
    if readable is None:
        return Examined([_nested_too_deeply()])
    problems = {problem for error in validator.iter_errors(readable) for problem in _problems(error, place)}
    return Examined(sorted(problems, key=lambda problem: (problem.path, problem.message)), readable)


def as_json(document: dict[str, Any]) -> dict[str, Any] | None:
    """
    Return a document with JSON types only, as the API server reads the same YAML; None without a bottom.

    A document that is all JSON already, as nearly all are, is returned as it is.
    """
    return document if _is_json(document, 0) else _plain_or_none(document)


def _is_json(value: Any, depth: int) -> bool:
    """Return whether a value is JSON all the way down, and has an end."""
    if isinstance(value, dict):
        return depth < TOO_DEEP and all(
            isinstance(key, str) and _is_json(entry, depth + 1) for key, entry in value.items()
        )
    if isinstance(value, list):
        return depth < TOO_DEEP and all(_is_json(entry, depth + 1) for entry in value)
    return value is None or isinstance(value, str | int | float | bool)


def _plain_or_none(document: dict[str, Any]) -> dict[str, Any] | None:
    """Return a document with its other types made JSON; None when it is nested too deeply."""
    try:
        return {_key(key): _plain(entry, 1) for key, entry in document.items()}
    except _TooDeepError:
        return None


class _TooDeepError(Exception):
    """Ends the reading of a document that is nested too deeply."""


def _plain(value: Any, depth: int) -> Any:
    """Return a value with JSON types only."""
    if depth > TOO_DEEP:
        raise _TooDeepError
    if isinstance(value, dict):
        return {_key(key): _plain(entry, depth + 1) for key, entry in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(entry, depth + 1) for entry in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, dt.datetime):
        return value.isoformat().replace("+00:00", "Z")
    return str(value)


def _key(key: Any) -> str:
    """Return the text that the API server makes of a key that YAML read as something else."""
    if isinstance(key, bool):
        return "true" if key else "false"
    return "null" if key is None else str(key)


def _nested_too_deeply() -> Problem:
    """Return the problem of a document without a bottom."""
    message = "exceeded max depth: the document is nested too deeply"
    return Problem("", message, "look for a YAML alias that refers to its own parent", ProblemKind.WRONG_TYPE)


def _path(parts: Iterable[str | int]) -> str:
    """Return a path in the notation of the API server: ``spec.ports[0].port``."""
    path = ""
    for step in parts:
        path = item(path, step) if isinstance(step, int) else child(path, step)
    return path


def _problems(error: jsonschema_rs.ValidationError, place: Place) -> list[Problem]:
    """Return the problems that one failure of the schema stands for."""
    steps = tuple(error.instance_path)
    path = _path(steps)
    if _is_optional(error, path):
        return []
    match error.kind:
        case jsonschema_rs.ValidationErrorKind.AdditionalProperties(unexpected=names):
            return [_unknown_field(steps, name, place) for name in sorted(names)]
        case jsonschema_rs.ValidationErrorKind.Required(property=name):
            return [missing(child(path, name))]
        case jsonschema_rs.ValidationErrorKind.Minimum() | jsonschema_rs.ValidationErrorKind.Maximum():
            return [_wrong_type(steps, path, error.instance, ("32-bit integer",))]
        case jsonschema_rs.ValidationErrorKind.Type(types=types) if error.instance is not None:
            return [_wrong_type(steps, path, error.instance, tuple(types))]
        case _:
            return [missing(path)]


def _is_optional(error: jsonschema_rs.ValidationError, path: str) -> bool:
    """Return whether a field is missing or null that the schema requires and the server does without."""
    match error.kind:
        case jsonschema_rs.ValidationErrorKind.Required(property=name):
            return child(path, name).endswith(OPTIONAL_ALL_THE_SAME)
        case _:
            return error.instance is None and path.endswith(OPTIONAL_ALL_THE_SAME)


def _unknown_field(steps: tuple[str | int, ...], name: str, place: Place) -> Problem:
    """Return the problem of a field that the kind does not have at this place."""
    path = child(_path(steps), name)
    message = f"strict decoding error: unknown field {quoted(path)}"
    return Problem(path, message, unknown_field_remedy(steps, name, place), ProblemKind.UNKNOWN_FIELD)


def _wrong_type(steps: tuple[str | int, ...], path: str, value: Any, types: tuple[str, ...]) -> Problem:
    """Return the problem of a value of another type than its field has."""
    expected = tuple(name for name in types if name != "null")
    found = type_name(value)
    detail = f" {shown(value)}" if isinstance(value, str | int | float) else ""
    message = f"{path}: expected {' or '.join(expected)}, got {found}{detail}"
    return Problem(path, message, wrong_type_remedy(steps, value, expected), ProblemKind.WRONG_TYPE)
