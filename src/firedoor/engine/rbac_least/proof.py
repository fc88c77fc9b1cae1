"""Generated roles put before the authorizer: are they enough, and is each part of them needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.engine.rbac.matching import rule_allows
from firedoor.engine.rbac_least.objects import as_snapshot
from firedoor.model.least_access import LeastProof

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firedoor.model.access import AccessRequest, User
    from firedoor.model.rbac import PolicyRule, Role, RoleBinding

_LISTS = ("verbs", "api_groups", "resources", "resource_names", "non_resource_urls")

Asked = tuple["User", "AccessRequest"]


def prove(roles: list[Role], bindings: list[RoleBinding], asked: Sequence[Asked]) -> LeastProof:
    """Return how many requests the roles allow, and how many of their parts cannot be taken away."""
    authorizer = Authorizer(as_snapshot(roles, bindings))
    allowed = sum(authorizer.decide(user, request).allowed for user, request in asked)
    by_namespace: dict[str, list[Asked]] = {}
    for each in asked:
        by_namespace.setdefault(each[1].namespace, []).append(each)
    parts = needed = 0
    for number, role in enumerate(roles):
        home = role.metadata.namespace
        within = by_namespace.get(home, []) if home else asked
        # A request in a namespace is decided by the roles there and those for the whole cluster alone.
        deciding = [place for place, each in enumerate(roles) if not home or each.metadata.namespace in {"", home}]
        for smaller, at_stake in _weakened(role, within):
            parts += 1
            changed = [smaller if place == number else roles[place] for place in deciding]
            weaker = Authorizer(as_snapshot(changed, [bindings[place] for place in deciding]))
            needed += any(not weaker.decide(user, request).allowed for user, request in at_stake)
    return LeastProof(len(asked), allowed, parts, needed)


def _weakened(role: Role, asked: Sequence[Asked]) -> Iterator[tuple[Role, list[Asked]]]:
    """Yield the role without each part of its rules, and the requests that can be lost by that."""
    for position, rule in enumerate(role.rules):
        permitted = [each for each in asked if rule_allows(rule, each[1])]
        for smaller in without_each_part(rule):
            rules = (*role.rules[:position], *smaller, *role.rules[position + 1 :])
            lost = [each for each in permitted if not any(rule_allows(left, each[1]) for left in smaller)]
            yield replace(role, rules=rules), lost


def without_each_part(rule: PolicyRule) -> Iterator[tuple[PolicyRule, ...]]:
    """
    Yield what is left of a rule without one verb, group, resource, name or URL, for each of them.

    Without its last one nothing is left: a rule that had names and has none would permit all objects.
    """
    for key in _LISTS:
        words: tuple[str, ...] = getattr(rule, key)
        for place in range(len(words)):
            rest = (*words[:place], *words[place + 1 :])
            yield (replace(rule, **{key: rest}),) if rest else ()
