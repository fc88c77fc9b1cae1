"""The rules of all roles by the requests that they permit."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from firedoor.engine.rbac.matching import ALL, allows_some
from firedoor.engine.rbac.roles import CLUSTER_ROLE

if TYPE_CHECKING:
    from firedoor.engine.rbac.roles import HeldRule, Roles
    from firedoor.model.access import AccessRequest


RoleName = tuple[str, str]
"""Kind and name of a role."""


class _Entry(NamedTuple):
    """One rule of one role; `order` is that of all rules, `home` the namespace of a Role."""

    order: int
    home: str
    role: RoleName
    held: HeldRule


class RuleIndex:
    """Finds the roles that permit a request without asking every rule of every role."""

    def __init__(self, roles: Roles) -> None:
        """File every rule under its verbs."""
        self._by_verb: dict[str, list[_Entry]] = defaultdict(list)
        self._known: dict[AccessRequest, dict[str, dict[RoleName, list[HeldRule]]]] = {}
        order = 0
        for role in roles.all:
            name = (role.kind, role.metadata.name)
            home = "" if role.kind == CLUSTER_ROLE else role.metadata.namespace
            for held in roles.rules(role):
                verbs = held[0].verbs
                for verb in (ALL,) if ALL in verbs else dict.fromkeys(verbs):
                    self._by_verb[verb].append(_Entry(order, home, name, held))
                order += 1

    def matching(self, request: AccessRequest) -> dict[str, dict[RoleName, list[HeldRule]]]:
        """
        Return the rules that permit a request for some object, whatever its name, in the order of the roles.

        They come by the namespace of their role, empty for ClusterRoles, and by role.
        """
        key = replace(request, name="", namespace="")
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = {}
            everything = self._by_verb.get(ALL, ()) if request.verb != ALL else ()
            for each in sorted((*self._by_verb.get(request.verb, ()), *everything), key=_order):
                if allows_some(each.held[0], key, None):
                    found.setdefault(each.home, {}).setdefault(each.role, []).append(each.held)
        return found


def _order(entry: _Entry) -> int:
    return entry.order
