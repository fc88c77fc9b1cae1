"""The permissions that techniques need, and who holds them where."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from firedoor.engine.rbac.escalation import GROUP
from firedoor.engine.rbac.indirect import as_user
from firedoor.engine.rbac.matching import in_full
from firedoor.engine.rbac.roles import CLUSTER_ROLE
from firedoor.engine.rbac.steps import WORKLOADS
from firedoor.model.access import AccessRequest, User
from firedoor.model.rbac import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.rbac.authorizer import Authorizer
    from firedoor.engine.rbac.bindings import Bindings
    from firedoor.engine.rbac.roles import HeldRule
    from firedoor.model.rbac import RoleBinding

_READ = ("get", "list", "watch")
_CHANGE = ("update", "patch")
_WRITE = ("create", *_CHANGE)
_WEBHOOKS = "mutatingwebhookconfigurations"
_ADMISSION = "admissionregistration.k8s.io"
_CERTIFICATES = "certificates.k8s.io"
_SIGNING = "certificatesigningrequests"
CHANGEABLE = tuple(kind for kind in WORKLOADS if kind != "Job")
"""Those whose pod template can be changed."""


class Need(NamedTuple):
    """
    Verbs on a resource, any of which will do.

    `is_named` says that the request names an object, so that a rule with ``resourceNames``
    permits it for those; `is_clustered` that the objects have no namespace, so that only
    a ClusterRoleBinding permits it.
    """

    verbs: tuple[str, ...]
    resource: str
    subresource: str = ""
    group: str = ""
    is_named: bool = True
    is_clustered: bool = False

    def requests(self) -> Iterator[AccessRequest]:
        """Yield the request for each verb."""
        return (AccessRequest(verb, self.resource, self.subresource, self.group) for verb in self.verbs)


def _opening(subresource: str, *, by_get: bool) -> Need:
    return Need(("create", "get") if by_get else ("create",), "pods", subresource)


def needs(*, opens_by_get: bool) -> dict[str, Need]:
    """
    Return all needs by name.

    `opens_by_get` says that ``get`` is enough for ``pods/exec`` and its like, as it is
    before Kubernetes 1.35 (``AuthorizePodWebsocketUpgradeCreatePermission``).
    """
    return {
        "exec": _opening("exec", by_get=opens_by_get),
        "attach": _opening("attach", by_get=opens_by_get),
        "port-forward": _opening("portforward", by_get=opens_by_get),
        "pod-proxy": Need(("get", "create", "update", "patch", "delete"), "pods", "proxy"),
        "ephemeral": Need(_CHANGE, "pods", "ephemeralcontainers"),
        "change-pods": Need(_CHANGE, "pods"),
        "create-pods": Need(("create",), "pods", is_named=False),
        **{f"create-{kind}": Need(("create",), name, "", group, is_named=False) for kind, (group, name) in _KINDS},
        **{f"change-{kind}": Need(_CHANGE, name, "", group) for kind, (group, name) in _KINDS if kind in CHANGEABLE},
        "create-token": Need(("create",), "serviceaccounts", "token"),
        "read-secrets": Need(_READ, "secrets"),
        "create-secrets": Need(("create",), "secrets", is_named=False),
        "nodes-proxy": Need(("get", "create"), "nodes", "proxy", is_clustered=True),
        "create-volumes": Need(("create",), "persistentvolumes", is_named=False, is_clustered=True),
        "create-claims": Need(("create",), "persistentvolumeclaims", is_named=False),
        "change-namespaces": Need(_CHANGE, "namespaces"),
        "impersonate-users": Need(("impersonate",), "users", is_clustered=True),
        "impersonate-groups": Need(("impersonate",), "groups", is_clustered=True),
        "impersonate-accounts": Need(("impersonate",), "serviceaccounts"),
        "create-webhooks": Need(("create",), _WEBHOOKS, "", _ADMISSION, is_named=False, is_clustered=True),
        "change-webhooks": Need(_CHANGE, _WEBHOOKS, "", _ADMISSION, is_clustered=True),
        "create-csr": Need(("create",), _SIGNING, "", _CERTIFICATES, is_named=False, is_clustered=True),
        "approve-csr": Need(_CHANGE, _SIGNING, "approval", _CERTIFICATES, is_clustered=True),
        "approve-signer": Need(("approve",), "signers", "", _CERTIFICATES, is_clustered=True),
        "bind-clusterroles": Need(("bind",), "clusterroles", "", GROUP),
        "bind-roles": Need(("bind",), "roles", "", GROUP),
        "create-clusterrolebindings": Need(
            ("create",), "clusterrolebindings", "", GROUP, is_named=False, is_clustered=True
        ),
        "create-rolebindings": Need(("create",), "rolebindings", "", GROUP, is_named=False),
        "change-clusterrolebindings": Need(_CHANGE, "clusterrolebindings", "", GROUP, is_clustered=True),
        "change-rolebindings": Need(_CHANGE, "rolebindings", "", GROUP),
        "escalate-clusterroles": Need(("escalate",), "clusterroles", "", GROUP, is_clustered=True),
        "change-clusterroles": Need(_CHANGE, "clusterroles", "", GROUP, is_clustered=True),
        "escalate-roles": Need(("escalate",), "roles", "", GROUP),
        "change-roles": Need(_CHANGE, "roles", "", GROUP),
        EVERYTHING: Need(("*",), "*", "", "*", is_named=False),
    }


_KINDS = tuple(WORKLOADS.items())
EVERYTHING = "everything"


class Right(NamedTuple):
    """A need that a rule meets: for the objects of some `names` (None: of any), by one binding."""

    names: frozenset[str] | None
    binding: RoleBinding
    subject: Subject
    held: HeldRule


Rights = dict[str, list[Right]]
"""Rights by the name of the need."""

RoleKey = tuple[str, str, str]
"""Kind, namespace (empty for a ClusterRole) and name."""


class Holdings:
    """Who holds which rights in which namespace, empty for the whole cluster."""

    def __init__(self, authorizer: Authorizer, wanted: dict[str, Need]) -> None:
        """Look at every binding once."""
        self.authorizer = authorizer
        self.of_role: dict[RoleKey, dict[str, list[tuple[frozenset[str] | None, HeldRule]]]] = defaultdict(dict)
        """What each role meets."""
        self._wanted = wanted
        for name, need in wanted.items():
            self._file(name, need)
        self.named: dict[Subject, None] = {}
        """All that bindings name, whatever that permits them."""
        self.of: dict[Subject, dict[str, Rights]] = {}
        """The rights of each subject by namespace, without those of its groups."""
        for scope in (authorizer.cluster, *authorizer.local.values()):
            for number, binding in enumerate(scope.all):
                self._bound(scope, number, binding)

    def rights_of_role(self, role: RoleKey, namespace: str) -> dict[str, tuple[frozenset[str] | None, ...]]:
        """Return the needs that a role meets where it is bound in a namespace, each with the names of each rule."""
        return {
            name: tuple(dict.fromkeys(names for names, _ in met))
            for name, met in self.of_role.get(role, {}).items()
            if not (namespace and self._wanted[name].is_clustered)
        }

    def groups(self, subject: Subject) -> tuple[Subject, ...]:
        """Return the groups that bindings name and that a subject is in for what it is."""
        return tuple(each for each in _implied(subject) if each in self.named)

    def scopes(self, subject: Subject) -> dict[str, Rights]:
        """
        Return all rights that a subject has in each namespace where it or a group of it has any.

        In a namespace those for the whole cluster are among them.
        """
        together = [self.of.get(each, {}) for each in (subject, *self.groups(subject))]
        wide = _united([each.get("", {}) for each in together])
        found = {"": wide} if wide else {}
        for namespace in dict.fromkeys(namespace for each in together for namespace in each if namespace):
            found[namespace] = _united([wide, *(each.get(namespace, {}) for each in together)])
        return found

    def _file(self, name: str, need: Need) -> None:
        for request in need.requests():
            for home, roles in self.authorizer.index.matching(request).items():
                for (kind, role), rules in roles.items():
                    for held in rules:
                        names = frozenset(held[0].resource_names) or None
                        # What a request names nothing for, a rule with resourceNames does not permit.
                        if names is None or need.is_named:
                            self.of_role[kind, home, role].setdefault(name, []).append((names, held))

    def _bound(self, scope: Bindings, number: int, binding: RoleBinding) -> None:
        named = scope.subjects(number)
        self.named |= dict.fromkeys(map(as_account, named))
        kind = binding.role.kind
        if not scope.namespace and kind != CLUSTER_ROLE:
            return
        met = self.of_role.get((kind, "" if kind == CLUSTER_ROLE else scope.namespace, binding.role.name))
        if not met:
            return
        for subject, written in named.items():
            rights = self.of.setdefault(as_account(subject), {}).setdefault(scope.namespace, {})
            for name, some in met.items():
                if not (scope.namespace and self._wanted[name].is_clustered):
                    rights.setdefault(name, []).extend(Right(names, binding, written, held) for names, held in some)


def as_account(subject: Subject) -> Subject:
    """Return the service account that a user named like one is; any other subject itself."""
    account = User(subject.name).service_account if subject.kind == "User" else None
    return in_full(subject, "") if account is None else Subject("ServiceAccount", account[1], account[0])


def _implied(subject: Subject) -> Iterator[Subject]:
    """Yield the groups that a subject, or whoever is in a group, is in for what it is."""
    groups = (Subject("Group", each) for each in as_user(subject).groups)
    return (each for each in groups if each != subject)


def _united(some: list[Rights]) -> Rights:
    found: Rights = {}
    for rights in some:
        for name, each in rights.items():
            found.setdefault(name, []).extend(each)
    return found
