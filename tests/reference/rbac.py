"""
The reference semantics of ``rbac.authorization.k8s.io/v1``: who may do what.

Written to be read against the API documentation, not to be fast: every question
walks through all objects again. The Node and webhook authorizers are not asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.reference.manifests import (
    Manifest,
    items,
    labels_of,
    name_of,
    namespace_of,
    objects,
    section,
    string_map,
    strings,
)

GROUP = "rbac.authorization.k8s.io"
MASTERS = "system:masters"
ACCOUNT = "system:serviceaccount:"


@dataclass(frozen=True, slots=True)
class User:
    """A name and all groups, as authentication gives them."""

    name: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One request: for a resource, or for the path of a URL that is none."""

    verb: str
    resource: str = ""
    subresource: str = ""
    group: str = ""
    name: str = ""
    namespace: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Granted:
    """A rule that a binding gives to a user; ``namespace`` is empty where it holds in the whole cluster."""

    binding: Manifest
    role: Manifest
    rule: Manifest
    namespace: str


def user(name: str, *groups: str) -> User:
    """Return the user of that name, in the groups given and those that the name implies."""
    if name == "system:anonymous":
        return User(name, (*groups, "system:unauthenticated"))
    implied = ["system:authenticated"]
    parts = name.split(":")
    if name.startswith(ACCOUNT) and len(parts) == 4 and _are_names(*parts[2:]):
        implied += ["system:serviceaccounts", f"system:serviceaccounts:{parts[2]}"]
    return User(name, (*groups, *implied))


def _are_names(namespace: str, account: str) -> bool:
    """Return whether a namespace and a service account can be called so."""
    labels = [namespace, *account.split(".")]
    is_written = all(re.fullmatch("[a-z0-9-]+", each) and each.strip("-") == each for each in labels)
    return is_written and len(namespace) <= 63 and len(account) <= 253


def account_user(account: Manifest) -> User:
    """Return the user that a ServiceAccount is."""
    return user(f"{ACCOUNT}{namespace_of(account)}:{name_of(account)}")


def bindings(cluster: list[Manifest]) -> list[Manifest]:
    """Return all bindings, those of the whole cluster first."""
    return [*objects(cluster, GROUP, "ClusterRoleBinding"), *objects(cluster, GROUP, "RoleBinding")]


def roles(cluster: list[Manifest]) -> list[Manifest]:
    """Return all roles, ClusterRoles first."""
    return [*objects(cluster, GROUP, "ClusterRole"), *objects(cluster, GROUP, "Role")]


def namespace_in(written: Manifest) -> str:
    """Return the namespace of a role or binding; empty for those of the whole cluster."""
    return "" if written["kind"].startswith("Cluster") else namespace_of(written)


def role_of(cluster: list[Manifest], binding: Manifest) -> Manifest | None:
    """Return the role that a binding refers to: a Role in the same namespace, or a ClusterRole."""
    reference = section(binding, "roleRef")
    for role in roles(cluster):
        if role["kind"] != reference.get("kind") or name_of(role) != reference.get("name"):
            continue
        if role["kind"] == "ClusterRole" or namespace_in(role) == namespace_in(binding):
            return role
    return None


def rules_of(cluster: list[Manifest], role: Manifest) -> list[Manifest]:
    """Return the rules in effect: those written, or for an aggregating ClusterRole those of the ones selected."""
    if not is_aggregating(role):
        return items(role, "rules")
    found: list[Manifest] = []
    for source in _sources(cluster, role, [name_of(role)]):
        found += [rule for rule in items(source, "rules") if rule not in found]
    return found


def is_aggregating(role: Manifest) -> bool:
    """Return whether a controller fills in the rules."""
    return role["kind"] == "ClusterRole" and bool(section(role, "aggregationRule").get("clusterRoleSelectors"))


def _sources(cluster: list[Manifest], role: Manifest, path: list[str]) -> Iterator[Manifest]:
    """Yield the ClusterRoles whose written rules end up in an aggregating one, along paths without a loop."""
    for selector in items(section(role, "aggregationRule"), "clusterRoleSelectors"):
        for other in objects(cluster, GROUP, "ClusterRole"):
            if name_of(other) in path or not _selects(selector, labels_of(other)):
                continue
            if is_aggregating(other):
                yield from _sources(cluster, other, [*path, name_of(other)])
            else:
                yield other


def _selects(selector: Manifest, labels: dict[str, str]) -> bool:
    wanted = string_map(selector, "matchLabels")
    if any(key not in labels or labels[key] != value for key, value in wanted.items()):
        return False
    for expression in items(selector, "matchExpressions"):
        key, operator, values = expression["key"], expression["operator"], strings(expression, "values")
        has, is_listed = key in labels, key in labels and labels[key] in values
        if not {"In": is_listed, "NotIn": not is_listed, "Exists": has, "DoesNotExist": not has}[operator]:
            return False
    return True


def rule_allows(rule: Manifest, request: Request) -> bool:
    """Return whether one rule permits the request."""
    verbs = strings(rule, "verbs")
    if "*" not in verbs and request.verb not in verbs:
        return False
    if request.path:
        return any(url_matches(url, request.path) for url in strings(rule, "nonResourceURLs"))
    groups, names = strings(rule, "apiGroups"), strings(rule, "resourceNames")
    if "*" not in groups and request.group not in groups:
        return False
    if names and request.name not in names:
        return False
    accepted = ["*", request.resource]
    if request.subresource:
        accepted = ["*", f"{request.resource}/{request.subresource}", f"*/{request.subresource}"]
    return any(resource in accepted for resource in strings(rule, "resources"))


def url_matches(pattern: str, path: str) -> bool:
    """Return whether a path is the pattern, or begins with what stands before the stars at its end."""
    return pattern == path or (pattern.endswith("*") and path.startswith(pattern.rstrip("*")))


def subject_is(subject: Manifest, asked: User, namespace: str) -> bool:
    """Return whether a subject of a binding in the namespace (empty: of the whole cluster) is the user."""
    name = subject.get("name") or ""
    if subject.get("kind") == "User":
        return bool(name == asked.name)
    if subject.get("kind") == "Group":
        return name in asked.groups
    if subject.get("kind") == "ServiceAccount":
        home = subject.get("namespace") or namespace
        return bool(home) and asked.name == f"{ACCOUNT}{home}:{name}"
    return False


def granted(cluster: list[Manifest], asked: User, namespace: str) -> list[Granted]:
    """Return the rules that a user has in a namespace, or for the empty one only those of the whole cluster."""
    found = []
    for binding in bindings(cluster):
        home = namespace_in(binding)
        if home not in {"", namespace}:
            continue
        if not any(subject_is(subject, asked, home) for subject in items(binding, "subjects")):
            continue
        role = role_of(cluster, binding)
        if role is not None:
            found += [Granted(binding, role, rule, home) for rule in rules_of(cluster, role)]
    return found


def grants(cluster: list[Manifest], asked: User, request: Request) -> list[Granted]:
    """Return what permits the request."""
    return [each for each in granted(cluster, asked, request.namespace) if rule_allows(each.rule, request)]


def is_allowed(cluster: list[Manifest], asked: User, request: Request) -> bool:
    """Return whether the API server lets the request pass."""
    return MASTERS in asked.groups or bool(grants(cluster, asked, request))


def dangling(cluster: list[Manifest]) -> list[Manifest]:
    """Return the bindings to roles that are not there."""
    return [binding for binding in bindings(cluster) if role_of(cluster, binding) is None]


def holders(cluster: list[Manifest], request: Request) -> set[str]:
    """Return the users and groups that a binding lets do it, and the service accounts that may; ``kind name`` each."""
    found = {f"Group {MASTERS}"}
    for binding in bindings(cluster):
        home, role = namespace_in(binding), role_of(cluster, binding)
        if home not in {"", request.namespace} or role is None:
            continue
        if any(rule_allows(rule, request) for rule in rules_of(cluster, role)):
            found |= {holder_name(subject, home) for subject in items(binding, "subjects")}
    for account in objects(cluster, "", "ServiceAccount"):
        if is_allowed(cluster, account_user(account), request):
            found.add(f"User {account_user(account).name}")
    return found


def holder_name(subject: Manifest, namespace: str) -> str:
    """Return kind and name of a subject, a service account being the user that it is."""
    if subject["kind"] == "ServiceAccount":
        return f"User {ACCOUNT}{subject.get('namespace') or namespace}:{subject['name']}"
    return f"{subject['kind']} {subject['name']}"
