"""What could not be read of roles and bindings, and which answers it leaves open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.rbac.roles import CLUSTER_ROLE, gathers
from firedoor.model.places import Gap, GapKind, ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.engine.rbac.roles import Roles
    from firedoor.model.rbac import RoleBinding
    from firedoor.model.snapshot import Snapshot

_HIDING = frozenset({GapKind.REJECTED, GapKind.UNREADABLE, GapKind.TEMPLATE, GapKind.FORBIDDEN})
_KINDS = {
    "roles": "Role",
    "clusterroles": CLUSTER_ROLE,
    "rolebindings": "RoleBinding",
    "clusterrolebindings": "ClusterRoleBinding",
}
_GROUP = "/apis/rbac.authorization.k8s.io"
_ANY = ""


class Unread:
    """The gaps of a snapshot that may hide a role or a binding."""

    def __init__(self, snapshot: Snapshot, roles: Roles) -> None:
        """Sort the gaps by what they may hide."""
        self._roles = roles
        self._is_whole = snapshot.origin.is_whole
        self._hidden: dict[str, list[tuple[ObjectRef, Gap]]] = {}
        for gap in snapshot.gaps:
            ref = _hidden(gap, is_whole=self._is_whole)
            if ref is not None:
                self._hidden.setdefault(ref.kind, []).append((ref, gap))

    def leaves_open(self, namespace: str, applying: Iterable[RoleBinding]) -> tuple[Gap, ...]:
        """
        Return the gaps that may hide a permission for requests in a namespace, empty for those in none.

        `applying` are the bindings that are known to be for those who ask.
        """
        found = [gap for kind in (_ANY, "ClusterRoleBinding") for _, gap in self._hidden.get(kind, ())]
        if namespace:
            found += [gap for ref, gap in self._hidden.get("RoleBinding", ()) if ref.namespace in {"", namespace}]
        for binding in applying:
            found += self._of_role(binding)
        return tuple(dict.fromkeys(found))

    def _of_role(self, binding: RoleBinding) -> Iterator[Gap]:
        kind, namespace, name = binding.role.kind, binding.metadata.namespace, binding.role.name
        if kind == "Role" and not namespace:
            return
        role = self._roles.get(kind, namespace, name)
        is_gathered = role is not None and gathers(role)
        for ref, gap in self._hidden.get(kind, ()):
            is_it = is_gathered or ref.name == name or (not ref.name and role is None)
            if is_it and (kind == CLUSTER_ROLE or ref.namespace in {"", namespace}):
                yield gap
        if role is None and not self._is_whole and kind in {"Role", CLUSTER_ROLE}:
            yield _missing(binding)
        elif is_gathered and role is not None and not self._roles.is_sound(role):
            yield _unsound(binding)


def _hidden(gap: Gap, *, is_whole: bool) -> ObjectRef | None:
    """Return what a gap may hide: an object, all of a kind (no name), or anything (no kind); None for other things."""
    if gap.kind not in _HIDING:
        return None
    if gap.object is not None:
        return gap.object if gap.object.kind in _KINDS.values() else None
    if not is_whole:
        return ObjectRef(_ANY, "", "")
    # The path of a list: /apis/GROUP/VERSION/namespaces/NAME/PLURAL, or without the namespace.
    parts = gap.source.partition(" ")[0].split("/")
    kind = _KINDS.get(parts[-1])
    if kind is None or not gap.source.startswith(_GROUP):
        return None
    return ObjectRef(kind, parts[-2] if "namespaces" in parts else "", "")


def _missing(binding: RoleBinding) -> Gap:
    ref = _reference(binding)
    role = binding.role
    return Gap(
        GapKind.INCOMPLETE,
        binding.place.at("roleRef"),
        f"{ref}: roleRef: there is no {role.kind} {role.name} among the objects, so that what is granted is unknown",
        f"add the {role.kind} to what is read, or correct the name",
        ref,
        path="roleRef",
    )


def _unsound(binding: RoleBinding) -> Gap:
    ref = _reference(binding)
    return Gap(
        GapKind.INCOMPLETE,
        binding.place.at("roleRef"),
        f"{ref}: roleRef: the API refuses a selector in the aggregation rule of ClusterRole {binding.role.name}, "
        "so that what is granted is unknown",
        "correct aggregationRule.clusterRoleSelectors of that role",
        ref,
        path="roleRef",
    )


def _reference(binding: RoleBinding) -> ObjectRef:
    return ObjectRef(binding.kind, binding.metadata.namespace, binding.metadata.name)
