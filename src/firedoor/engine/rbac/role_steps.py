"""The steps by which somebody gets a permission through bindings and roles themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.rbac.bindings import CLUSTER_BINDING
from firedoor.engine.rbac.escalation import GROUP, PLURALS
from firedoor.engine.rbac.matching import allows_some
from firedoor.engine.rbac.roles import CLUSTER_ROLE
from firedoor.engine.rbac.steps import Need, Step, Technique
from firedoor.model.access import AccessRequest
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.rbac.authorizer import Authorizer
    from firedoor.engine.rbac.bindings import Bindings
    from firedoor.model.access import User

_CHANGES = ("update", "patch")


def binding_steps(authorizer: Authorizer, request: AccessRequest) -> Iterator[Step]:
    """
    Yield the bindings that would permit a request: new ones, and one more subject in those that exist.

    To hold what the role permits, in place of ``bind``, is of no help to who does not hold it.
    """
    yield from _bindings_in(authorizer, request, authorizer.cluster, CLUSTER_BINDING)
    if request.is_for_resource and request.namespace:
        local = authorizer.local.get(request.namespace)
        yield from _bindings_in(authorizer, request, local, "RoleBinding")


def escalation_steps(authorizer: Authorizer, request: AccessRequest, user: User) -> Iterator[Step]:
    """Yield the roles that a user has where the request is asked, each to be changed so that it permits it."""
    for scope in authorizer.scopes(request):
        for binding, _ in scope.of(user):
            role = authorizer.role_of(binding)
            if role is None:
                continue
            ref = ObjectRef(role.kind, role.metadata.namespace, role.metadata.name)
            names, plural = frozenset({ref.name}), PLURALS[role.kind]
            escalate = Need(AccessRequest("escalate", plural, group=GROUP, namespace=ref.namespace), names)
            for verb in _CHANGES:
                change = AccessRequest(verb, plural, group=GROUP, namespace=ref.namespace)
                yield Step(Technique.ESCALATE, ref, (Need(change, names), escalate))


def role_requests(request: AccessRequest) -> Iterator[AccessRequest]:
    """Yield what is needed, in part, to change any role that could permit a request."""
    for verb in ("escalate", *_CHANGES):
        yield AccessRequest(verb, PLURALS[CLUSTER_ROLE], group=GROUP)
        if request.is_for_resource and request.namespace:
            yield AccessRequest(verb, PLURALS["Role"], group=GROUP, namespace=request.namespace)


def _bindings_in(authorizer: Authorizer, request: AccessRequest, scope: Bindings | None, kind: str) -> Iterator[Step]:
    namespace = "" if kind == CLUSTER_BINDING else request.namespace
    matching = authorizer.index.matching(request)
    asked = frozenset({request.name})
    roles = [
        (home, role, name)
        for home in dict.fromkeys(("", namespace))
        for (role, name), rules in matching.get(home, {}).items()
        if any(allows_some(each[0], request, asked) for each in rules)
    ]
    for home, role, name in roles:
        target = ObjectRef(role, home, name)
        bind = Need(AccessRequest("bind", PLURALS[role], group=GROUP, namespace=namespace), frozenset({name}))
        create = Need(AccessRequest("create", PLURALS[kind], group=GROUP, namespace=namespace))
        yield Step(Technique.BIND, target, (bind, create))
        existing = frozenset() if scope is None else scope.names_of(role, name)
        for verb in _CHANGES if existing else ():
            change = AccessRequest(verb, PLURALS[kind], group=GROUP, namespace=namespace)
            yield Step(Technique.BIND, target, (bind, Need(change, existing)))
