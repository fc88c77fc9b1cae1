"""Which requests rules can permit, and which everybody may make anyway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.rbac.matching import ALL, rule_allows
from firedoor.model.access import AUTHENTICATED
from firedoor.model.rbac import PolicyRule

if TYPE_CHECKING:
    from firedoor.model.access import AccessRequest, User

_HEALTH = ("/healthz", "/livez", "/readyz", "/version", "/version/")
_PUBLIC = PolicyRule(("get",), non_resource_urls=_HEALTH)
"""What ``system:public-info-viewer`` gives to everybody."""
_COMMON = (
    PolicyRule(("get",), non_resource_urls=("/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*")),
    PolicyRule(("create",), ("authorization.k8s.io",), ("selfsubjectaccessreviews", "selfsubjectrulesreviews")),
    PolicyRule(("create",), ("authentication.k8s.io",), ("selfsubjectreviews",)),
)
"""What ``system:discovery`` and ``system:basic-user`` give to everybody who is authenticated."""


def is_common(user: User, request: AccessRequest) -> bool:
    """Return whether the roles that every cluster has permit a request: discovery, health, questions about oneself."""
    if rule_allows(_PUBLIC, request):
        return True
    return AUTHENTICATED in user.groups and any(rule_allows(rule, request) for rule in _COMMON)


def is_expressible(request: AccessRequest) -> bool:
    """
    Return whether a rule can permit a request without permitting others.

    A star in a rule is never a star alone: clients can ask for a resource of that name.
    """
    if not request.is_for_resource:
        return request.verb != ALL and not request.path.endswith(ALL)
    return ALL not in {request.verb, request.group, request.resource}


def resource_of(request: AccessRequest) -> str:
    """Return the resource as rules name it, with the subresource."""
    return f"{request.resource}/{request.subresource}" if request.subresource else request.resource
