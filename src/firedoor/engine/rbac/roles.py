"""The roles of a snapshot by name, and the rules that each has once aggregation is done."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from firedoor.model.default_roles import default_roles
from firedoor.model.places import ObjectRef
from firedoor.model.selector_parsing import read_selector
from firedoor.model.server_version import minor_version
from firedoor.model.untyped import Reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.model.labels import LabelSelector
    from firedoor.model.places import Place
    from firedoor.model.rbac import PolicyRule, Role
    from firedoor.model.snapshot import Snapshot

CLUSTER_ROLE = "ClusterRole"


HeldRule = tuple["PolicyRule", str, ObjectRef | None]
"""A rule of a role, its path, and the role that this path is in if an aggregation rule took it from another."""


class Roles:
    """
    The Roles and ClusterRoles of a snapshot, and those that every API server makes.

    Where only files were read, the roles that API servers make at start (``cluster-admin``,
    ``edit``, ``system:...``) count as they make them, unless they are among the files.

    An aggregating ClusterRole has the rules that the controller gives it in the end:
    those of all ClusterRoles that its selectors match, theirs aggregated in turn. What
    it says in ``rules`` itself is overwritten. One that an API server has served has
    them already, and they are what counts there.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        """Index the roles; rules are gathered when they are asked for."""
        origin = snapshot.origin
        made = () if origin.is_whole else default_roles(minor_version(origin.server_version or origin.meant_for))
        self._roles = {
            _key(each.kind, each.metadata.namespace, each.metadata.name): each for each in (*made, *snapshot.roles)
        }
        self._by_label: dict[tuple[str, str], list[Role]] = defaultdict(list)
        self._cluster = sorted(
            (role for (kind, _, _), role in self._roles.items() if kind == CLUSTER_ROLE),
            key=lambda each: each.metadata.name,
        )
        for role in self._cluster:
            for label in role.metadata.labels.items():
                self._by_label[label].append(role)
        self._rules: dict[tuple[str, str, str], tuple[Role, tuple[HeldRule, ...]]] = {}
        self._selectors: dict[str, tuple[Role, tuple[LabelSelector, ...] | None]] = {}

    @property
    def all(self) -> Iterable[Role]:
        """All roles, those that API servers make first."""
        return self._roles.values()

    def get(self, kind: str, namespace: str, name: str) -> Role | None:
        """Return a role by its name; `namespace` says nothing where a ClusterRole is meant."""
        return self._roles.get(_key(kind, namespace, name))

    def place_of(self, ref: ObjectRef) -> Place:
        """Return where a role that exists was read."""
        return self._roles[_key(ref.kind, ref.namespace, ref.name)].place

    def rules(self, role: Role) -> tuple[HeldRule, ...]:
        """Return the rules of a role in order; of an aggregating one each rule once, as the controller writes them."""
        key = _key(role.kind, role.metadata.namespace, role.metadata.name)
        known = self._rules.get(key)
        if known is None or known[0] is not role:
            # The role asked about may be one that is only proposed, under the name of another.
            known = self._rules[key] = (role, tuple(self._gathered(role) if gathers(role) else _own(role, None)))
        return known[1]

    def is_sound(self, role: Role) -> bool:
        """Return whether the API accepts all selectors that decide about the rules of an aggregating role."""
        seen = {role.metadata.name}
        pending = [role]
        while pending:
            each = pending.pop()
            if self._read(each) is None:
                return False
            below = [found for found in self._selected(each) if gathers(found) and found.metadata.name not in seen]
            seen.update(found.metadata.name for found in below)
            pending += below
        return True

    def aggregated(self, role: Role) -> Iterator[Role]:
        """Yield once each other role that the selectors of an aggregation rule match, wherever the rules come from."""
        seen = {role.metadata.name}
        for each in self._selected(role) if aggregates(role) else ():
            if each.metadata.name not in seen:
                seen.add(each.metadata.name)
                yield each

    def _gathered(self, role: Role) -> Iterator[HeldRule]:
        known: set[PolicyRule] = set()
        for each in self._walk(role, {role.metadata.name}):
            if each[0] not in known:
                known.add(each[0])
                yield each

    def _walk(self, role: Role, seen: set[str]) -> Iterator[HeldRule]:
        """Yield the rules of the roles below; an aggregating role met again has nothing to add."""
        stack = [self._selected(role)]
        while stack:
            each = next(stack[-1], None)
            if each is None:
                stack.pop()
            elif not gathers(each):
                yield from _own(each, ObjectRef(each.kind, "", each.metadata.name))
            elif each.metadata.name not in seen:
                seen.add(each.metadata.name)
                stack.append(self._selected(each))

    def _selected(self, role: Role) -> Iterator[Role]:
        for selector in self._read(role) or ():
            pool = self._cluster
            for label in selector.match_labels.items():
                pool = min(pool, self._by_label.get(label, []), key=len)
            yield from (each for each in pool if selector.matches(each.metadata.labels))

    def _read(self, role: Role) -> tuple[LabelSelector, ...] | None:
        """Return the selectors of an aggregation rule; None where the API accepts one of them not."""
        name = role.metadata.name
        known = self._selectors.get(name)
        if known is None or known[0] is not role:
            reader = Reader()
            found = [read_selector(reader, {"": each}, "", "") for each in role.aggregates]
            sound = None if reader.faults else tuple(each for each in found if each is not None)
            known = self._selectors[name] = (role, sound)
        return known[1]


def aggregates(role: Role) -> bool:
    """Return whether a role has the rules of others (``aggregationRule``), which only a ClusterRole can."""
    return role.kind == CLUSTER_ROLE and bool(role.aggregates)


def gathers(role: Role) -> bool:
    """Return whether a role still has to be given the rules of others: no API server has seen it (no ``uid``)."""
    return aggregates(role) and not role.metadata.uid


def _key(kind: str, namespace: str, name: str) -> tuple[str, str, str]:
    return (kind, "" if kind == CLUSTER_ROLE else namespace, name)


def _own(role: Role, source: ObjectRef | None) -> Iterator[HeldRule]:
    return ((rule, f"rules[{position}]", source) for position, rule in enumerate(role.rules))
