"""A permission risk is found exactly where the authorizer would permit what it is made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.engine.rbac_risks import find_risks
from firedoor.engine.rbac_risks.catalogue import PERMISSION_RISKS
from firedoor.engine.rbac_risks.permission import Permission
from firedoor.engine.rbac_risks.risk import PermissionRisk
from firedoor.model.access import AccessRequest, User
from firedoor.model.metadata import ObjectMeta
from firedoor.model.rbac import PolicyRule, Role, RoleBinding, RoleRef, Subject
from firedoor.model.snapshot import Origin, Snapshot
from tests.examples import some

VERSION = "v1.34.0"
MEMBER = User("member", ("team",))
NAMESPACES = ("kube-system", "shop")
NAMES = ("coredns", "view", "other")
PLAIN = [
    each
    for each in PERMISSION_RISKS
    if not any(part.beginning or any("?" in name for name in part.resources) for part in each.permissions)
]
"""The risks whose permissions are single words."""
WORDS = [each for risk in PLAIN for each in risk.permissions]


@st.composite
def any_rules(draw: st.DrawFn) -> PolicyRule:
    """Generate a rule that has something in common with a dangerous permission."""
    near = draw(st.sampled_from(WORDS))
    verbs = draw(st.lists(st.sampled_from((*near.verbs, "get", "*")), min_size=1, max_size=2))
    resources = draw(
        st.lists(st.sampled_from((*near.resources, "pods/*", *map(_star, near.resources))), min_size=1, max_size=2)
    )
    if near.resources[0].startswith("/"):
        return PolicyRule(tuple(verbs), non_resource_urls=tuple(resources))
    names = draw(st.sampled_from(((), (), (), NAMES[:1], NAMES[1:], ("",))))
    return PolicyRule(tuple(verbs), (draw(st.sampled_from((near.group, near.group, "apps"))),), tuple(resources), names)


def is_everything(rule: PolicyRule) -> bool:
    """Return whether a rule permits all there is: who has it gets one finding for that alone."""
    return all("*" in each for each in (rule.verbs, rule.api_groups, rule.resources)) and not rule.resource_names


RULES = any_rules().filter(lambda rule: not is_everything(rule))


def _star(resource: str) -> str:
    name, slash, subresource = resource.rpartition("/")
    return f"*/{subresource}" if slash and name else f"{resource.rpartition('/')[0]}/*" if slash else "*"


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    roles, bindings = [], []
    for number, rule in enumerate(draw(st.lists(RULES, min_size=1, max_size=5))):
        namespace = draw(st.sampled_from(("", *NAMESPACES)))
        roles.append(Role("ClusterRole", ObjectMeta(name=f"r{number}"), (rule,)))
        bindings.append(
            RoleBinding(
                "RoleBinding" if namespace else "ClusterRoleBinding",
                ObjectMeta(name=f"b{number}", namespace=namespace),
                RoleRef("ClusterRole", f"r{number}"),
                (Subject("Group", "team"),),
            )
        )
    return Snapshot(Origin("cluster", server_version=VERSION), roles=tuple(roles), role_bindings=tuple(bindings))


def permitted(authorizer: Authorizer, permission: Permission, namespace: str) -> bool:
    """Return whether the authorizer permits any request that a permission stands for."""
    if permission.applies(VERSION) is False or (namespace and permission.home not in {"", namespace}):
        return False
    inside = "" if permission.is_clustered else namespace
    return any(
        authorizer.decide(MEMBER, request).allowed
        for verb in permission.verbs
        for resource in permission.resources
        for request in requests(permission, verb, resource, inside)
    )


def requests(permission: Permission, verb: str, resource: str, namespace: str) -> list[AccessRequest]:
    if resource.startswith("/"):
        return [AccessRequest(verb, path=resource)]
    name, _, subresource = resource.partition("/")
    is_nameless = verb in {"create", "deletecollection"} and not subresource
    names = ("",) if is_nameless else permission.names or ("", *NAMES)
    return [AccessRequest(verb, name, subresource, permission.group, each, namespace) for each in names]


def expected(authorizer: Authorizer, risk: PermissionRisk) -> set[str]:
    """Return where the member has a risk; only the whole cluster, which is empty, if it is there."""
    scopes = {
        scope
        for scope in ("", *NAMESPACES)
        if any(all(any(permitted(authorizer, each, scope) for each in part) for part in way) for way in risk.ways)
    }
    return {""} if "" in scopes else scopes


@pytest.mark.slow
@pytest.mark.timeout(600)
@some
@given(snapshots())
def test_a_risk_is_found_where_the_authorizer_permits_it(snapshot: Snapshot) -> None:
    authorizer = Authorizer(snapshot)
    found: dict[str, set[str]] = {}
    for each in find_risks(authorizer):
        if each.scope:
            assert each.finding.object.name == "team"
            found.setdefault(each.finding.check, set()).update(each.namespaces or ("",))
    for risk in PLAIN:
        scopes = found.get(risk.id, set())
        assert ({""} if "" in scopes else scopes) == expected(authorizer, risk), risk.id
