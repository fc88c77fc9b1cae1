"""Who may do what now and could not before, and the reverse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.engine.rbac_diff import compare
from firedoor.errors import NothingInScopeError
from firedoor.usecases.resource_names import is_cluster_scoped, is_without_namespace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.access_difference import AccessDifference
    from firedoor.model.places import Gap, ObjectRef
    from firedoor.model.rbac import PolicyRule
    from firedoor.model.snapshot import Snapshot


def rbac_diff(snapshots: tuple[Snapshot, Snapshot], names: tuple[str, str], namespace: str = "") -> AccessDifference:
    """
    Return what changed in who may do what, from the first snapshot to the second.

    With `namespace` only what is given in it, and what its service accounts have. Raises
    ``NothingInScopeError`` when neither snapshot holds a role or a binding and nothing hides
    one, or neither has anything of the namespace.
    """
    old, new = (Authorizer(each) for each in snapshots)
    found = compare(old, new, names, _is_asked_inside)
    has_objects = [bool(each.roles or each.role_bindings) for each in snapshots]
    if not any((*has_objects, found.old_gaps, found.new_gaps)):
        raise NothingInScopeError(
            f"no role or binding was found in {names[0]} or {names[1]}",
            remedy="check the paths, or the contexts of the clusters",
        )
    notes = tuple(
        f"no role or binding was found in {name}" for name, has in zip(names, has_objects, strict=True) if not has
    )
    found = replace(found, notes=(*notes, *found.notes))
    if not namespace:
        return found
    if not any(namespace in _namespaces(each) for each in snapshots):
        raise NothingInScopeError(
            f"nothing of roles and bindings was found in namespace {namespace} of {names[0]} or {names[1]}",
            remedy="check the name with `kubectl get namespaces`",
        )
    return _within(found, namespace)


def _within(found: AccessDifference, namespace: str) -> AccessDifference:
    """Return what is given in a namespace, and what its service accounts have."""
    return replace(
        found,
        changes=tuple(each for each in found.changes if namespace in {each.namespace, each.subject.namespace}),
        doubts=tuple(each for each in found.doubts if namespace in {each.namespace, each.subject.namespace}),
        bindings=tuple(each for each in found.bindings if each.binding.namespace == namespace),
        without_effect=tuple(each for each in found.without_effect if each.object.namespace == namespace),
        old_gaps=_gaps(found.old_gaps, namespace),
        new_gaps=_gaps(found.new_gaps, namespace),
    )


def _gaps(gaps: tuple[Gap, ...], namespace: str) -> tuple[Gap, ...]:
    return tuple(each for each in gaps if _may_be_in(each.object, namespace))


def _may_be_in(hidden: ObjectRef | None, namespace: str) -> bool:
    return hidden is None or hidden.namespace in {"", namespace}


def _namespaces(snapshot: Snapshot) -> Iterator[str]:
    """Yield the namespaces that a snapshot tells of, and those that may be in what it could not read."""
    yield from snapshot.namespace_labels()
    for objects in (snapshot.roles, snapshot.role_bindings, snapshot.service_accounts):
        yield from (each.metadata.namespace for each in objects)
    for binding in snapshot.role_bindings:
        yield from (each.namespace for each in binding.subjects)
    yield from (each.object.namespace for each in snapshot.gaps if each.object is not None)


def _is_asked_inside(atom: PolicyRule) -> bool:
    """Return whether a rule of one verb and one resource is about something that requests have a namespace for."""
    (verb,), (group,), (resource,) = atom.verbs, atom.api_groups, atom.resources
    return not (is_cluster_scoped(group, resource) or is_without_namespace(verb, group, resource))
