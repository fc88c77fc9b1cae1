"""
Who asks the API server for what, and what permits it.

The shapes are those of ``authorizer.Attributes`` and ``user.Info``: what the RBAC authorizer sees of a request.
"""

from __future__ import annotations

import re

from msgspec import Struct

from firedoor.model.places import NOWHERE, ObjectRef, Place
from firedoor.model.rbac import PolicyRule, Subject

AUTHENTICATED = "system:authenticated"
UNAUTHENTICATED = "system:unauthenticated"
ANONYMOUS = "system:anonymous"
NODES = "system:nodes"
"""The group of all kubelets."""
MASTERS = "system:masters"
"""Members of this group are asked nothing: they may do everything, whatever roles say."""

SERVICE_ACCOUNT = "system:serviceaccount:"
"""The name of every service account begins so; ``NAMESPACE:NAME`` follows."""
SERVICE_ACCOUNTS = "system:serviceaccounts"
"""All service accounts; with ``:NAMESPACE`` behind it, those of one namespace."""
_ACCOUNT = re.compile(
    SERVICE_ACCOUNT
    + r"(?P<namespace>(?=.{1,63}:)[a-z0-9]([-a-z0-9]*[a-z0-9])?)"
    + r":(?P<name>(?=.{1,253}\Z)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)"
)
"""What the API server takes for a service account: both names must be such as the API accepts."""


class User(Struct, frozen=True, gc=False):
    """An authenticated name and all its groups (``user.Info``), the implied ones too."""

    name: str
    groups: tuple[str, ...] = ()

    @property
    def service_account(self) -> tuple[str, str] | None:
        """Namespace and name of the service account that it is; None for others."""
        found = _ACCOUNT.fullmatch(self.name)
        return None if found is None else (found["namespace"], found["name"])


def user_named(name: str, groups: tuple[str, ...] = ()) -> User:
    """
    Return a user as the API server sees it after authentication, with the groups that its name implies.

    A service account has those of all service accounts, of its namespace and of everybody
    authenticated; ``system:anonymous`` is nobody authenticated.
    """
    account = User(name).service_account
    implied: tuple[str, ...] = (UNAUTHENTICATED,) if name == ANONYMOUS else (AUTHENTICATED,)
    if account is not None:
        implied = (SERVICE_ACCOUNTS, f"{SERVICE_ACCOUNTS}:{account[0]}", AUTHENTICATED)
    return User(name, tuple(dict.fromkeys((*groups, *implied))))


def service_account_user(namespace: str, name: str) -> User:
    """Return the user that a service account is."""
    return user_named(account_name(namespace, name))


def account_name(namespace: str, name: str) -> str:
    """Return the name of the user that a service account is."""
    return f"{SERVICE_ACCOUNT}{namespace}:{name}"


class AccessRequest(Struct, frozen=True, gc=False):
    """
    One request (``authorizer.Attributes``): for a resource, or for the `path` of a URL that is none.

    `group` is the API group, empty for the core group; `name` is empty where the request
    names no single object (list, create, deletecollection), `namespace` where it is
    about a cluster-scoped resource or about all namespaces.
    """

    verb: str
    resource: str = ""
    subresource: str = ""
    group: str = ""
    name: str = ""
    namespace: str = ""
    path: str = ""

    @property
    def is_for_resource(self) -> bool:
        """Whether it is for a resource."""
        return not self.path


class Grant(Struct, frozen=True, gc=False):
    """
    One rule of a role that a binding gives to a subject.

    `namespace` is where the rule holds, empty for the whole cluster. `path` is that of
    the rule in the role (``rules[2]``); where an aggregation rule brought it in, `source`
    is the role that has it. `subject` is the one of the binding's subjects that matched.
    """

    rule: PolicyRule
    subject: Subject
    namespace: str
    binding: ObjectRef
    role: ObjectRef
    path: str
    source: ObjectRef | None = None
    binding_place: Place = NOWHERE
    role_place: Place = NOWHERE
