"""Permissions of one verb on one resource, merged into few rules that permit exactly those."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from firedoor.model.rbac import PolicyRule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
_ORDER = {verb: place for place, verb in enumerate(_VERBS)}

Words = tuple[str, ...]


class Permission(NamedTuple):
    """
    One verb on one resource (with its subresource, as in ``pods/log``), or on a `url`.

    `name` is that of the one object that it is for; None stands for all.
    """

    verb: str
    group: str = ""
    resource: str = ""
    name: str | None = None
    url: str = ""


def merged(permissions: Iterable[Permission]) -> tuple[PolicyRule, ...]:
    """
    Return rules that permit exactly what the permissions do, each of them by one rule alone.

    Where one permission is for all objects and another for one of them, both are kept.
    """
    urls: dict[str, set[str]] = {}
    names: dict[tuple[str, str, str], set[str | None]] = {}
    for each in permissions:
        if each.url:
            urls.setdefault(each.url, set()).add(each.verb)
        else:
            names.setdefault((each.verb, each.group, each.resource), set()).add(each.name)
    return (*_resource_rules(names), *_url_rules(urls))


def parts(rule: PolicyRule) -> Iterator[Permission]:
    """Yield the permissions of one verb and one resource or URL that a rule is made of."""
    for verb in dict.fromkeys(rule.verbs):
        for group in dict.fromkeys(rule.api_groups):
            for resource in dict.fromkeys(rule.resources):
                for name in dict.fromkeys(rule.resource_names) or (None,):
                    yield Permission(verb, group, resource, name)
        yield from (Permission(verb, url=url) for url in dict.fromkeys(rule.non_resource_urls))


def as_rule(permission: Permission) -> PolicyRule:
    """Return the rule that permits nothing else."""
    if permission.url:
        return PolicyRule((permission.verb,), non_resource_urls=(permission.url,))
    names = () if permission.name is None else (permission.name,)
    return PolicyRule((permission.verb,), (permission.group,), (permission.resource,), names)


def in_order(verbs: Iterable[str]) -> Words:
    """Return verbs as people list them: reading first, then writing, then all others by name."""
    return tuple(sorted(verbs, key=lambda verb: (_ORDER.get(verb, len(_ORDER)), verb)))


def _resource_rules(found: dict[tuple[str, str, str], set[str | None]]) -> Iterator[PolicyRule]:
    # A rule is a product of its lists. Merging one list at a time, where all others are the same, adds nothing.
    verbs: dict[tuple[str, str, Words], set[str]] = {}
    for (verb, group, resource), names in found.items():
        limit = tuple(sorted(each for each in names if each is not None))
        if limit:
            verbs.setdefault((group, resource, limit), set()).add(verb)
        if None in names:
            verbs.setdefault((group, resource, ()), set()).add(verb)
    resources: dict[tuple[str, Words, Words], set[str]] = {}
    for (group, resource, limit), allowed in verbs.items():
        resources.setdefault((group, in_order(allowed), limit), set()).add(resource)
    groups: dict[tuple[Words, Words, Words], set[str]] = {}
    for (group, allowed_verbs, limit), kinds in resources.items():
        groups.setdefault((tuple(sorted(kinds)), allowed_verbs, limit), set()).add(group)
    rules = [PolicyRule(allowed, tuple(sorted(apis)), kinds, limit) for (kinds, allowed, limit), apis in groups.items()]
    yield from sorted(rules, key=lambda rule: (rule.api_groups, rule.resources, rule.resource_names, rule.verbs))


def _url_rules(found: dict[str, set[str]]) -> Iterator[PolicyRule]:
    by_verbs: dict[Words, list[str]] = {}
    for url in sorted(found):
        by_verbs.setdefault(in_order(found[url]), []).append(url)
    for verbs, urls in by_verbs.items():
        yield PolicyRule(verbs, non_resource_urls=tuple(urls))
