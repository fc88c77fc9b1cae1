"""Generated roles and bindings as the product's decoder takes them, and its answers in the words of the reference."""

from __future__ import annotations

from typing import Any

import msgspec

from firedoor.adapters.manifests.nulls import without_nulls
from firedoor.model.access import AccessRequest, Grant, User
from firedoor.model.assembly import SnapshotBuilder
from firedoor.model.decoding import decode
from firedoor.model.places import NOWHERE, ObjectRef
from firedoor.model.rbac import PolicyRule, Role, RoleBinding, Subject
from firedoor.model.snapshot import Origin, Snapshot
from tests.reference import rbac as reference
from tests.reference.manifests import Manifest, name_of

Key = tuple[ObjectRef, ObjectRef, PolicyRule, str]
"""What a grant is known by: binding, role, rule and namespace."""


def object_of(manifest: Manifest) -> Any:
    """Return the model object of a manifest."""
    return decode(without_nulls(manifest), NOWHERE, "default")


def snapshot_of(cluster: list[Manifest], kind: str = "cluster") -> Snapshot:
    """Return the snapshot of the objects, as if a whole cluster had been read."""
    builder = SnapshotBuilder()
    for manifest in cluster:
        builder.add(object_of(manifest))
    return builder.build(Origin(kind))


def role_of(manifest: Manifest) -> Role:
    """Return the model object of a role."""
    found = object_of(manifest)
    assert isinstance(found, Role)
    return found


def binding_of(manifest: Manifest) -> RoleBinding:
    """Return the model object of a binding."""
    found = object_of(manifest)
    assert isinstance(found, RoleBinding)
    return found


def rule_of(manifest: Manifest) -> PolicyRule:
    """Return the model object of a rule."""
    return msgspec.convert(without_nulls(manifest), PolicyRule)


def rules_of(manifests: list[Manifest]) -> tuple[PolicyRule, ...]:
    """Return the model objects of rules."""
    return tuple(map(rule_of, manifests))


def subject_of(manifest: Manifest) -> Subject:
    """Return the model object of a subject."""
    return msgspec.convert(without_nulls(manifest), Subject)


def written(rule: PolicyRule) -> Manifest:
    """Return a rule as a manifest has it."""
    found = msgspec.to_builtins(rule)
    assert isinstance(found, dict)
    return found


def user_of(user: reference.User) -> User:
    """Return what the product calls a user of the reference."""
    return User(user.name, user.groups)


def request_of(request: reference.Request) -> AccessRequest:
    """Return what the product calls a request of the reference."""
    return AccessRequest(
        request.verb,
        request.resource,
        request.subresource,
        request.group,
        request.name,
        request.namespace,
        request.path,
    )


def ref_of(manifest: Manifest) -> ObjectRef:
    """Return kind, namespace and name of a role or binding."""
    return ObjectRef(manifest["kind"], reference.namespace_in(manifest), name_of(manifest))


def key_of(grant: Grant) -> Key:
    """Return what a grant of the product is known by."""
    return grant.binding, grant.role, grant.rule, grant.namespace


def keys_of(found: list[reference.Granted]) -> set[Key]:
    """Return what the grants of the reference are known by."""
    return {(ref_of(each.binding), ref_of(each.role), rule_of(each.rule), each.namespace) for each in found}


def holder_name(subject: Subject) -> str:
    """Return kind and name of a holder as the reference does."""
    return reference.holder_name({"kind": subject.kind, "name": subject.name}, subject.namespace)
