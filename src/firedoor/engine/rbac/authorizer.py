"""What the RBAC authorizer of the API server answers, and because of which bindings and rules."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from firedoor.engine.rbac.bindings import CLUSTER_BINDING, Bindings
from firedoor.engine.rbac.matching import rule_allows
from firedoor.engine.rbac.roles import CLUSTER_ROLE, Roles
from firedoor.engine.rbac.rule_index import RuleIndex
from firedoor.engine.rbac.unread import Unread
from firedoor.model.access import MASTERS, NODES, Grant
from firedoor.model.places import Gap, ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.rbac.roles import HeldRule
    from firedoor.model.access import AccessRequest, User
    from firedoor.model.rbac import Role, RoleBinding, Subject
    from firedoor.model.snapshot import Snapshot

_NODE = "system:node:"


class Decision(Struct, frozen=True, gc=False):
    """
    The answer to one request, and the grants that it rests on.

    `is_master` says that the user is one of ``system:masters``, who may do everything.
    `unsure` holds the gaps that may hide a permission where none was found. `remarks`
    say what else may decide, and is not evaluated.
    """

    allowed: bool
    because: tuple[Grant, ...] = ()
    is_master: bool = False
    unsure: tuple[Gap, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """The answer in one word: ``allowed``, ``denied`` or ``unknown``."""
        if self.allowed:
            return "allowed"
        return "unknown" if self.unsure else "denied"


class Authorizer:
    """The roles and bindings of a snapshot, ready to be asked."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Index the bindings by namespace and subject."""
        self.snapshot = snapshot
        self.roles = Roles(snapshot)
        cluster: list[RoleBinding] = []
        scopes: dict[str, list[RoleBinding]] = defaultdict(list)
        for binding in snapshot.role_bindings:
            (cluster if binding.kind == CLUSTER_BINDING else scopes[binding.metadata.namespace]).append(binding)
        scopes.pop("", None)  # a RoleBinding is always in a namespace
        self.cluster = Bindings(cluster, "")
        """The ClusterRoleBindings."""
        self.local = {namespace: Bindings(found, namespace) for namespace, found in sorted(scopes.items())}
        """The RoleBindings of each namespace that has any."""
        self.dangling: tuple[RoleBinding, ...] = tuple(
            each for each in snapshot.role_bindings if self.role_of(each) is None
        )
        """The bindings whose role does not exist: they grant nothing."""
        self.unread = Unread(snapshot, self.roles)
        """The gaps that may hide roles and bindings."""

    @cached_property
    def index(self) -> RuleIndex:
        """The rules of all roles, by what they permit."""
        return RuleIndex(self.roles)

    def decide(self, user: User, request: AccessRequest) -> Decision:
        """Return whether a user may do what is asked for, and why."""
        because = tuple(self.grants(user, request))
        is_master = MASTERS in user.groups
        if because or is_master:
            return Decision(allowed=True, because=because, is_master=is_master)
        return Decision(allowed=False, unsure=self.unsure(request, user), remarks=_remarks(user))

    def grants(self, user: User, request: AccessRequest) -> Iterator[Grant]:
        """Yield every rule that permits a request, those of ClusterRoleBindings first."""
        for scope in self.scopes(request):
            for binding, subject in scope.of(user):
                yield from self.granted(binding, subject, request)

    def grants_of(self, user: User, namespace: str | None = None) -> Iterator[Grant]:
        """
        Yield all rules that a user holds: those for the whole cluster, and those in a namespace.

        None stands for all namespaces, the empty text for none. What a binding in a
        namespace says of ``nonResourceURLs`` is among them, and has no effect.
        """
        chosen = self.local if namespace is None else {namespace} & self.local.keys()
        for scope in (self.cluster, *(self.local[each] for each in chosen)):
            for binding, subject in scope.of(user):
                for held in self.rules_of(binding):
                    yield self.grant(binding, subject, held)

    def unsure(self, request: AccessRequest, user: User | None = None) -> tuple[Gap, ...]:
        """Return the gaps that may hide a permission for a request: one of a user, or of anybody."""
        applying: Iterator[RoleBinding]
        if user is None:
            applying = (binding for scope in self.scopes(request) for binding in scope.all)
        else:
            applying = (binding for scope in self.scopes(request) for binding, _ in scope.of(user))
        return self.unread.leaves_open(request.namespace if request.is_for_resource else "", applying)

    def scopes(self, request: AccessRequest) -> tuple[Bindings, ...]:
        """Return the bindings that are asked about a request: a namespace's only for a resource there."""
        local = self.local.get(request.namespace) if request.is_for_resource else None
        return (self.cluster,) if local is None else (self.cluster, local)

    def granted(self, binding: RoleBinding, subject: Subject, request: AccessRequest) -> Iterator[Grant]:
        """Yield the rules of a binding that permit a request, as given to one of its subjects."""
        for held in self.rules_of(binding):
            if rule_allows(held[0], request):
                yield self.grant(binding, subject, held)

    def role_of(self, binding: RoleBinding) -> Role | None:
        """Return the role that a binding refers to; a ClusterRoleBinding can refer to ClusterRoles only."""
        if binding.kind == CLUSTER_BINDING and binding.role.kind != CLUSTER_ROLE:
            return None
        return self.roles.get(binding.role.kind, binding.metadata.namespace, binding.role.name)

    def rules_of(self, binding: RoleBinding) -> tuple[HeldRule, ...]:
        """Return the rules that a binding grants; none where its role does not exist."""
        role = self.role_of(binding)
        return () if role is None else self.roles.rules(role)

    def grant(self, binding: RoleBinding, subject: Subject, held: HeldRule) -> Grant:
        """Return one rule of a binding as given to one of its subjects."""
        rule, path, source = held
        namespace = "" if binding.kind == CLUSTER_BINDING else binding.metadata.namespace
        role = ObjectRef(binding.role.kind, "" if binding.role.kind == CLUSTER_ROLE else namespace, binding.role.name)
        return Grant(
            rule,
            subject,
            namespace,
            ObjectRef(binding.kind, namespace, binding.metadata.name),
            role,
            path,
            source,
            binding.place,
            self.roles.place_of(source or role),
        )


def _remarks(user: User) -> tuple[str, ...]:
    """Return what may permit more to nodes, which their own authorizer knows."""
    if user.name.startswith(_NODE) and NODES in user.groups:
        return ("the node authorizer, which is not evaluated, may permit this to a node",)
    return ()
