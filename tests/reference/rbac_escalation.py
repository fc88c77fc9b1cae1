"""
The reference of what keeps people from giving more than they have: ``bind``, ``escalate``, or having it all.

As in the API server, a rule is held against others part by part, by its words: the
star is contained in the star only, however many words there are.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.reference.manifests import Manifest, items, name_of, section, string_map, strings
from tests.reference.rbac import (
    GROUP,
    MASTERS,
    Request,
    User,
    granted,
    is_aggregating,
    is_allowed,
    namespace_in,
    role_of,
    roles,
    rules_of,
    url_matches,
)

EVERYTHING: list[Manifest] = [
    {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},
    {"verbs": ["*"], "nonResourceURLs": ["*"]},
]
"""What cluster-admin has, and who writes an aggregation rule must have."""

FIELDS = ("verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs")
"""What a rule is made of."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a write to roles or bindings is taken; what the writer lacks where that is the reason."""

    allowed: bool
    missing: tuple[Manifest, ...] = ()


def atoms(rules: list[Manifest]) -> list[Manifest]:
    """Return the rules taken apart, with one verb, one group, one resource and at most one name each."""
    found: list[Manifest] = []
    for rule in rules:
        for verb in strings(rule, "verbs"):
            found += [{"verbs": [verb], "nonResourceURLs": [url]} for url in strings(rule, "nonResourceURLs")]
            for group in strings(rule, "apiGroups"):
                for resource in strings(rule, "resources"):
                    atom = {"verbs": [verb], "apiGroups": [group], "resources": [resource]}
                    named = [{**atom, "resourceNames": [name]} for name in strings(rule, "resourceNames")]
                    found += named or [atom]
    return found


def uncovered(held: list[Manifest], wanted: list[Manifest]) -> list[Manifest]:
    """Return the parts of the wanted rules that no single held rule contains."""
    return [atom for atom in atoms(wanted) if not any(_contains(rule, atom) for rule in held)]


def _contains(rule: Manifest, atom: Manifest) -> bool:
    (verb,) = atom["verbs"]
    verbs, names = strings(rule, "verbs"), strings(rule, "resourceNames")
    if "*" not in verbs and verb not in verbs:
        return False
    if names and not (atom.get("resourceNames") and atom["resourceNames"][0] in names):
        return False
    if "nonResourceURLs" in atom:
        (url,) = atom["nonResourceURLs"]
        return any(url_matches(each, url) for each in strings(rule, "nonResourceURLs"))
    (group,), (resource,) = atom["apiGroups"], atom["resources"]
    groups, accepted = strings(rule, "apiGroups"), ["*", resource]
    if "/" in resource:
        accepted.append(f"*/{resource.partition('/')[2]}")
    return ("*" in groups or group in groups) and any(each in accepted for each in strings(rule, "resources"))


def may_create_binding(cluster: list[Manifest], asked: User, binding: Manifest) -> Answer:
    """Return whether a user may create a binding: by ``bind`` on its role, or by having all that it grants."""
    home, reference = namespace_in(binding), section(binding, "roleRef")
    if MASTERS in asked.groups:
        return Answer(allowed=True)
    resource = f"{binding['kind'].lower()}s"
    if not is_allowed(cluster, asked, Request("create", resource, group=GROUP, namespace=home)):
        return Answer(allowed=False)
    bound = f"{reference['kind'].lower()}s"
    if is_allowed(cluster, asked, Request("bind", bound, group=GROUP, name=reference["name"], namespace=home)):
        return Answer(allowed=True)
    role = role_of(cluster, binding)
    if role is None:
        return Answer(allowed=False)
    return _confirmed(cluster, asked, home, rules_of(cluster, role))


def may_write_role(cluster: list[Manifest], asked: User, role: Manifest, verb: str) -> Answer:
    """Return whether a user may write a role as given: with ``escalate``, or by having all that it grants."""
    home, resource = namespace_in(role), f"{role['kind'].lower()}s"
    if MASTERS in asked.groups:
        return Answer(allowed=True)
    name = "" if verb == "create" else name_of(role)
    for needed in (verb, "escalate"):
        is_permitted = is_allowed(cluster, asked, Request(needed, resource, "", GROUP, name, home))
        if is_permitted == (needed == "escalate"):
            return Answer(is_permitted)
    replaced = [each for each in roles(cluster) if verb != "create" and _identity(each) == _identity(role)]
    if any(_written(each) == _written(role) for each in replaced):
        return Answer(allowed=True)
    wanted = items(role, "rules")
    if any(map(is_aggregating, [role, *replaced])):
        wanted = [*wanted, *EVERYTHING]
    return _confirmed(cluster, asked, home, wanted)


def _written(role: Manifest) -> tuple[object, ...]:
    """Return all of a role that somebody writes, except for owners and finalizers, which are nobody's permissions."""
    metadata = section(role, "metadata")
    texts = string_map(metadata, "labels"), string_map(metadata, "annotations")
    rules = [[strings(rule, field) for field in FIELDS] for rule in items(role, "rules")]
    return (*texts, rules, items(section(role, "aggregationRule"), "clusterRoleSelectors"))


def _identity(role: Manifest) -> tuple[str, str, str]:
    return role["kind"], namespace_in(role), name_of(role)


def _confirmed(cluster: list[Manifest], asked: User, namespace: str, wanted: list[Manifest]) -> Answer:
    missing = uncovered([each.rule for each in granted(cluster, asked, namespace)], wanted)
    return Answer(not missing, tuple(missing))
