"""Rules as roles and bindings, with names that depend on the subject alone."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from firedoor.engine.rbac.bindings import CLUSTER_BINDING
from firedoor.engine.rbac.roles import CLUSTER_ROLE
from firedoor.engine.rbac_least.least import CLUSTER
from firedoor.model.metadata import ObjectMeta
from firedoor.model.rbac import Role, RoleBinding, RoleRef, Subject
from firedoor.model.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from firedoor.model.access import User
    from firedoor.model.rbac import PolicyRule

_UNSAFE = re.compile(r"[^A-Za-z0-9.:@_-]")
_MOST_LETTERS = 200
_PREFIXES = {"ServiceAccount": "sa", "Group": "group"}


def subject_of(user: User) -> Subject:
    """Return the subject that bindings name a user by."""
    account = user.service_account
    return Subject("User", user.name) if account is None else Subject("ServiceAccount", account[1], account[0])


def object_name(subject: Subject) -> str:
    """Return a name for the roles and bindings of a subject, such as ``least:sa:shop:web``; never that of another."""
    kind = _PREFIXES.get(subject.kind, "user")
    text = ":".join(each for each in ("least", kind, subject.namespace, subject.name) if each)
    safe = _UNSAFE.sub("_", text)[:_MOST_LETTERS]
    return safe if safe == text else f"{safe}:{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def generated(subject: Subject, rules: Mapping[str, tuple[PolicyRule, ...]]) -> tuple[list[Role], list[RoleBinding]]:
    """Return a role and a binding for each namespace that has rules; ClusterRole and ClusterRoleBinding for all."""
    roles: list[Role] = []
    bindings: list[RoleBinding] = []
    name = object_name(subject)
    for namespace, found in rules.items():
        is_cluster = namespace == CLUSTER
        kind = CLUSTER_ROLE if is_cluster else "Role"
        meta = ObjectMeta(name=name, namespace=namespace)
        roles.append(Role(kind, meta, found))
        binding = CLUSTER_BINDING if is_cluster else "RoleBinding"
        bindings.append(RoleBinding(binding, meta, RoleRef(kind, name), (subject,)))
    return roles, bindings


def as_snapshot(roles: list[Role], bindings: list[RoleBinding]) -> Snapshot:
    """Return a cluster that has these roles and bindings and no others."""
    return Snapshot(roles=tuple(roles), role_bindings=tuple(bindings))
