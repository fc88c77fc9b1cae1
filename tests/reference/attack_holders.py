"""
The reference of what somebody may do who holds the name of a user, a group, a service account, or a role.

The rights of a group lead on from the group, where each is enough by itself; of several
that are needed together, the holder may have some from his groups.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from tests.reference.attack_things import Scene, Thing
from tests.reference.manifests import Manifest, items, strings
from tests.reference.rbac import (
    ACCOUNT,
    Granted,
    Request,
    bindings,
    namespace_in,
    role_of,
    rule_allows,
    rules_of,
    subject_is,
    user,
)

AUTHENTICATED, UNAUTHENTICATED = "system:authenticated", "system:unauthenticated"
ACCOUNTS = "system:serviceaccounts"
NOBODY: Thing = ("user", "system:anonymous")


@dataclass(frozen=True)
class Holder:
    """Somebody with the rights that are his own, or also those of the groups that he is in for what he is."""

    scene: Scene
    who: Thing
    is_joint: bool = False

    def may(self, request: Request) -> bool:
        """Return whether some rule that counts permits a request."""
        return any(rule_allows(each.rule, request) for each in self.granted(request.namespace))

    def may_any(self, verbs: tuple[str, ...], *requests: Request) -> bool:
        """Return whether any of the verbs is permitted for any of the requests."""
        return any(
            self.may(Request(verb, each.resource, each.subresource, each.group, each.name, each.namespace))
            for verb, each in product(verbs, requests)
        )

    def named(self, resource: str, subresource: str = "", group: str = "", namespace: str = "") -> list[Request]:
        """Return requests for all names that may make a difference."""
        return [Request("", resource, subresource, group, name, namespace) for name in self.scene.names]

    def granted(self, namespace: str) -> list[Granted]:
        """
        Return the rules that count in a namespace.

        Where a role permits everything, its other rules are of no use.
        """
        rules = [*self._at(""), *(self._at(namespace) if namespace else ())]
        return [each for each in rules if not any(_is_all(other) for other in items(each.role, "rules"))]

    def holds_all(self, namespace: str) -> bool:
        """Return whether a rule that is bound in a namespace (empty: in the whole cluster) permits everything there."""
        return any(_is_all(each.rule) for each in self._at(namespace))

    @cached_property
    def bound(self) -> list[tuple[str, Manifest]]:
        """The roles that he has, each with the namespace that it is bound in."""
        if self.who[0] == "role":
            _, kind, name, home = self.who
            own = {"metadata": {"namespace": home}, "kind": "RoleBinding", "roleRef": {"kind": kind, "name": name}}
            found = [(home, role_of(self.scene.cluster, own))]
        else:
            found = [
                (namespace_in(binding), role_of(self.scene.cluster, binding))
                for binding in bindings(self.scene.cluster)
                if any(self._is_meant(subject, namespace_in(binding)) for subject in items(binding, "subjects"))
            ]
        return [(home, role) for home, role in found if role is not None]

    def _is_meant(self, subject: Manifest, home: str) -> bool:
        names = [self.who[1]] if self.who[0] == "group" else []
        if self.is_joint:
            names += implied(self.who)
        if subject["kind"] == "Group":
            return subject["name"] in names
        name = f"{ACCOUNT}{self.who[1]}:{self.who[2]}" if self.who[0] == "account" else self.who[1]
        return self.who[0] != "group" and subject_is(subject, user(name), home)

    def _at(self, namespace: str) -> list[Granted]:
        if namespace not in self._known:
            self._known[namespace] = [
                Granted({}, role, rule, home)
                for home, role in self.bound
                for rule in (rules_of(self.scene.cluster, role) if home == namespace else ())
            ]
        return self._known[namespace]

    @cached_property
    def _known(self) -> dict[str, list[Granted]]:
        return {}


def implied(who: Thing) -> Iterator[str]:
    """Yield the groups that somebody is in for what he is."""
    if who[0] == "account":
        yield from (AUTHENTICATED, ACCOUNTS, f"{ACCOUNTS}:{who[1]}")
    elif who == NOBODY:
        yield UNAUTHENTICATED
    elif who[0] in {"user", "group"} and who[1] not in {AUTHENTICATED, UNAUTHENTICATED}:
        yield AUTHENTICATED
        if who[1].startswith(f"{ACCOUNTS}:") and who[0] == "group":
            yield ACCOUNTS


def _is_all(rule: Manifest) -> bool:
    parts = [strings(rule, each) for each in ("verbs", "apiGroups", "resources")]
    return all("*" in part for part in parts) and not strings(rule, "resourceNames")
