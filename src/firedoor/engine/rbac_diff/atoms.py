"""Rules of one verb, one resource and one name, or of one verb and one URL: which of them say it all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from firedoor.engine.rbac.escalation import uncovered
from firedoor.engine.rbac.matching import ALL, path_covers
from firedoor.engine.rbac_least.merging import merged, parts
from firedoor.model.rbac import PolicyRule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Rules = tuple["PolicyRule", ...]


def plain(rule: PolicyRule) -> Rules:
    """
    Return a rule as rules about resources or about URLs alone.

    The API refuses a rule about both. Where there is one, its names do not limit its URLs.
    """
    if not rule.non_resource_urls or not (rule.resources or rule.resource_names):
        return (rule,)
    return replace(rule, non_resource_urls=()), PolicyRule(rule.verbs, non_resource_urls=rule.non_resource_urls)


def widest(atoms: Iterable[PolicyRule]) -> Rules:
    """Return atoms without those that another of them covers; of two that cover each other the first is kept."""
    found = dict.fromkeys(atoms)
    has_names = any(each.resource_names for each in found)
    for each in [each for each in found if _has_star(each) or (has_names and not each.resource_names)]:
        if each in found:
            left = set(uncovered((each,), found))
            found = {atom: None for atom in found if atom is each or atom in left}
    return tuple(found)


def compressed(atoms: Iterable[PolicyRule]) -> Rules:
    """Return few rules that permit exactly what atoms do, each of which is a part of one rule."""
    return merged(part for each in atoms for part in parts(each))


def common(rule: PolicyRule, others: Iterable[PolicyRule]) -> Rules:
    """Return what a rule permits and others do too; the rule is about resources or about URLs, not both."""
    shared = [each for other in others if (each := _shared(rule, other)) is not None]
    return compressed(widest(uncovered((), shared)))  # nothing is held, so that these are all the atoms


def _has_star(atom: PolicyRule) -> bool:
    if atom.non_resource_urls:
        return atom.verbs[0] == ALL or atom.non_resource_urls[0].endswith(ALL)
    return ALL in {atom.verbs[0], atom.api_groups[0], atom.resources[0]} or atom.resources[0].startswith("*/")


def _shared(rule: PolicyRule, other: PolicyRule) -> PolicyRule | None:
    """Return what two rules both permit: as each list of a rule stands by itself, so do those of the answer."""
    verbs = _words(rule.verbs, other.verbs)
    if rule.non_resource_urls:
        urls = _pairs(rule.non_resource_urls, other.non_resource_urls, path_covers)
        return PolicyRule(verbs, non_resource_urls=urls) if verbs and urls else None
    groups = _words(rule.api_groups, other.api_groups)
    resources = _pairs(rule.resources, other.resources, _resource_covers)
    names = rule.resource_names or other.resource_names
    if rule.resource_names and other.resource_names:
        names = tuple(each for each in rule.resource_names if each in other.resource_names)
        if not names:
            return None
    return PolicyRule(verbs, groups, resources, names) if verbs and groups and resources else None


def _words(words: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    if ALL in words:
        return others
    return words if ALL in others else tuple(each for each in words if each in others)


def _pairs(words: tuple[str, ...], others: tuple[str, ...], covers: Callable[[str, str], bool]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for word in words:
        for other in others:
            if covers(word, other):
                found[other] = None
            elif covers(other, word):
                found[word] = None
    return tuple(found)


def _resource_covers(pattern: str, resource: str) -> bool:
    _, slash, subresource = resource.partition("/")
    return pattern in {ALL, resource} or bool(slash and pattern == f"*/{subresource}")
