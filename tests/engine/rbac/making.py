"""Roles, bindings and snapshots in few words, for tests."""

from __future__ import annotations

from typing import Any

from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.model.metadata import ObjectMeta
from firedoor.model.places import Place
from firedoor.model.rbac import PolicyRule, Role, RoleBinding, RoleRef, Subject
from firedoor.model.snapshot import Origin, Snapshot

RBAC = "rbac.authorization.k8s.io"
LIVE = Origin("cluster", ("https://example",), "2026-01-01T00:00:00Z", "v1.34.2")


def rule(verbs: str, resources: str, group: str = "", names: str = "") -> PolicyRule:
    return PolicyRule(tuple(verbs.split()), (group,), tuple(resources.split()), tuple(names.split()))


def urls(verbs: str, *paths: str) -> PolicyRule:
    return PolicyRule(tuple(verbs.split()), non_resource_urls=paths)


def role(name: str, *rules: PolicyRule) -> Role:
    """A Role if the name has a namespace, else a ClusterRole."""
    namespace, _, own = name.rpartition("/")
    kind = "Role" if namespace else "ClusterRole"
    return Role(kind, ObjectMeta(own, namespace), rules, place=Place(f"{own}.yaml", 7, 1, {"rules[0]": 9}))


def gathering(name: str, *selectors: dict[str, Any], labels: dict[str, str] | None = None, rules: Any = ()) -> Role:
    return Role("ClusterRole", ObjectMeta(name, labels=labels or {}), tuple(rules), selectors)


def labelled(name: str, labels: dict[str, str], *rules: PolicyRule) -> Role:
    return Role("ClusterRole", ObjectMeta(name, labels=labels), rules)


def subject(text: str) -> Subject:
    """Kind:name, or Kind:namespace/name."""
    kind, _, name = text.partition(":")
    kind = {"sa": "ServiceAccount", "user": "User", "group": "Group"}.get(kind, kind)
    namespace, _, own = name.rpartition("/") if kind == "ServiceAccount" else ("", "", name)
    return Subject(kind, own, namespace)


def binding(name: str, of: str, *subjects: str, kind: str = "ClusterRole") -> RoleBinding:
    """A RoleBinding if the name has a namespace, else a ClusterRoleBinding."""
    namespace, _, own = name.rpartition("/")
    found = tuple(subject(each) for each in subjects)
    kind_of = "RoleBinding" if namespace else "ClusterRoleBinding"
    place = Place(f"{own}.yaml", 3, 1)
    return RoleBinding(kind_of, ObjectMeta(own, namespace), RoleRef(kind, of), found, place)


def authorizer(*objects: Role | RoleBinding, origin: Origin = LIVE, **others: Any) -> Authorizer:
    return Authorizer(
        Snapshot(
            origin=origin,
            roles=tuple(each for each in objects if isinstance(each, Role)),
            role_bindings=tuple(each for each in objects if isinstance(each, RoleBinding)),
            **others,
        )
    )
