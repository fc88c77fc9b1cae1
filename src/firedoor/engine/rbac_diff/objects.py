"""Roles and bindings that are not the same in two states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.rbac.roles import CLUSTER_ROLE
from firedoor.engine.rbac_risks.risk import ref_of
from firedoor.model.access_difference import BindingChange, ObjectChange
from firedoor.model.places import ObjectRef
from firedoor.model.rbac import Role, RoleBinding

if TYPE_CHECKING:
    from firedoor.engine.rbac.authorizer import Authorizer
    from firedoor.model.snapshot import Snapshot


def object_changes(old: Snapshot, new: Snapshot) -> list[ObjectChange]:
    """Return the roles and bindings that were added or removed, or that say something else than before, sorted."""
    before, after = _objects(old), _objects(new)
    found = [
        ObjectChange("added" if ref not in before else "changed", ref, each.place)
        for ref, each in after.items()
        if ref not in before or _says(before[ref]) != _says(each)
    ]
    found += [ObjectChange("removed", ref, each.place) for ref, each in before.items() if ref not in after]
    return sorted(found, key=lambda each: (each.change, each.object))


def binding_changes(old: Authorizer, new: Authorizer) -> tuple[BindingChange, ...]:
    """Return the bindings of both states whose role exists in one of them alone, sorted."""
    dangling = {ref_of(each) for each in old.dangling}, {ref_of(each) for each in new.dangling}
    before = {ref_of(each) for each in old.snapshot.role_bindings}
    found = [
        BindingChange(ref, role_ref(each), ref not in dangling[1], each.place)
        for each in new.snapshot.role_bindings
        if (ref := ref_of(each)) in before and (ref in dangling[0]) != (ref in dangling[1])
    ]
    return tuple(sorted(found, key=lambda each: each.binding))


def _objects(snapshot: Snapshot) -> dict[ObjectRef, Role | RoleBinding]:
    found: dict[ObjectRef, Role | RoleBinding] = {ref_of(each): each for each in snapshot.roles}
    return found | {ref_of(each): each for each in snapshot.role_bindings}


def role_ref(binding: RoleBinding) -> ObjectRef:
    """Return the role that a binding refers to, whether it exists or not."""
    namespace = "" if binding.role.kind == CLUSTER_ROLE else binding.metadata.namespace
    return ObjectRef(binding.role.kind, namespace, binding.role.name)


def _says(each: Role | RoleBinding) -> tuple[object, object]:
    return (each.rules, each.aggregates) if isinstance(each, Role) else (each.role, each.subjects)
