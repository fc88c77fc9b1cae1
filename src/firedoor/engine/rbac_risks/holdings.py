"""Who holds which permissions, and from which grants."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from firedoor.engine.rbac.matching import ALL
from firedoor.engine.rbac_risks.subjects import identity, implied_groups
from firedoor.model.rbac import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.engine.rbac.authorizer import Authorizer
    from firedoor.engine.rbac.bindings import Bindings
    from firedoor.engine.rbac_risks.permission import Hit, Permission
    from firedoor.model.access import Grant
    from firedoor.model.rbac import PolicyRule


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A grant that gives a permission, and what of it; each is itself alone."""

    permission: Permission
    grant: Grant
    hit: Hit


Pool = dict["Permission", list[Held]]


class Holdings:
    """The permissions of every subject that a binding names."""

    def __init__(self, authorizer: Authorizer, permissions: Iterable[Permission]) -> None:
        """Look through all bindings for some permissions."""
        self._permissions = tuple(dict.fromkeys(permissions))
        self._of_verb: dict[str, list[Permission]] = {}
        self._hits: dict[PolicyRule, list[tuple[Permission, Hit]]] = {}
        self._own: dict[Subject, Pool] = {}
        for scope in (authorizer.cluster, *authorizer.local.values()):
            for number in range(len(scope.all)):
                self._add(authorizer, scope, number)

    @property
    def subjects(self) -> Iterable[Subject]:
        """All subjects that hold any of the permissions."""
        return self._own.keys()

    def own(self, subject: Subject) -> Pool:
        """Return what bindings give to a subject by its name."""
        return self._own.get(subject, {})

    def inherited(self, subject: Subject) -> Pool:
        """Return what bindings give to the groups that a subject is always in."""
        found: Pool = defaultdict(list)
        for group in implied_groups(subject):
            for permission, helds in self.own(Subject("Group", group)).items():
                found[permission] += helds
        return found

    def _add(self, authorizer: Authorizer, scope: Bindings, number: int) -> None:
        binding = scope.all[number]
        rules = [(held, hits) for held in authorizer.rules_of(binding) if (hits := self._hits_of(held[0]))]
        if not rules:
            return
        for full, written in scope.subjects(number).items():
            pool = self._own.setdefault(identity(full), defaultdict(list))
            for held, hits in rules:
                grant = authorizer.grant(binding, written, held)
                for permission, hit in hits:
                    if _has_effect(permission, scope.namespace):
                        pool[permission].append(Held(permission, grant, hit))

    def _hits_of(self, rule: PolicyRule) -> list[tuple[Permission, Hit]]:
        found = self._hits.get(rule)
        if found is None:
            found = self._hits[rule] = list(self._search(rule))
        return found

    def _search(self, rule: PolicyRule) -> Iterator[tuple[Permission, Hit]]:
        for permission in self._candidates(rule):
            hit = permission.hit(rule)
            if hit is not None:
                yield permission, hit

    def _candidates(self, rule: PolicyRule) -> Iterable[Permission]:
        if ALL in rule.verbs:
            return self._permissions
        return dict.fromkeys(chain.from_iterable(map(self._by_verb, rule.verbs)))

    def _by_verb(self, verb: str) -> list[Permission]:
        """Return the permissions that a verb may be enough for."""
        found = self._of_verb.get(verb)
        if found is None:
            found = self._of_verb[verb] = [each for each in self._permissions if each.is_about(verb)]
        return found


def _has_effect(permission: Permission, namespace: str) -> bool:
    return not namespace or (not permission.is_clustered and permission.home in {"", namespace})
