"""The subjects of bindings: who they are, and which belong to Kubernetes itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.rbac.matching import user_name
from firedoor.model.access import ANONYMOUS, AUTHENTICATED, SERVICE_ACCOUNTS, UNAUTHENTICATED, User, user_named
from firedoor.model.default_roles import BOOTSTRAPPING
from firedoor.model.places import ObjectRef
from firedoor.model.rbac import Subject

if TYPE_CHECKING:
    from firedoor.model.rbac import RoleBinding

PUBLIC = frozenset({ANONYMOUS, UNAUTHENTICATED, AUTHENTICATED, SERVICE_ACCOUNTS})
"""Names of subjects that stand for people or pods that nobody chose."""

SYSTEM_NAMESPACE = "kube-system"
CLUSTER_ADMIN = "cluster-admin"

_DEFAULTS = "rbac-defaults"
_PLATFORM = ("system:kube-", "system:node-", "system:node:", "system:nodes", "system:bootstrappers")
_PUBLIC_DEFAULTS = {
    "system:basic-user": {AUTHENTICATED},
    "system:discovery": {AUTHENTICATED},
    "system:public-info-viewer": {AUTHENTICATED, UNAUTHENTICATED},
    "system:service-account-issuer-discovery": {SERVICE_ACCOUNTS},
    "kubeadm:bootstrap-signer-clusterinfo": {ANONYMOUS},
}
_VENDORS = ("kubeadm:", "eks:", "gke:", "aks:", "system:gke-", "system:openshift:")
"""Beginnings of the names that installers and vendors give to their bindings, and to those that they bind."""


def identity(subject: Subject) -> Subject:
    """Return a subject, which is in full; a User that is named like a service account is that service account."""
    account = User(subject.name).service_account if subject.kind == "User" else None
    return Subject("ServiceAccount", account[1], account[0]) if account else subject


def implied_groups(subject: Subject) -> tuple[str, ...]:
    """Return the groups that a subject is in without anybody saying so; a group is in none."""
    name = user_name(subject, "")
    return user_named(name).groups if name else ()


def reference(subject: Subject) -> ObjectRef:
    """Return a subject as the object that findings are about."""
    return ObjectRef(subject.kind, subject.namespace, subject.name)


def is_public(subject: Subject) -> bool:
    """Return whether a subject is everybody, everybody who logs in, nobody known, or every service account."""
    return subject.kind in {"User", "Group"} and subject.name in PUBLIC


def is_usual(binding: RoleBinding, subject: Subject) -> bool:
    """
    Return whether a binding of a subject is one that Kubernetes, its installer or its vendor makes.

    The label alone proves nothing: subjects may be added to a binding that has it.
    """
    name = binding.metadata.name
    if is_public(subject):
        return binding.role.name == name and subject.name in _PUBLIC_DEFAULTS.get(name, ())
    if binding.metadata.labels.get(BOOTSTRAPPING) == _DEFAULTS and _is_of_kubernetes(subject):
        return True
    if subject.kind == "ServiceAccount":
        return subject.namespace == SYSTEM_NAMESPACE and name.startswith(_VENDORS)
    if name.startswith(_VENDORS) and subject.name.startswith((*_VENDORS, *_PLATFORM)):
        return True
    return subject.name.startswith(_PLATFORM) and binding.role.name != CLUSTER_ADMIN


def is_bootstrap(labels: dict[str, str]) -> bool:
    """Return whether an object has the label of what the API server makes when it starts."""
    return labels.get(BOOTSTRAPPING) == _DEFAULTS


def _is_of_kubernetes(subject: Subject) -> bool:
    if subject.kind == "ServiceAccount":
        return subject.namespace == SYSTEM_NAMESPACE
    return subject.name.startswith("system:")
