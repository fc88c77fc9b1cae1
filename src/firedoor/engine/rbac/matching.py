"""What one rule permits, and whom one subject of a binding means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from firedoor.model.access import account_name
from firedoor.model.rbac import Subject

if TYPE_CHECKING:
    from firedoor.model.access import AccessRequest, User
    from firedoor.model.rbac import PolicyRule

ALL = "*"
"""Stands for every verb, group, resource or path."""


def rule_allows(rule: PolicyRule, request: AccessRequest) -> bool:
    """
    Return whether a rule permits a request; words are compared exactly, case and all.

    A rule with ``resourceNames`` permits what names one of them: a request that names
    no object is never among those, unless the empty name is listed.
    """
    if request.verb not in rule.verbs and ALL not in rule.verbs:
        return False
    if not request.is_for_resource:
        return any(path_covers(pattern, request.path) for pattern in rule.non_resource_urls)
    if request.group not in rule.api_groups and ALL not in rule.api_groups:
        return False
    if rule.resource_names and request.name not in rule.resource_names:
        return False
    return _names_resource(rule, request)


def allows_some(rule: PolicyRule, request: AccessRequest, names: frozenset[str] | None) -> bool:
    """Return whether a rule permits a request for an object of one of some names; None stands for any name at all."""
    limits = rule.resource_names
    if limits and request.is_for_resource:
        if names is not None and names.isdisjoint(limits):
            return False
        request = replace(request, name=limits[0])
    return rule_allows(rule, request)


def path_covers(pattern: str, path: str) -> bool:
    """Return whether one of the ``nonResourceURLs`` means a path: the same text, or a beginning and a star."""
    return pattern == path or (pattern.endswith(ALL) and path.startswith(pattern.rstrip(ALL)))


def user_name(subject: Subject, binding_namespace: str) -> str | None:
    """Return the name of the one user that a User or ServiceAccount means; None where it can mean nobody."""
    match subject.kind:
        case "User":
            return subject.name
        case "ServiceAccount":
            namespace = subject.namespace or binding_namespace
            return account_name(namespace, subject.name) if namespace else None
        case _:
            return None


def subject_matches(subject: Subject, user: User, binding_namespace: str) -> bool:
    """
    Return whether a subject of a binding means a user.

    `binding_namespace` is empty for a ClusterRoleBinding; it is where a ServiceAccount
    without a namespace lives. A User may be named like a service account, and is it then.
    """
    if subject.kind == "Group":
        return subject.name in user.groups
    return user_name(subject, binding_namespace) == user.name


def in_full(subject: Subject, binding_namespace: str) -> Subject:
    """Return a subject with the namespace that it has by default, and without one that says nothing."""
    namespace = (subject.namespace or binding_namespace) if subject.kind == "ServiceAccount" else ""
    return subject if namespace == subject.namespace else Subject(subject.kind, subject.name, namespace)


def _names_resource(rule: PolicyRule, request: AccessRequest) -> bool:
    resources = rule.resources
    if ALL in resources:
        return True
    if not request.subresource:
        return request.resource in resources
    return f"{request.resource}/{request.subresource}" in resources or f"*/{request.subresource}" in resources
