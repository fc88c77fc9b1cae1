"""The rules on the environment of a container: the names of variables, and where their values come from."""

from typing import Any

from firedoor.adapters.manifests.validation.metadata import validate_name
from firedoor.adapters.manifests.validation.names import (
    NameRule,
    config_key,
    dns_label,
    dns_subdomain,
    relaxed_variable_name,
    variable_name,
)
from firedoor.adapters.manifests.validation.paths import validate_no_backsteps
from firedoor.adapters.manifests.validation.pod_fields import (
    FIELDS_OF_VARIABLES,
    validate_field_reference,
    validate_resource_reference,
)
from firedoor.adapters.manifests.validation.problems import Problem, child, invalid, missing
from firedoor.adapters.manifests.validation.releases import ENV_FILES_SINCE, RELAXED_VARIABLES_SINCE
from firedoor.adapters.manifests.validation.shapes import mapping, objects, text

SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
NAME_REMEDY = "name the variable with letters, digits and '_', such as LOG_LEVEL"
KEY_REMEDY = "write the key with letters, digits, '-', '_' and '.'"
ONE_SOURCE = "may not have more than one field specified at a time"


def variable_rule(minor: int) -> NameRule:
    """Return the rule for the name of a variable in a release."""
    return relaxed_variable_name if minor >= RELAXED_VARIABLES_SINCE else variable_name


def validate_env(value: Any, path: str, minor: int) -> list[Problem]:
    """Return the problems of the variables of a container."""
    problems = []
    for variable, place in objects(value, path):
        name, where = text(variable.get("name")), child(place, "name")
        if not name:
            problems.append(missing(where, remedy="name the variable"))
        else:
            problems += [invalid(where, name, error, remedy=NAME_REMEDY) for error in variable_rule(minor)(name)]
        source = variable.get("valueFrom")
        if source is not None:
            given = bool(text(variable.get("value")))
            problems += _validate_source(mapping(source), child(place, "valueFrom"), minor, has_value=given)
    return problems


def _validate_source(source: dict[str, Any], path: str, minor: int, *, has_value: bool) -> list[Problem]:
    """Return the problems of the one place that the value of a variable comes from."""
    problems = []
    found = [field for field in SOURCES if source.get(field) is not None]
    for field in found:
        reference, where = mapping(source[field]), child(path, field)
        if field == "fieldRef":
            problems += validate_field_reference(reference, where, FIELDS_OF_VARIABLES)
        elif field == "resourceFieldRef":
            problems += validate_resource_reference(reference, where, needs_container=False)
        elif field == "fileKeyRef":
            problems += _validate_file(reference, where)
        else:
            problems += validate_name(text(reference.get("name")), child(where, "name"), dns_subdomain)
            problems += _validate_key(text(reference.get("key")), child(where, "key"), config_key)
    known = SOURCES if minor >= ENV_FILES_SINCE else SOURCES[:-1]
    choices = ", ".join(f"`{field}`" for field in known[:-1]) + f" or `{known[-1]}`"
    if not found:
        remedy = "say where the value comes from, or write value"
        problems.append(invalid(path, "", f"must specify one of: {choices}", remedy=remedy))
    elif has_value:
        detail = "may not be specified when `value` is not empty"
        problems.append(invalid(path, "", detail, remedy="keep value or valueFrom"))
    elif len(found) > 1:
        problems.append(invalid(path, "", ONE_SOURCE, remedy=f"keep one of {', '.join(found)}"))
    return problems


def _validate_key(key: str, path: str, rule: NameRule) -> list[Problem]:
    """Return the problems of the key of an entry."""
    if not key:
        return [missing(path, remedy="write the key of the entry")]
    return [invalid(path, key, error, remedy=KEY_REMEDY) for error in rule(key)]


def _validate_file(reference: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of a variable that is read from a file of a volume."""
    problems = _validate_key(text(reference.get("key")), child(path, "key"), relaxed_variable_name)
    volume, where = text(reference.get("volumeName")), child(path, "volumeName")
    problems += validate_name(volume, where, dns_label) if volume else [missing(where, remedy="name the volume")]
    file, where = text(reference.get("path")), child(path, "path")
    return problems + (validate_no_backsteps(file, where) if file else [missing(where, remedy="write the file's path")])


def validate_env_from(value: Any, path: str, minor: int) -> list[Problem]:
    """Return the problems of whole sources of variables: each is one ConfigMap or one Secret."""
    problems = []
    for source, place in objects(value, path):
        prefix = text(source.get("prefix"))
        if prefix:
            errors = variable_rule(minor)(prefix)
            problems += [invalid(child(place, "prefix"), prefix, error, remedy=NAME_REMEDY) for error in errors]
        found = [field for field in ("configMapRef", "secretRef") if source.get(field) is not None]
        for field in found:
            name, where = text(mapping(source[field]).get("name")), child(place, f"{field}.name")
            # The server checks these names as prefixes, which may end in a dash.
            checked = f"{name[:-1]}a" if name.endswith("-") and name != "-" else name
            if not name:
                problems.append(missing(where, remedy="name the ConfigMap or Secret"))
            else:
                remedy = "use lower-case letters, digits, '-' and '.'"
                problems += [invalid(where, name, error, remedy=remedy) for error in dns_subdomain(checked)]
        if not found:
            detail = "must specify one of: `configMapRef` or `secretRef`"
            problems.append(invalid(path, "", detail, remedy="write configMapRef or secretRef with a name"))
        elif len(found) > 1:
            problems.append(invalid(path, "", ONE_SOURCE, remedy="give each source an entry of its own"))
    return problems
