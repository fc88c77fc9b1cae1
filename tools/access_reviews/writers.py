"""Who may write roles and bindings, in all the ways there are, and what they try to write."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tools.access_reviews.held import Held, held
from tools.access_reviews.objects import Manifest, reference, resource_rule, subject, url_rule, written
from tools.access_reviews.vocabulary import NAMESPACES, RBAC

from firedoor.model.access import User, account_name, user_named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.access_reviews.chance import Chance

BINDINGS, ROLES = ["rolebindings", "clusterrolebindings"], ["roles", "clusterroles"]
WRITE = ["create", "update", "patch"]


def _guard(verbs: list[str], resources: list[str], *names: str) -> Manifest:
    rule: Manifest = {"verbs": verbs, "apiGroups": [RBAC], "resources": resources}
    return {**rule, "resourceNames": list(names)} if names else rule


_PODS: Manifest = {"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods", "*/log", "secrets"]}
_NAMED: Manifest = {"verbs": ["get"], "apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["web", "db"]}
_URLS: Manifest = {"verbs": ["get"], "nonResourceURLs": ["/logs/*", "/metrics"]}
_ALL: list[Manifest] = [
    {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},
    {"verbs": ["*"], "nonResourceURLs": ["*"]},
]
_WRITE_ALL = [_guard(WRITE, BINDINGS), _guard(WRITE, ROLES)]
_SHAPES: dict[str, list[Manifest]] = {
    "writes": [*_WRITE_ALL],
    "writes-and-has": [*_WRITE_ALL, _PODS, _NAMED, _URLS],
    "has-all-as-lists": [*_WRITE_ALL, *_ALL[:1]],
    "has-all": _ALL,
    "binds": [*_WRITE_ALL, _guard(["bind"], ROLES)],
    "binds-named": [*_WRITE_ALL, _guard(["bind"], ROLES, "view", "twin", "role-1", "cluster-role-1", "no-such-role")],
    "binds-only": [_guard(["bind"], ROLES)],
    "escalates": [*_WRITE_ALL, _guard(["escalate"], ROLES)],
    "escalates-named": [*_WRITE_ALL, _guard(["escalate"], ROLES, "role-1", "cluster-role-1", "narrow", "new")],
    "updates-named": [_guard(WRITE, ROLES, "role-1", "role-2", "cluster-role-1", "cluster-role-2", "new"), _PODS],
    "local-bindings": [_guard(["create"], BINDINGS[:1]), _guard(["*"], ROLES[:1]), _PODS],
    "has-nothing-to-write": [_PODS, _NAMED, _URLS],
}
_ALSO = ("view", "edit", "cluster-role-2", "cluster-role-3", "wide", "twin")
"""Roles that writers are bound to as well, so that they have what these hold."""


class Write(NamedTuple):
    """Who writes what; `verb` is that of the request: create, update or patch."""

    user: User
    verb: str
    object: Manifest


def writers() -> Iterator[Manifest]:
    """Yield a ClusterRole for each shape, bound to a user for the whole cluster and to another in one namespace."""
    for number, (shape, rules) in enumerate(_SHAPES.items()):
        name, home = f"writer-{shape}", NAMESPACES[number % len(NAMESPACES)]
        role, also = reference("ClusterRole", name), reference("ClusterRole", _ALSO[number % len(_ALSO)])
        wide, local = _subjects(number, shape, home)
        yield written("ClusterRole", name, rules=rules)
        yield written("ClusterRoleBinding", name, roleRef=role, subjects=[wide])
        yield written("RoleBinding", name, home, roleRef=role, subjects=[local])
        yield written("RoleBinding", f"{name}-also", home, roleRef=also, subjects=[wide, local])


def writes(chance: Chance, cluster: list[Manifest], count: int) -> list[Write]:
    """Return so many writes, most of them of roles that the writer has or of rules that it holds."""
    given = held(cluster)
    writing = [*_users(), user_named("alice", ("system:masters",)), user_named("system:serviceaccount:alpha:robot")]
    roles = [each for each in cluster if each["kind"] in {"Role", "ClusterRole"}]
    found: list[Write] = []
    while len(found) < count:
        user = chance.choice(writing)
        own = [each for each in given if _is(each, user)]
        if chance.percent(50):
            found.append(Write(user, "create", _new_binding(chance, own, roles)))
        elif chance.percent(50):
            found.append(Write(user, "create", _new_role(chance, own)))
        else:
            found.append(_change(chance, user, own, roles))
    return found


def _subjects(number: int, shape: str, home: str) -> tuple[Manifest, Manifest]:
    if number % 3 == 1:
        return subject("Group", f"wide-{shape}"), subject("ServiceAccount", f"local-{shape}", home)
    return subject("User", f"wide-{shape}"), subject("User", f"local-{shape}")


def _users() -> list[User]:
    found = []
    for number, shape in enumerate(_SHAPES):
        for each in _subjects(number, shape, NAMESPACES[number % len(NAMESPACES)]):
            name = each["name"]
            if each["kind"] == "Group":
                found.append(user_named(f"member-of-{name}", (name,)))
            else:
                found.append(user_named(account_name(each["namespace"], name) if "namespace" in each else name))
    return found


def _is(given: Held, user: User) -> bool:
    who = given.subject
    name = account_name(who["namespace"], who["name"]) if who.get("namespace") else who["name"]
    return name in user.groups if who["kind"] == "Group" else name == user.name


def _new_binding(chance: Chance, own: list[Held], roles: list[Manifest]) -> Manifest:
    namespace = chance.choice(("", *{each.namespace: None for each in own}, *NAMESPACES))
    target = chance.choice(roles)
    role = reference(target["kind"], target["metadata"]["name"])
    if own and chance.percent(35):
        role = chance.choice(own).role
    elif chance.percent(30):
        kind = "Role" if chance.percent(40) else "ClusterRole"
        role = reference(kind, chance.choice(("view", "twin", "role-1", "cluster-role-1", "no-such-role", "nobody")))
    if not namespace:
        role = {**role, "kind": "ClusterRole"}
    kind = "RoleBinding" if namespace else "ClusterRoleBinding"
    return written(kind, "new", namespace, roleRef=role, subjects=[subject("User", "mallory")])


def _new_role(chance: Chance, own: list[Held]) -> Manifest:
    namespace = chance.choice(("", *{each.namespace: None for each in own}, *NAMESPACES))
    rules = _rules(chance, own, is_local=bool(namespace))
    if namespace:
        return written("Role", "new", namespace, rules=rules)
    if chance.percent(70):
        return written("ClusterRole", "new", rules=rules)
    return written("ClusterRole", "new", rules=rules if chance.percent(50) else [], **_aggregation())


def _change(chance: Chance, user: User, own: list[Held], roles: list[Manifest]) -> Write:
    named = ("role-1", "role-2", "cluster-role-1", "cluster-role-2", "narrow", "view")
    pool = [each for each in roles if each["metadata"]["name"] in named] if chance.percent(70) else roles
    before = chance.choice(pool)
    role = dict(before)
    # Taking rules away is judged by those that stay; what changes nothing is not judged.
    if chance.percent(65):
        role["rules"] = _rules(chance, own, is_local=before["kind"] == "Role")
    elif chance.percent(70):
        role["rules"] = (before.get("rules") or [])[:-1]
    if before["kind"] == "ClusterRole" and chance.percent(10):
        role |= _aggregation()
    elif chance.percent(50):
        # A patch does not take it away.
        role.pop("aggregationRule", None)
        return Write(user, "update", role)
    return Write(user, chance.choice(("update", "patch")), role)


def _aggregation() -> Manifest:
    return {"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"to-wide": "true"}}]}}


def _rules(chance: Chance, own: list[Held], *, is_local: bool) -> list[Manifest]:
    """Return rules that the writer has, or narrower ones, or for some of them anything."""
    found = []
    for _ in range(chance.choice((1, 1, 1, 2))):
        if not own or chance.percent(15):
            found.append(resource_rule(chance) if is_local or chance.percent(70) else url_rule(chance))
            continue
        # By role first, or the rules of the largest would be nearly all.
        chosen = chance.choice(list(dict.fromkeys(each.role["name"] for each in own)))
        rule = dict(chance.choice([each.rule for each in own if each.role["name"] == chosen]))
        if chance.percent(65):
            rule["verbs"] = [chance.choice(rule["verbs"])]
        if chance.percent(35) and "resources" in rule:
            resource = chance.choice(rule["resources"])
            rule["resources"] = [chance.choice((resource, resource.replace("*", "pods"), "pods/log", "pods"))]
            if chance.percent(50):
                rule["resourceNames"] = [chance.choice((*(rule.get("resourceNames") or ()), "web"))]
        if "nonResourceURLs" in rule:
            url = chance.choice(rule["nonResourceURLs"])
            rule["nonResourceURLs"] = [chance.choice((url, url.replace("*", "deeper/*"), url.replace("*", "x"), "/*"))]
        found.append(rule)
    return [each for each in found if not (is_local and "nonResourceURLs" in each)]
