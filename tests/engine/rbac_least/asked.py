"""Requests, users and objects that the tests of this folder are written with."""

from __future__ import annotations

from firedoor.model.access import AccessRequest, User, service_account_user, user_named
from firedoor.model.audit import AuditEvent, AuditOutcome
from firedoor.model.metadata import ObjectMeta
from firedoor.model.rbac import PolicyRule, Role, RoleBinding, RoleRef, Subject
from firedoor.model.snapshot import Snapshot

WEB = service_account_user("shop", "web")
WEB_SUBJECT = Subject("ServiceAccount", "web", "shop")
JANE = user_named("jane", ("devs",))


def for_object(verb: str, resource: str, namespace: str = "", name: str = "", group: str = "") -> AccessRequest:
    kind, _, sub = resource.partition("/")
    return AccessRequest(verb, kind, sub, group, name, namespace)


def for_url(verb: str, path: str) -> AccessRequest:
    return AccessRequest(verb, path=path)


def allowed(
    user: User, request: AccessRequest, time: str = "", audit_id: str = "", *, start: bool = False
) -> AuditEvent:
    return AuditEvent(user, request, AuditOutcome.ALLOWED, time, audit_id, start)


def rule(verbs: str, resources: str = "", groups: str = "core", names: str = "", urls: str = "") -> PolicyRule:
    apis = tuple("" if each == "core" else each for each in groups.split()) if resources else ()
    return PolicyRule(tuple(verbs.split()), apis, tuple(resources.split()), tuple(names.split()), tuple(urls.split()))


def role(name: str, *rules: PolicyRule, namespace: str = "") -> Role:
    return Role("Role" if namespace else "ClusterRole", ObjectMeta(name=name, namespace=namespace), rules)


def binding(name: str, of: Role, *subjects: Subject, namespace: str = "", labels: str = "") -> RoleBinding:
    meta = ObjectMeta(name=name, namespace=namespace, labels=dict([labels.split("=")]) if labels else {})
    kind = "RoleBinding" if namespace else "ClusterRoleBinding"
    return RoleBinding(kind, meta, RoleRef(of.kind, of.metadata.name), subjects)


def cluster(*objects: Role | RoleBinding) -> Snapshot:
    return Snapshot(
        roles=tuple(each for each in objects if isinstance(each, Role)),
        role_bindings=tuple(each for each in objects if isinstance(each, RoleBinding)),
    )
