"""Identities: who is in which group, and what the rights of each lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.attack import techniques as by
from firedoor.engine.attack.graph import Link
from firedoor.engine.attack.joint import Had, JointSteps, Part, is_part, may_escalate
from firedoor.engine.attack.needs import EVERYTHING, Holdings
from firedoor.engine.attack.single import SingleSteps
from firedoor.engine.rbac.indirect import as_user
from firedoor.engine.rbac.roles import CLUSTER_ROLE
from firedoor.engine.rbac_risks.risk import ref_of
from firedoor.engine.rbac_risks.subjects import reference
from firedoor.model.access import ANONYMOUS, MASTERS, NODES, UNAUTHENTICATED
from firedoor.model.attack import ADMIN, Change, ChangeKind, Evidence, Kind, Standing
from firedoor.model.rbac import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firedoor.engine.attack.graph import AttackGraph, Changes
    from firedoor.engine.attack.ground import Ground
    from firedoor.engine.attack.needs import Right, Rights
    from firedoor.engine.rbac.authorizer import Authorizer
    from firedoor.model.rbac import RoleBinding

_NODES = Subject("Group", NODES)
_UNAUTHENTICATED = Subject("Group", UNAUTHENTICATED)
_NOBODY = (_UNAUTHENTICATED, Subject("User", ANONYMOUS))


class Identities:
    """The identities of a cluster, led to what each can do."""

    def __init__(self, graph: AttackGraph, ground: Ground, holdings: Holdings, single: SingleSteps) -> None:
        """Nothing is linked yet."""
        self._graph = graph
        self._ground = ground
        self._holdings = holdings
        self._authorizer: Authorizer = holdings.authorizer
        self._single = single
        self._joint = JointSteps(ground, holdings.authorizer, tuple(holdings.named))

    def link(self, pods: Iterable[int]) -> None:
        """Link all identities; `pods` are the vertices that can send requests without credentials."""
        subjects = self._subjects()
        for subject in subjects:
            vertex = self._ground.subject(subject)
            for namespace, rights in self._holdings.of.get(subject, {}).items():
                self._link_single(vertex, namespace, rights)
            self._link_groups(subject, vertex)
        self._link_masters()
        self._link_nobody(pods)
        self._link_roles()
        self._link_everything()
        if _NODES not in subjects:
            for vertex, _ in self._graph.standings(lambda each: each == Standing(Kind.GROUP, name=_NODES.name)):
                self._link_groups(_NODES, vertex)

    def _link_groups(self, subject: Subject, vertex: int) -> None:
        """Lead to the groups that a subject is in, and to what it can do with rights that are partly theirs."""
        if is_part(need for each in (subject, *self._holdings.groups(subject)) for need in self._needs(each)):
            self._link_joint(subject, vertex)
        for group in self._holdings.groups(subject):
            means = self._graph.means(by.MEMBER, group)
            self._graph.link(vertex, means)
            self._graph.link(means, self._ground.subject(group))

    def _subjects(self) -> dict[Subject, None]:
        """Return all that bindings name, and all service accounts."""
        accounts = (
            Subject("ServiceAccount", name, namespace)
            for namespace, names in self._ground.accounts.items()
            for name in names
        )
        return dict.fromkeys((*self._holdings.named, *accounts))

    def _needs(self, subject: Subject) -> Iterator[str]:
        return (need for rights in self._holdings.of.get(subject, {}).values() for need in rights)

    def _link_single(self, vertex: int, namespace: str, rights: Rights) -> None:
        left = _beside_everything(rights)
        for need, some in {**left, EVERYTHING: rights.get(EVERYTHING, [])}.items():
            for right in some:
                for means in self._single.means(need, namespace, right.names):
                    self._graph.link(vertex, means, Link((_bindings([right]),), self._evidence([right])))

    def _link_joint(self, subject: Subject, vertex: int) -> None:
        scopes = self._holdings.scopes(subject)
        roles = self._roles_of(subject) if any(map(may_escalate, scopes.values())) else ()
        for namespace, rights in scopes.items():
            left = _beside_everything(rights)
            held = {need: tuple(dict.fromkeys(right.names for right in some)) for need, some in left.items()}
            for means, needs, binding in self._joint.steps(namespace, held, roles):
                parts = [_meeting(left, some) for some in needs]
                options = [_bindings(part) for part in parts]
                if binding is not None:
                    options.append(frozenset({_removed(binding)}))
                self._graph.link(vertex, means, Link(tuple(options), self._evidence([part[0] for part in parts])))

    def _roles_of(self, subject: Subject) -> list[Had]:
        user = as_user(subject)
        scopes = (self._authorizer.cluster, *self._authorizer.local.values())
        bound = ((scope.namespace, binding) for scope in scopes for binding, _ in scope.of(user))
        return [
            Had(namespace, role.kind, role.metadata.name, binding)
            for namespace, binding in bound
            for role in [self._authorizer.role_of(binding)]
            if role is not None
        ]

    def _evidence(self, rights: Sequence[Right]) -> _Evidence:
        return _Evidence(self._authorizer, rights)

    def _link_masters(self) -> None:
        masters = self._graph.standing(Standing(Kind.GROUP, name=MASTERS))
        self._graph.link(masters, self._ground.to(by.HOLDS_ALL, ADMIN))

    def _link_nobody(self, pods: Iterable[int]) -> None:
        """Lead from pods to who is nobody, where bindings name that."""
        targets = [self._ground.subject(each) for each in _NOBODY if each in self._holdings.named]
        if targets:
            means = self._graph.means(by.ANONYMOUS)
            for target in targets:
                self._graph.link(means, target)
            for vertex in pods:
                self._graph.link(vertex, means)

    def _link_roles(self) -> None:
        """Lead from roles that somebody can bind to what they permit there; that can be further roles."""
        done: set[int] = set()
        while True:
            roles = self._graph.standings(lambda each: each.kind is Kind.ROLE)
            fresh = [(vertex, standing) for vertex, standing in roles if vertex not in done]
            if not fresh:
                return
            for vertex, standing in fresh:
                done.add(vertex)
                self._link_role(vertex, standing)

    def _link_role(self, vertex: int, standing: Standing) -> None:
        namespace = standing.namespace
        key = (standing.detail, "" if standing.detail == CLUSTER_ROLE else namespace, standing.name)
        held = self._holdings.rights_of_role(key, namespace)
        if EVERYTHING in held:
            held = {EVERYTHING: (None,)}
        for need, some in held.items():
            for means in (each for names in some for each in self._single.means(need, namespace, names)):
                self._graph.link(vertex, means)
        for joint in self._joint.steps(namespace, held, [Had(namespace, standing.detail, standing.name)]):
            self._graph.link(vertex, joint.means)

    def _link_everything(self) -> None:
        """Lead from every right in the cluster, or in a namespace that somebody can come to hold, to all there is."""
        admin = self._graph.standing(ADMIN)
        self._link_all_of(admin, "")
        means = self._graph.means(by.EVERYTHING, "namespaces")
        for each in (self._joint.users(None), self._joint.groups(), means):
            self._graph.link(admin, each)
        for namespace in self._ground.namespaces:
            self._graph.standing(Standing(Kind.NAMESPACE, name=namespace))
        spaces = self._graph.standings(lambda each: each.kind is Kind.NAMESPACE)
        for vertex, standing in spaces:
            self._link_all_of(vertex, standing.name)
            # Who holds the cluster gets nowhere by a part of it: that is a vertex only to be got to.
            self._graph.link(means, self._graph.standing(standing, "a part of all"))

    def _link_all_of(self, vertex: int, namespace: str) -> None:
        ground = self._ground
        for means in (
            ground.pods(by.EVERYTHING, namespace, None),
            ground.take(by.EVERYTHING, namespace, None),
            ground.secrets(by.EVERYTHING, namespace),
            ground.to_nodes(by.EVERYTHING),
        ):
            self._graph.link(vertex, means)


class _Evidence:
    """The bindings and rules behind a step, told when they are asked for."""

    __slots__ = ("_authorizer", "_rights")

    def __init__(self, authorizer: Authorizer, rights: Sequence[Right]) -> None:
        self._authorizer = authorizer
        self._rights = rights

    def __call__(self, _source: int, _target: int) -> Iterator[Evidence]:
        for right in self._rights:
            grant = self._authorizer.grant(right.binding, right.subject, right.held)
            yield Evidence(
                f"{grant.binding} gives {grant.role} to {reference(right.subject)}", str(grant.binding_place)
            )
            rule = grant.rule
            what = ", ".join(rule.resources) + (
                f" named {', '.join(rule.resource_names)}" if rule.resource_names else ""
            )
            yield Evidence(
                f"{grant.source or grant.role} {grant.path}: {', '.join(rule.verbs)} on {what}",
                grant.role_place.at(grant.path),
            )


def _beside_everything(rights: Rights) -> Rights:
    """Return the rights that are left to who no longer may do everything: not those by the same bindings."""
    whole = {id(right.binding) for right in rights.get(EVERYTHING, ())}
    if not whole:
        return rights
    left = {need: [right for right in some if id(right.binding) not in whole] for need, some in rights.items()}
    return {need: some for need, some in left.items() if some}


def _meeting(rights: Rights, parts: Iterable[Part]) -> list[Right]:
    """Return the rights that meet any of some needs, as far as they are for the names that these are about."""
    return [right for need, names in parts for right in rights[need] if right.names in names]


def _bindings(rights: Iterable[Right]) -> Changes:
    return frozenset(_removed(right.binding) for right in rights)


def _removed(binding: RoleBinding) -> Change:
    return Change(ChangeKind.BINDING, ref_of(binding))
