"""The rules on references to fields of the pod itself (``fieldRef``, ``resourceFieldRef``), in variables and files."""

import re
from typing import Any

from firedoor.adapters.manifests.validation.labels import label_key
from firedoor.adapters.manifests.validation.problems import Problem, child, invalid, missing, unsupported
from firedoor.adapters.manifests.validation.quantities import printed, read_quantity, validate_quantity
from firedoor.adapters.manifests.validation.shapes import text

FIELDS_OF_VARIABLES = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
)
FIELDS_OF_FILES = ("metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid")
OTHER_FIELDS = ("spec.restartPolicy", "spec.schedulerName", "status.phase")
KNOWN_FIELDS = frozenset({*FIELDS_OF_VARIABLES, *FIELDS_OF_FILES, *OTHER_FIELDS})
OLD_NAME_OF_NODE = "spec.host"
WITH_KEY = re.compile(r"(?P<field>.+?)\['(?P<key>.*)'\]", re.DOTALL)
RESOURCES = tuple(
    f"{kind}.{name}" for kind in ("limits", "requests") for name in ("cpu", "ephemeral-storage", "memory")
)
HUGE_PAGES = ("requests.hugepages-", "limits.hugepages-")
DIVISORS_OF_CPU = ("1m", "1")
DIVISORS = ("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei")


def validate_field_reference(reference: dict[str, Any], path: str, known: tuple[str, ...]) -> list[Problem]:
    """Return the problems of a reference to a field of the pod; the fields that may be read here are given."""
    version, field = text(reference.get("apiVersion")) or "v1", text(reference.get("fieldPath"))
    where, remedy = child(path, "fieldPath"), f"use one of {', '.join(known)}, or metadata.labels['key']"
    if not field:
        return [missing(where, remedy=remedy)]
    if version != "v1":
        detail = f"error converting fieldPath: unsupported pod version: {version}"
        return [invalid(where, field, detail, remedy="remove apiVersion")]
    subscript = WITH_KEY.fullmatch(field)
    if subscript is not None:
        return _validate_subscript(subscript["field"], subscript["key"], path, field, remedy)
    if field == OLD_NAME_OF_NODE:
        field = "spec.nodeName"
    if field not in KNOWN_FIELDS:
        detail = f"error converting fieldPath: field label not supported: {field}"
        return [invalid(where, field, detail, remedy=remedy)]
    return [] if field in known else [unsupported(where, field, known, remedy=remedy)]


def _validate_subscript(base: str, key: str, path: str, field: str, remedy: str) -> list[Problem]:
    """Return the problems of a reference to one label or one annotation."""
    if base not in {"metadata.labels", "metadata.annotations"}:
        detail = f"error converting fieldPath: field label does not support subscript: {field}"
        return [invalid(child(path, "fieldPath"), field, detail, remedy=remedy)]
    key = key.lower() if base == "metadata.annotations" else key
    return [invalid(path, key, error, remedy="write the key as it stands in the metadata") for error in label_key(key)]


def validate_resource_reference(reference: dict[str, Any], path: str, *, needs_container: bool) -> list[Problem]:
    """Return the problems of a reference to a limit or a request of a container."""
    resource, where = text(reference.get("resource")), child(path, "resource")
    problems = validate_quantity(reference.get("divisor"), child(path, "divisor"), may_be_negative=True)
    if needs_container and not text(reference.get("containerName")):
        problems.append(missing(child(path, "containerName"), remedy="name the container"))
    elif not resource:
        problems.append(missing(where, remedy=f"use one of {', '.join(RESOURCES)}"))
    elif resource not in RESOURCES and not resource.startswith(HUGE_PAGES):
        problems.append(unsupported(where, resource, RESOURCES))
    return problems + _validate_divisor(resource, reference.get("divisor"), child(path, "divisor"))


def _validate_divisor(resource: str, divisor: Any, path: str) -> list[Problem]:
    """Return the problem of a unit that the resource is not counted in."""
    if not read_quantity(divisor):
        return []
    shown = printed(divisor)
    kind = resource.partition(".")[2]
    if resource in RESOURCES and kind == "cpu":
        detail = "only divisor's values 1m and 1 are supported with the cpu resource"
        return [] if shown in DIVISORS_OF_CPU else [invalid(path, resource, detail, remedy="use 1 or 1m")]
    if shown in DIVISORS or (resource not in RESOURCES and not resource.startswith(HUGE_PAGES)):
        return []
    name = {"ephemeral-storage": "local ephemeral storage"}.get(kind, kind.partition("-")[0])
    detail = f"only divisor's values {', '.join(DIVISORS)} are supported with the {name} resource"
    return [invalid(path, resource, detail, remedy="use 1, 1Ki, 1Mi or 1Gi")]
