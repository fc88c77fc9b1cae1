"""The rules on affinity: which nodes a pod wants, and which other pods it wants near or far."""

from typing import Any

from firedoor.adapters.manifests.validation.labels import label_key, label_value, validate_selector
from firedoor.adapters.manifests.validation.metadata import validate_name
from firedoor.adapters.manifests.validation.names import dns_label, dns_subdomain
from firedoor.adapters.manifests.validation.problems import Problem, child, forbidden, invalid, item, missing
from firedoor.adapters.manifests.validation.releases import NODE_AFFINITY_VALUES_SINCE, SPREAD_SELECTORS_SINCE
from firedoor.adapters.manifests.validation.shapes import (
    elements,
    mapping,
    number,
    objects,
    part,
    text,
    text_map,
    texts,
)

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
LARGEST_WEIGHT = 100
BAD_OPERATOR = "not a valid selector operator"
KEY_REMEDY = "write a key like topology.kubernetes.io/zone"


def validate_affinity(affinity: dict[str, Any], path: str, minor: int) -> list[Problem]:
    """Return the problems of the affinity of a pod to nodes and to other pods."""
    problems = _validate_nodes(part(affinity, "nodeAffinity"), child(path, "nodeAffinity"), minor)
    for field in ("podAffinity", "podAntiAffinity"):
        terms, where = part(affinity, field), child(path, field)
        for term, place in objects(terms.get(REQUIRED), child(where, REQUIRED)):
            problems += _validate_pod_term(term, place, minor)
        for weighted, place in objects(terms.get(PREFERRED), child(where, PREFERRED)):
            problems += _validate_weight(weighted, place)
            term = part(weighted, "podAffinityTerm")
            problems += _validate_pod_term(term, child(place, "podAffinityTerm"), minor)
    return problems


def _validate_weight(term: dict[str, Any], path: str) -> list[Problem]:
    """Return the problem of how much a preference counts."""
    weight = number(term.get("weight"))
    if 1 <= weight <= LARGEST_WEIGHT:
        return []
    return [invalid(child(path, "weight"), weight, "must be in the range 1-100", remedy="use a number from 1 to 100")]


def _validate_nodes(affinity: dict[str, Any], path: str, minor: int) -> list[Problem]:
    """Return the problems of the affinity to nodes."""
    problems = []
    required, where = affinity.get(REQUIRED), child(path, f"{REQUIRED}.nodeSelectorTerms")
    if required is not None:
        terms = mapping(required).get("nodeSelectorTerms")
        if not elements(terms):
            detail = "must have at least one node selector term"
            problems.append(missing(where, detail, remedy="say which nodes, or remove the requirement"))
        for term, place in objects(terms, where):
            strict = minor >= NODE_AFFINITY_VALUES_SINCE
            problems += _validate_node_term(term, place, checks_values=strict)
    for weighted, place in objects(affinity.get(PREFERRED), child(path, PREFERRED)):
        problems += _validate_weight(weighted, place)
        problems += _validate_node_term(part(weighted, "preference"), child(place, "preference"), checks_values=False)
    return problems


def _validate_node_term(term: dict[str, Any], path: str, *, checks_values: bool) -> list[Problem]:
    """Return the problems of a term about the labels and the name of nodes."""
    problems = []
    for expression, place in objects(term.get("matchExpressions"), child(path, "matchExpressions")):
        problems += _validate_values(expression, place)
        key = text(expression.get("key"))
        problems += [invalid(child(place, "key"), key, error, remedy=KEY_REMEDY) for error in label_key(key)]
        for value, where in texts(expression.get("values"), child(place, "values")):
            errors = label_value(value) if checks_values else []
            problems += [invalid(where, value, error, remedy="write a value of the label") for error in errors]
    for expression, place in objects(term.get("matchFields"), child(path, "matchFields")):
        problems += _validate_field(expression, place)
    return problems


def _validate_values(expression: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of an operator and of how many values it has."""
    operator, values = text(expression.get("operator")), elements(expression.get("values"))
    where, remedy = child(path, "values"), "list the values that the operator needs"
    match operator:
        case "In" | "NotIn" if not values:
            return [missing(where, "must be specified when `operator` is 'In' or 'NotIn'", remedy=remedy)]
        case "Exists" | "DoesNotExist" if values:
            detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            return [forbidden(where, detail, remedy="remove the values, or use In or NotIn")]
        case "Gt" | "Lt" if len(values) != 1:
            return [missing(where, "must be specified single value when `operator` is 'Lt' or 'Gt'", remedy=remedy)]
        case "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt":
            return []
        case _:
            remedy = "use one of In, NotIn, Exists, DoesNotExist, Gt, Lt"
            return [invalid(child(path, "operator"), operator, BAD_OPERATOR, remedy=remedy)]


def _validate_field(expression: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of a requirement on the name of the node, the only field that there is."""
    problems = []
    key, operator = text(expression.get("key")), text(expression.get("operator"))
    values = list(texts(expression.get("values"), child(path, "values")))
    if operator not in {"In", "NotIn"}:
        problems.append(invalid(child(path, "operator"), operator, BAD_OPERATOR, remedy="use In or NotIn"))
    elif len(values) != 1:
        detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
        problems.append(missing(child(path, "values"), detail, remedy="write the name of one node"))
    if key != "metadata.name":
        detail = "not a valid field selector key"
        return [*problems, invalid(child(path, "key"), key, detail, remedy="write key: metadata.name")]
    return problems + [problem for value, where in values for problem in validate_name(value, where, dns_subdomain)]


def _validate_pod_term(term: dict[str, Any], path: str, minor: int) -> list[Problem]:
    """Return the problems of a term about other pods."""
    problems = []
    for field in ("labelSelector", "namespaceSelector"):
        problems += validate_selector(term.get(field), child(path, field), minor)
    for namespace, _ in texts(term.get("namespaces"), ""):
        problems += validate_name(namespace, child(path, "namespace"), dns_label)
    if minor >= SPREAD_SELECTORS_SINCE:
        problems += validate_label_keys(term, path, ("matchLabelKeys", "mismatchLabelKeys"))
    key, where = text(term.get("topologyKey")), child(path, "topologyKey")
    if not key:
        problems.append(missing(where, "can not be empty", remedy=KEY_REMEDY))
    return problems + [invalid(where, key, error, remedy=KEY_REMEDY) for error in label_key(key)]


def validate_label_keys(term: dict[str, Any], path: str, fields: tuple[str, ...]) -> list[Problem]:
    """Return the problems of keys whose values are those of the pod itself."""
    problems = []
    for field in fields:
        keys, where = list(texts(term.get(field), child(path, field))), child(path, field)
        if keys and term.get("labelSelector") is None:
            detail = "must not be specified when labelSelector is not set"
            problems.append(forbidden(where, detail, remedy=f"write labelSelector, or remove {field}"))
            continue
        for key, place in keys:
            problems += [invalid(place, key, error, remedy=KEY_REMEDY) for error in label_key(key)]
    matched = [text(key) for key in elements(term.get("matchLabelKeys"))]
    problems += _validate_repeated(matched, part(term, "labelSelector"), path)
    mismatched = elements(term.get("mismatchLabelKeys")) if "mismatchLabelKeys" in fields else []
    detail = "exists in both matchLabelKeys and mismatchLabelKeys"
    return problems + [
        invalid(item(child(path, "matchLabelKeys"), index), key, detail, remedy="keep it in one of the two")
        for index, key in enumerate(matched)
        if key in mismatched
    ]


def _validate_repeated(keys: list[str], selector: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of keys that the selector has twice and that are matched as well."""
    problems = []
    seen = set(text_map(selector.get("matchLabels")))
    for expression, _ in objects(selector.get("matchExpressions"), ""):
        key = text(expression.get("key"))
        if key in keys and key in seen:
            detail = "exists in both matchLabelKeys and labelSelector"
            problems.append(invalid(item(path, keys.index(key)), key, detail, remedy="keep it in one of the two"))
        seen.add(key)
    return problems
