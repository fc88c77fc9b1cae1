"""The rules on the values of roles and bindings (rbac.authorization.k8s.io/v1)."""

from collections.abc import Callable
from typing import Any

from firedoor.adapters.manifests.validation.labels import validate_selector
from firedoor.adapters.manifests.validation.metadata import validate_name
from firedoor.adapters.manifests.validation.names import dns_subdomain, path_segment
from firedoor.adapters.manifests.validation.problems import Problem, child, invalid, missing, unsupported
from firedoor.adapters.manifests.validation.shapes import elements, objects, part, text

GROUP = "rbac.authorization.k8s.io"
SUBJECT_KINDS = ("ServiceAccount", "User", "Group")
ROLE_KINDS = {"RoleBinding": ("Role", "ClusterRole"), "ClusterRoleBinding": ("ClusterRole",)}


def role(kind: str) -> Callable[[dict[str, Any], int], list[Problem]]:
    """Return the rules of a Role or a ClusterRole."""

    def validate(document: dict[str, Any], minor: int) -> list[Problem]:
        places = objects(document.get("rules"), "rules")
        problems = [problem for rule, path in places for problem in _validate_rule(rule, path, kind)]
        if kind == "ClusterRole" and document.get("aggregationRule") is not None:
            problems += _validate_aggregation(part(document, "aggregationRule"), minor)
        return problems

    return validate


def _validate_aggregation(rule: dict[str, Any], minor: int) -> list[Problem]:
    """Return the problems of ``aggregationRule``: it selects roles by their labels."""
    path = "aggregationRule.clusterRoleSelectors"
    if not elements(rule.get("clusterRoleSelectors")):
        detail = "at least one clusterRoleSelector required if aggregationRule is non-nil"
        return [missing(path, detail, remedy="select the ClusterRoles whose rules it takes, or remove aggregationRule")]
    found = objects(rule.get("clusterRoleSelectors"), path)
    return [problem for selector, place in found for problem in validate_selector(selector, place, minor)]


def _validate_rule(rule: dict[str, Any], path: str, kind: str) -> list[Problem]:
    """Return the problems of a rule: it is about resources of the API, or about paths outside it."""
    problems = []
    if not elements(rule.get("verbs")):
        remedy = "list what may be done, such as [get, list, watch]"
        problems.append(missing(child(path, "verbs"), "verbs must contain at least one value", remedy=remedy))
    urls = elements(rule.get("nonResourceURLs"))
    if not urls:
        return problems + _validate_resources(rule, path)
    where = child(path, "nonResourceURLs")
    if kind == "Role":
        detail = "namespaced rules cannot apply to non-resource URLs"
        problems.append(invalid(where, urls, detail, remedy="use a ClusterRole"))
    if any(elements(rule.get(field)) for field in ("apiGroups", "resources", "resourceNames")):
        detail = "rules cannot apply to both regular resources and non-resource URLs"
        problems.append(invalid(where, urls, detail, remedy="split it into two rules"))
    return problems


def _validate_resources(rule: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of a rule about resources, which names groups and resources."""
    problems = []
    if not elements(rule.get("apiGroups")):
        detail = "resource rules must supply at least one api group"
        remedy = 'list the groups; the core group, with pods and secrets, is the empty text: apiGroups: [""]'
        problems.append(missing(child(path, "apiGroups"), detail, remedy=remedy))
    if not elements(rule.get("resources")):
        detail = "resource rules must supply at least one resource"
        remedy = "list the resources in the plural, such as [pods, deployments]"
        problems.append(missing(child(path, "resources"), detail, remedy=remedy))
    return problems


def binding(kind: str) -> Callable[[dict[str, Any], int], list[Problem]]:
    """Return the rules of a RoleBinding or a ClusterRoleBinding."""

    def validate(document: dict[str, Any], _minor: int) -> list[Problem]:
        problems = _validate_role_reference(part(document, "roleRef"), ROLE_KINDS[kind])
        for subject, path in objects(document.get("subjects"), "subjects"):
            problems += _validate_subject(subject, path, kind)
        return problems

    return validate


def _validate_role_reference(reference: dict[str, Any], kinds: tuple[str, ...]) -> list[Problem]:
    """Return the problems of ``roleRef``; the server fills in its group."""
    group, kind, name = (text(reference.get(field)) for field in ("apiGroup", "kind", "name"))
    problems = []
    if group not in {"", GROUP}:
        problems.append(unsupported("roleRef.apiGroup", group, (GROUP,)))
    if kind not in kinds:
        problems.append(unsupported("roleRef.kind", kind, kinds))
    if not name:
        return [*problems, missing("roleRef.name", remedy="name the role that is granted")]
    return problems + validate_name(name, "roleRef.name", path_segment)


def _validate_subject(subject: dict[str, Any], path: str, binding_kind: str) -> list[Problem]:
    """Return the problems of a subject; the server fills in the group that goes with its kind."""
    kind, name, group = (text(subject.get(field)) for field in ("kind", "name", "apiGroup"))
    where = child(path, "name")
    problems = [] if name else [missing(where, remedy="name who is granted the role")]
    if kind not in SUBJECT_KINDS:
        return [*problems, unsupported(child(path, "kind"), kind, SUBJECT_KINDS)]
    wanted = "" if kind == "ServiceAccount" else GROUP
    if group not in {"", wanted}:
        remedy = f"remove apiGroup: for a {kind} it is {wanted or 'empty'}"
        problems.append(unsupported(child(path, "apiGroup"), group, (wanted,), remedy=remedy))
    if kind != "ServiceAccount":
        detail = f"{kind.lower()} name cannot be empty"
        return problems if name else [*problems, invalid(where, "", detail, remedy="name who is granted the role")]
    if name:
        problems += validate_name(name, where, dns_subdomain)
    if binding_kind == "ClusterRoleBinding" and not text(subject.get("namespace")):
        problems.append(missing(child(path, "namespace"), remedy="say in which namespace the ServiceAccount is"))
    return problems
