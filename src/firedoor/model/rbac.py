"""Roles and bindings of ``rbac.authorization.k8s.io/v1``, and service accounts."""

from __future__ import annotations

from msgspec import Struct, field

from firedoor.model.metadata import ObjectMeta
from firedoor.model.places import NOWHERE, Place


class PolicyRule(Struct, frozen=True, gc=False, rename="camel"):
    """What a role permits (``rbac.v1.PolicyRule``)."""

    verbs: tuple[str, ...] = ()
    api_groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    resource_names: tuple[str, ...] = ()
    non_resource_urls: tuple[str, ...] = field(name="nonResourceURLs", default=())


class Role(Struct, frozen=True, gc=False):
    """
    A Role or a ClusterRole; a ClusterRole has no namespace.

    `aggregates` holds the label selectors of an aggregation rule as the API gives them.
    """

    kind: str
    metadata: ObjectMeta
    rules: tuple[PolicyRule, ...] = ()
    aggregates: tuple[dict[str, object], ...] = ()
    place: Place = NOWHERE


class Subject(Struct, frozen=True, gc=False, rename="camel"):
    """A User, Group or ServiceAccount that a binding names (``rbac.v1.Subject``)."""

    kind: str = ""
    name: str = ""
    namespace: str = ""


class RoleRef(Struct, frozen=True, gc=False, rename="camel"):
    """The role that a binding grants (``rbac.v1.RoleRef``)."""

    kind: str = ""
    name: str = ""


class RoleBinding(Struct, frozen=True, gc=False):
    """A RoleBinding or a ClusterRoleBinding; the latter has no namespace."""

    kind: str
    metadata: ObjectMeta
    role: RoleRef = RoleRef()
    subjects: tuple[Subject, ...] = ()
    place: Place = NOWHERE


class ServiceAccount(Struct, frozen=True, gc=False, rename="camel"):
    """A service account (``v1.ServiceAccount``)."""

    metadata: ObjectMeta = ObjectMeta()
    automount_service_account_token: bool | None = None
    place: Place = NOWHERE
