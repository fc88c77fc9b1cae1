"""
Who may grant a role or write one: the check that the API server makes on top of authorization.

Users hand on only what they hold themselves, unless they may ``bind`` the role, or ``escalate`` it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from firedoor.engine.rbac.bindings import CLUSTER_BINDING
from firedoor.engine.rbac.matching import ALL, path_covers
from firedoor.engine.rbac.roles import CLUSTER_ROLE, aggregates
from firedoor.model.access import MASTERS, AccessRequest, Grant
from firedoor.model.places import Gap
from firedoor.model.rbac import PolicyRule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.engine.rbac.authorizer import Authorizer
    from firedoor.model.access import User
    from firedoor.model.rbac import Role, RoleBinding

GROUP = "rbac.authorization.k8s.io"
PLURALS = {
    "Role": "roles",
    CLUSTER_ROLE: "clusterroles",
    "RoleBinding": "rolebindings",
    CLUSTER_BINDING: "clusterrolebindings",
}
EVERYTHING = (PolicyRule((ALL,), (ALL,), (ALL,)), PolicyRule((ALL,), non_resource_urls=(ALL,)))
"""What must be held to make a role that aggregates others, since it can come to hold anything."""
_CHECKED = frozenset({"create", "update", "patch"})


class Permission(Struct, frozen=True, gc=False):
    """
    Whether a binding or a role may be written, and the grants that allow it.

    `missing` are the rules that would have to be held in addition where it may not;
    `unsure` the gaps that may hide them.
    """

    allowed: bool
    because: tuple[Grant, ...] = ()
    missing: tuple[PolicyRule, ...] = ()
    unsure: tuple[Gap, ...] = ()


def uncovered(held: Iterable[PolicyRule], wanted: Iterable[PolicyRule]) -> tuple[PolicyRule, ...]:
    """
    Return what `wanted` permits and no rule of `held` does, in rules of one verb, one resource and one name.

    A star among the wanted is covered only by a star: a list of all verbs is less.
    """
    holding = tuple(dict.fromkeys(held))
    atoms = dict.fromkeys(atom for rule in wanted for atom in _atoms(rule))
    return tuple(atom for atom in atoms if not any(_covers(rule, atom) for rule in holding))


def may_grant(authorizer: Authorizer, user: User, binding: RoleBinding) -> Permission:
    """
    Return whether a user may create a binding.

    That takes the right to create it, and either the verb ``bind`` on its role, asked in
    the namespace of the binding, or all the rules of the role, held there.
    """
    namespace = "" if binding.kind == CLUSTER_BINDING else binding.metadata.namespace
    if binding.role.kind not in _referable(binding):
        return Permission(allowed=False)
    if MASTERS in user.groups:
        return Permission(allowed=True)
    create = AccessRequest("create", PLURALS[binding.kind], group=GROUP, namespace=namespace)
    plural, name = PLURALS[binding.role.kind], binding.role.name
    bind = AccessRequest("bind", plural, group=GROUP, name=name, namespace=namespace)
    role = authorizer.role_of(binding)
    wanted = None if role is None else [rule for rule, _, _ in authorizer.roles.rules(role)]
    found = _judged(authorizer, user, create, bind, wanted)
    if found.allowed or role is not None:
        return found
    hiding = authorizer.unread.leaves_open("", (binding,))
    return replace(found, unsure=tuple(dict.fromkeys((*found.unsure, *hiding))))


def may_write_role(authorizer: Authorizer, user: User, role: Role, verb: str) -> Permission:
    """
    Return whether a user may create, update or patch a role so that it becomes as given.

    That takes the right to do so, and either the verb ``escalate`` or all the rules it
    says, held in its namespace; everything there is, where it aggregates others or did so before.
    What leaves all but the owners of a role as it is takes the right to write it alone.
    """
    if MASTERS in user.groups:
        return Permission(allowed=True)
    namespace = "" if role.kind == CLUSTER_ROLE else role.metadata.namespace
    # A request to create tells no name, so that rules with resourceNames do not apply to it.
    name = "" if verb == "create" else role.metadata.name
    write = AccessRequest(verb, PLURALS[role.kind], group=GROUP, name=name, namespace=namespace)
    if verb not in _CHECKED:
        decision = authorizer.decide(user, write)
        lacking = () if decision.allowed else (_rule(write),)
        return Permission(decision.allowed, decision.because, lacking, decision.unsure)
    wanted = list(role.rules)
    before = authorizer.roles.get(role.kind, namespace, name) if name else None
    if before is not None and _is_same(before, role):
        wanted = []
    elif aggregates(role) or (before is not None and aggregates(before)):
        wanted += EVERYTHING
    return _judged(authorizer, user, write, _with_verb(write, "escalate"), wanted)


def _judged(
    authorizer: Authorizer, user: User, write: AccessRequest, exempt: AccessRequest, wanted: list[PolicyRule] | None
) -> Permission:
    """Return whether `write` is permitted, and either `exempt` is or all that is `wanted` is held."""
    decision, exemption = authorizer.decide(user, write), authorizer.decide(user, exempt)
    because = decision.because + exemption.because
    missing: list[PolicyRule] = [] if decision.allowed else [_rule(write)]
    unsure: dict[Gap, None] = dict.fromkeys(decision.unsure)
    if not exemption.allowed:
        held = (grant.rule for grant in authorizer.grants_of(user, write.namespace))
        lacking = [_rule(exempt)] if wanted is None else uncovered(held, wanted)
        missing += lacking
        if lacking:
            unsure |= dict.fromkeys(exemption.unsure)
    return Permission(not missing, because, tuple(missing), tuple(unsure))


def _is_same(before: Role, after: Role) -> bool:
    """Return whether nothing is changed but what garbage collection may change too."""
    old, new = before.metadata, after.metadata
    return (before.rules, before.aggregates, old.labels, old.annotations) == (
        after.rules,
        after.aggregates,
        new.labels,
        new.annotations,
    )


def _referable(binding: RoleBinding) -> tuple[str, ...]:
    return (CLUSTER_ROLE,) if binding.kind == CLUSTER_BINDING else ("Role", CLUSTER_ROLE)


def _with_verb(request: AccessRequest, verb: str) -> AccessRequest:
    return AccessRequest(verb, request.resource, group=request.group, name=request.name, namespace=request.namespace)


def _rule(request: AccessRequest) -> PolicyRule:
    """Return the narrowest rule that permits a request for a resource."""
    names = (request.name,) if request.name else ()
    return PolicyRule((request.verb,), (request.group,), (request.resource,), names)


def _atoms(rule: PolicyRule) -> Iterator[PolicyRule]:
    """Yield the rules of one verb, one resource and at most one name that a rule is made of."""
    names = tuple((each,) for each in rule.resource_names) or ((),)
    for group in rule.api_groups:
        for resource in rule.resources:
            for verb in rule.verbs:
                yield from (PolicyRule((verb,), (group,), (resource,), name) for name in names)
    for url in rule.non_resource_urls:
        yield from (PolicyRule((verb,), non_resource_urls=(url,)) for verb in rule.verbs)


def _covers(held: PolicyRule, atom: PolicyRule) -> bool:
    """Return whether one rule permits all that another of one verb and one resource or path does."""
    if atom.verbs[0] not in held.verbs and ALL not in held.verbs:
        return False
    if held.resource_names and (not atom.resource_names or atom.resource_names[0] not in held.resource_names):
        return False
    if atom.non_resource_urls:
        return any(path_covers(pattern, atom.non_resource_urls[0]) for pattern in held.non_resource_urls)
    if atom.api_groups[0] not in held.api_groups and ALL not in held.api_groups:
        return False
    resource = atom.resources[0]
    _, slash, subresource = resource.partition("/")
    return ALL in held.resources or resource in held.resources or bool(slash and f"*/{subresource}" in held.resources)
