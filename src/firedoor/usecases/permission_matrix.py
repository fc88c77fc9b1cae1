"""Rules that a user holds, into what may be done with each resource and URL that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, structs

from firedoor.engine.rbac.matching import rule_allows
from firedoor.model.access import AccessRequest
from firedoor.model.access_answers import AccessRow
from firedoor.usecases.resource_names import VERBS, is_cluster_scoped, is_without_namespace

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from firedoor.model.access import Grant
    from firedoor.model.rbac import PolicyRule

_Key = tuple[str, str, str]
"""API group, resource (with its subresource), and name, empty for all objects."""


class PermissionRows(Struct, frozen=True):
    """The rows for resources and for URLs, and remarks on rules that have no effect."""

    resources: tuple[AccessRow, ...]
    urls: tuple[AccessRow, ...]
    notes: tuple[str, ...]


def permission_rows(grants: Sequence[Grant]) -> PermissionRows:
    """
    Return a row for each resource and URL that a rule names, with the verbs that all rules together permit.

    The rows of a namespace count what holds in the whole cluster in. What a binding inside
    a namespace gives for URLs and for cluster-scoped resources is never asked for.
    """
    everywhere = [each for each in grants if not each.namespace]
    inside: dict[str, list[Grant]] = {}
    for each in grants:
        if each.namespace:
            inside.setdefault(each.namespace, []).append(each)
    rows = _resources("", everywhere, everywhere)
    seen: dict[tuple[PolicyRule, ...], list[tuple[AccessRow, tuple[int, ...]]]] = {}
    for namespace, own in sorted(inside.items()):
        held = [*everywhere, *own]
        rules = tuple(each.rule for each in own)
        if rules not in seen:
            seen[rules] = _numbered(own, held)
        rows += [_placed(row, numbers, held, namespace) for row, numbers in seen[rules]]
    return PermissionRows(tuple(rows), _urls(everywhere), _without_effect(inside))


def _resources(namespace: str, own: Sequence[Grant], held: Sequence[Grant]) -> list[AccessRow]:
    return [_placed(row, numbers, held, namespace) for row, numbers in _numbered(own, held)]


def _placed(row: AccessRow, numbers: tuple[int, ...], held: Sequence[Grant], namespace: str) -> AccessRow:
    return structs.replace(row, namespace=namespace, via=tuple(held[each] for each in numbers))


def _numbered(own: Sequence[Grant], held: Sequence[Grant]) -> list[tuple[AccessRow, tuple[int, ...]]]:
    """Return the rows for what `own` names, each with the numbers of the grants in `held` that it comes from."""
    inside = any(each.namespace for each in own)
    keys = {key for each in own for key in _keys(each.rule) if not (inside and is_cluster_scoped(*key[:2]))}
    named: dict[tuple[str, str, tuple[str, ...], tuple[int, ...]], list[str]] = {}
    for group, resource, name in sorted(keys):
        main, _, sub = resource.partition("/")
        numbers = tuple(
            number
            for number, each in enumerate(held)
            if each.rule.verbs and rule_allows(each.rule, AccessRequest(each.rule.verbs[0], main, sub, group, name))
        )
        verbs = ordered_verbs(
            verb
            for number in numbers
            for verb in held[number].rule.verbs
            if not (inside and is_without_namespace(verb, group, resource))
        )
        if verbs:
            named.setdefault((group, resource, verbs, numbers), []).append(name)
    return [
        (AccessRow(resource, verbs, group, names=tuple(filter(None, names))), numbers)
        for (group, resource, verbs, numbers), names in _apart(named)
    ]


def _apart(
    named: dict[tuple[str, str, tuple[str, ...], tuple[int, ...]], list[str]],
) -> Iterable[tuple[tuple[str, str, tuple[str, ...], tuple[int, ...]], list[str]]]:
    """Return rows for all objects and rows for named ones apart from each other: a row without names means all."""
    for key, names in named.items():
        if "" in names:
            yield key, [""]
        if any(names):
            yield key, [each for each in names if each]


def _keys(rule: PolicyRule) -> Iterable[_Key]:
    return (
        (group, resource, name)
        for group in rule.api_groups
        for resource in rule.resources
        for name in rule.resource_names or ("",)
    )


def _urls(grants: Sequence[Grant]) -> tuple[AccessRow, ...]:
    rows = []
    for url in sorted({url for each in grants for url in each.rule.non_resource_urls}):
        via = tuple(
            each
            for each in grants
            if each.rule.verbs and rule_allows(each.rule, AccessRequest(each.rule.verbs[0], path=url))
        )
        verbs = ordered_verbs(verb for each in via for verb in each.rule.verbs)
        if verbs:
            rows.append(AccessRow(url, verbs, via=via))
    return tuple(rows)


def ordered_verbs(verbs: Iterable[str]) -> tuple[str, ...]:
    """Return verbs once each, the usual ones first; ``*`` alone where it is among them, because it is all others."""
    found = set(verbs)
    if "*" in found:
        return ("*",)
    return (*(each for each in VERBS if each in found), *sorted(found.difference(VERBS)))


def _without_effect(inside: dict[str, list[Grant]]) -> tuple[str, ...]:
    rules = {each.rule for own in inside.values() for each in own}
    scoped = {key[1] for rule in rules for key in _keys(rule) if is_cluster_scoped(*key[:2])}
    notes = []
    if scoped:
        notes.append(
            f"a RoleBinding gives rules for {', '.join(sorted(scoped))}, which has no effect: "
            "requests for cluster-scoped resources carry no namespace"
        )
    if any(rule.non_resource_urls for rule in rules):
        notes.append("a RoleBinding gives rules for URLs, which has no effect: URLs are in no namespace")
    return tuple(notes)
