"""Roles, bindings and questions written in one line each, for tables of examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.reference.manifests import Manifest
from tests.reference.rbac import GROUP, Request, User

RBAC = GROUP


@dataclass(frozen=True)
class Can:
    """Whether a user may do something."""

    cluster: list[Manifest]
    user: User
    request: Request
    expected: bool


@dataclass(frozen=True)
class WhoCan:
    """Who may do something, as ``kind name``, beside the group ``system:masters``."""

    cluster: list[Manifest]
    request: Request
    expected: set[str]


@dataclass(frozen=True)
class Covers:
    """Whether rules contain others."""

    held: list[Manifest]
    wanted: list[Manifest]
    expected: bool


@dataclass(frozen=True)
class MayBind:
    """Whether a user may create a binding."""

    cluster: list[Manifest]
    user: User
    binding: Manifest
    expected: bool


@dataclass(frozen=True)
class MayWrite:
    """Whether a user may write a role."""

    cluster: list[Manifest]
    user: User
    role: Manifest
    verb: str
    expected: bool


Case = Can | WhoCan | Covers | MayBind | MayWrite


def rule(verbs: str, resources: str, groups: tuple[str, ...] = ("",), names: tuple[str, ...] = ()) -> Manifest:
    """Return a rule about resources; words are separated by spaces."""
    found: Manifest = {"verbs": verbs.split(), "apiGroups": list(groups), "resources": resources.split()}
    return {**found, "resourceNames": list(names)} if names else found


def urls(verbs: str, paths: str) -> Manifest:
    """Return a rule about paths."""
    return {"verbs": verbs.split(), "nonResourceURLs": paths.split()}


def guard(verbs: str, resources: str, *names: str) -> Manifest:
    """Return a rule about roles and bindings."""
    return rule(verbs, resources, (RBAC,), names)


def role(name: str, *rules: Manifest, namespace: str = "", labels: str = "", aggregates: Any = None) -> Manifest:
    """Return a Role in the namespace, or a ClusterRole; `labels` are keys, each with the value ``true``."""
    metadata = {"name": name, "labels": dict.fromkeys(labels.split(), "true")}
    if namespace:
        return _written("Role", {**metadata, "namespace": namespace}, rules=list(rules))
    found = _written("ClusterRole", metadata, rules=list(rules))
    return found if aggregates is None else {**found, "aggregationRule": {"clusterRoleSelectors": aggregates}}


def bind(reference: str, *subjects: str, namespace: str = "", name: str = "binding") -> Manifest:
    """Return a binding to ``kind/name`` in the namespace, or of the whole cluster."""
    kind, _, bound = reference.partition("/")
    fields = {
        "roleRef": {"apiGroup": RBAC, "kind": kind, "name": bound},
        "subjects": [_subject(*each.split("/")) for each in subjects],
    }
    if namespace:
        return _written("RoleBinding", {"name": name, "namespace": namespace}, **fields)
    return _written("ClusterRoleBinding", {"name": name}, **fields)


def account(namespace: str, name: str) -> Manifest:
    """Return a ServiceAccount."""
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"namespace": namespace, "name": name}}


def _subject(kind: str, name: str, namespace: str = "") -> Manifest:
    found = {"kind": kind, "name": name}
    return {**found, "namespace": namespace} if namespace else found


def _written(kind: str, metadata: Manifest, **fields: Any) -> Manifest:
    return {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": metadata, **fields}
