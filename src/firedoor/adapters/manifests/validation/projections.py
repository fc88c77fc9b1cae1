"""The rules on files in volumes: the entries of a ConfigMap or Secret, fields of the pod, tokens, certificates."""

from typing import Any

from firedoor.adapters.manifests.validation.choices import validate_between
from firedoor.adapters.manifests.validation.paths import validate_file_path
from firedoor.adapters.manifests.validation.pod_fields import (
    FIELDS_OF_FILES,
    validate_field_reference,
    validate_resource_reference,
)
from firedoor.adapters.manifests.validation.problems import Problem, child, forbidden, invalid, missing
from firedoor.adapters.manifests.validation.shapes import mapping, number, objects, text

LARGEST_MODE = 0o777
MODE_ERROR = "must be a number between 0 and 0777 (octal), both inclusive"
SHORTEST_TOKEN, LONGEST_TOKEN = 600, 2**32
SOURCES = ("secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle", "podCertificate")


def validate_mode(source: dict[str, Any], path: str, field: str) -> list[Problem]:
    """Return the problem of the permissions of files."""
    found = validate_between(source.get(field), child(path, field), 0, LARGEST_MODE)
    remedy = "write permissions such as 0644 (octal) or 420 (the same as a decimal number)"
    return [invalid(child(path, field), number(source.get(field)), MODE_ERROR, remedy=remedy)] if found else []


def validate_entries(value: Any, path: str) -> list[Problem]:
    """Return the problems of entries of a ConfigMap or a Secret that become files."""
    problems = []
    for entry, place in objects(value, path):
        problems += [
            missing(child(place, field), remedy=f"write the {field} of the entry")
            for field in ("key", "path")
            if not text(entry.get(field))
        ]
        problems += validate_file_path(text(entry.get("path")), child(place, "path"))
        problems += validate_mode(entry, place, "mode")
    return problems


def validate_pod_files(value: Any, path: str) -> list[Problem]:
    """Return the problems of files with fields of the pod, which the server reports without their index."""
    problems = []
    for file, _ in objects(value, path):
        target, where = text(file.get("path")), child(path, "path")
        problems += [] if target else [missing(where, remedy="write the path of the file")]
        problems += validate_file_path(target, where)
        field, resource = file.get("fieldRef"), file.get("resourceFieldRef")
        if field is not None:
            problems += validate_field_reference(mapping(field), child(path, "fieldRef"), FIELDS_OF_FILES)
        elif resource is not None:
            where = child(path, "resourceFieldRef")
            problems += validate_resource_reference(mapping(resource), where, needs_container=True)
        else:
            detail = "one of fieldRef and resourceFieldRef is required"
            problems.append(missing(path, detail, remedy="say which field of the pod the file holds"))
        if field is not None and resource is not None:
            detail = "fieldRef and resourceFieldRef can not be specified simultaneously"
            problems.append(invalid(path, "resource", detail, remedy="keep one of the two"))
        problems += validate_mode(file, path, "mode")
    return problems


def validate_projected(source: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of a volume that puts several sources together."""
    problems = validate_mode(source, path, "defaultMode")
    seen: set[str] = set()
    for projection, place in objects(source.get("sources"), child(path, "sources")):
        found = [kind for kind in SOURCES if projection.get(kind) is not None]
        for kind in found:
            problems += _validate_projection(kind, mapping(projection[kind]), child(place, kind), path)
            for target in _targets(kind, mapping(projection[kind])):
                if target in seen:
                    remedy = "give each file its own path"
                    problems.append(invalid(path, target, "conflicting duplicate paths", remedy=remedy))
                seen.add(target)
        if len(found) > 1:
            detail = "may not specify more than 1 volume type per source"
            problems.append(forbidden(place, detail, remedy="give each source an entry of its own"))
    return problems


def _validate_projection(kind: str, source: dict[str, Any], path: str, volume: str) -> list[Problem]:
    """Return the problems of one source of a projected volume."""
    match kind:
        case "secret" | "configMap":
            problems = [] if text(source.get("name")) else [missing(child(path, "name"), remedy=f"name the {kind}")]
            return problems + validate_entries(source.get("items"), child(path, "items"))
        case "downwardAPI":
            return validate_pod_files(source.get("items"), path)
        case "serviceAccountToken":
            return _validate_token(source, path, volume)
        case "clusterTrustBundle":
            return _validate_bundle(source, path)
        case _:
            return []


def _validate_token(token: dict[str, Any], path: str, volume: str) -> list[Problem]:
    """Return the problems of a token of the service account: how long it is good for, and its file."""
    problems = []
    seconds, where = token.get("expirationSeconds"), child(path, "expirationSeconds")
    remedy = "use a number of seconds from 600 on, or leave it out for an hour"
    if seconds is not None and number(seconds) < SHORTEST_TOKEN:
        detail = "may not specify a duration less than 10 minutes"
        problems.append(invalid(where, number(seconds), detail, remedy=remedy))
    if number(seconds) > LONGEST_TOKEN:
        detail = "may not specify a duration larger than 2^32 seconds"
        problems.append(invalid(where, number(seconds), detail, remedy=remedy))
    file, where = text(token.get("path")), child(volume, "path")
    return problems + (
        validate_file_path(file, where) if file else [missing(where, remedy="write the path of the file")]
    )


def _validate_bundle(bundle: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of certificates of authorities: named, or selected by who signed them."""
    problems = []
    named, signed = bundle.get("name") is not None, bundle.get("signerName") is not None
    if named and signed:
        detail = "only one of name and signerName may be used"
        problems.append(invalid(path, bundle, detail, remedy="keep one of the two"))
    elif named and bundle.get("labelSelector") is not None:
        detail = "labelSelector must be unset if name is specified"
        where = child(path, "labelSelector")
        problems.append(invalid(where, bundle["labelSelector"], detail, remedy="remove labelSelector"))
    elif not named and not signed:
        detail = "either name or signerName must be specified"
        problems.append(missing(path, detail, remedy="write name or signerName"))
    where = child(path, "path")
    problems += [] if text(bundle.get("path")) else [missing(where, remedy="write the path of the file")]
    return problems + validate_file_path(text(bundle.get("path")), where)


def _targets(kind: str, source: dict[str, Any]) -> list[str]:
    """Return the paths that a source writes and that no other source may write."""
    if kind in {"secret", "configMap", "downwardAPI"}:
        return [text(entry.get("path")) for entry, _ in objects(source.get("items"), "") if text(entry.get("path"))]
    fields = {"clusterTrustBundle": ("path",), "podCertificate": ("credentialBundlePath", "keyPath")}.get(kind, ())
    return [text(source.get(field)) for field in fields if text(source.get(field))]
