"""Bindings by whom they are for."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from firedoor.engine.rbac.matching import in_full, user_name
from firedoor.engine.rbac.roles import CLUSTER_ROLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.model.access import User
    from firedoor.model.rbac import RoleBinding, Subject

_Places = dict[str, list[tuple[int, int]]]
"""The numbers of bindings that name somebody, each with the place of the subject among its subjects."""

CLUSTER_BINDING = "ClusterRoleBinding"


class Bindings:
    """The bindings of one namespace, or those for the whole cluster, in their order."""

    def __init__(self, bindings: Sequence[RoleBinding], namespace: str) -> None:
        """Index the bindings by the users and the groups that they name; `namespace` is empty for the cluster."""
        self.all = bindings
        self.namespace = namespace
        users: _Places = defaultdict(list)
        groups: _Places = defaultdict(list)
        for number, binding in enumerate(bindings):
            for place, subject in enumerate(binding.subjects):
                name = user_name(subject, namespace)
                if name is not None:
                    users[name].append((number, place))
                elif subject.kind == "Group":
                    groups[subject.name].append((number, place))
        self._users, self._groups = dict(users), dict(groups)

    def of(self, user: User) -> list[tuple[RoleBinding, Subject]]:
        """Return the bindings that are for a user, in order, each with the first of its subjects that matches."""
        found = list(self._users.get(user.name, ()))
        for group in user.groups:
            found += self._groups.get(group, ())
        firsts: dict[int, int] = {}
        for number, place in sorted(found):
            firsts.setdefault(number, place)
        return [(self.all[number], self.all[number].subjects[place]) for number, place in firsts.items()]

    @cached_property
    def by_role(self) -> dict[tuple[str, str], list[int]]:
        """The numbers of the bindings to each role, by its kind and name."""
        found: dict[tuple[str, str], list[int]] = {}
        for number, binding in enumerate(self.all):
            if self.namespace or binding.role.kind == CLUSTER_ROLE:
                found.setdefault((binding.role.kind, binding.role.name), []).append(number)
        return found

    def subjects(self, number: int) -> dict[Subject, Subject]:
        """Return whom a binding is for, each with its namespace in full, and as the binding has it first."""
        found: dict[Subject, Subject] = {}
        for each in self.all[number].subjects:
            if each.kind == "Group" or user_name(each, self.namespace) is not None:
                found.setdefault(in_full(each, self.namespace), each)
        return found

    def names_of(self, kind: str, name: str) -> frozenset[str]:
        """Return the names of the bindings to a role."""
        return frozenset(self.all[number].metadata.name for number in self.by_role.get((kind, name), ()))
