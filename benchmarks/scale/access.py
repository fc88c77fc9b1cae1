"""Service accounts, roles and bindings as clusters with many teams have them, and Services that face the internet."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from benchmarks.scale.json_text import element
from benchmarks.scale.plan import Plan

_GROUP = "rbac.authorization.k8s.io"
_API = f"{_GROUP}/v1"
_READ = ["get", "list", "watch"]
_ALL = ["*"]
Rule = dict[str, Any]
_RULES: dict[str, list[Rule]] = {
    "cluster-admin": [{"apiGroups": _ALL, "resources": _ALL, "verbs": _ALL}, {"nonResourceURLs": _ALL, "verbs": _ALL}],
    "view": [{"apiGroups": ["", "apps", "batch"], "resources": ["pods", "services", "deployments"], "verbs": _READ}],
    "edit": [
        {"apiGroups": [""], "resources": ["pods", "pods/exec", "secrets", "configmaps"], "verbs": ["create", *_READ]},
        {"apiGroups": ["apps"], "resources": ["deployments", "statefulsets"], "verbs": ["create", "update", "patch"]},
    ],
    "metrics": [{"apiGroups": [""], "resources": ["nodes", "nodes/metrics", "endpoints"], "verbs": _READ}],
    "secret-reader": [{"apiGroups": [""], "resources": ["secrets"], "verbs": _READ}],
    "deployer": [{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["create", "update", "patch"]}],
    "binder": [
        {"apiGroups": [_GROUP], "resources": ["rolebindings"], "verbs": ["create"]},
        {"apiGroups": [_GROUP], "resources": ["clusterroles"], "resourceNames": ["view", "edit"], "verbs": ["bind"]},
    ],
    "leader": [{"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create", "update"]}],
}
_USUAL = ("view", "view", "edit", "deployer", "leader", "leader", "secret-reader", "binder")
_WIDE = ("metrics", "view", "leader", "leader")
_ADMINS = 3
_OWN_ROLE = 4
"""One binding in so many is of a Role of its own."""
_CLUSTER_WIDE = 40
_USERS = 2000
_EXPOSED = 200
"""One workload in so many faces the internet."""


def access(plan: Plan, *, indented: bool) -> Iterator[str]:
    """Yield the JSON of all that says who may do what, where bindings are asked for at all."""
    count = plan.size.bindings
    if not count:
        return
    rng = random.Random(plan.seed + 5)
    for each in plan.workloads:
        yield element(
            {"apiVersion": "v1", "kind": "ServiceAccount", **_named(each.name, each.namespace)}, indented=indented
        )
    for name, rules in _RULES.items():
        yield element({"apiVersion": _API, "kind": "ClusterRole", **_named(name), "rules": rules}, indented=indented)
    for number in range(count):
        for value in _binding(plan, number, rng):
            yield element(value, indented=indented)
    for each in plan.workloads[::_EXPOSED]:
        ports = [{"port": port, "protocol": protocol, "targetPort": port} for _, port, protocol in each.ports]
        spec = {"type": "LoadBalancer", "selector": {"app": each.app}, "ports": ports}
        named = _named(f"{each.name}-public", each.namespace)
        yield element({"apiVersion": "v1", "kind": "Service", **named, "spec": spec}, indented=indented)


def _binding(plan: Plan, number: int, rng: random.Random) -> Iterator[dict[str, Any]]:
    """Yield a binding, before it the Role where it has one of its own."""
    workload = rng.choice(plan.workloads)
    account = {"kind": "ServiceAccount", "name": workload.name, "namespace": workload.namespace}
    if number < _ADMINS or number % _CLUSTER_WIDE == 0:
        role = "cluster-admin" if number < _ADMINS else rng.choice(_WIDE)
        yield {
            "apiVersion": _API,
            "kind": "ClusterRoleBinding",
            **_named(f"wide-{number}"),
            **_grant("ClusterRole", role, account),
        }
        return
    kind, role = "ClusterRole", rng.choice(_USUAL)
    if number % _OWN_ROLE == 0:
        rules = _RULES[role]
        kind, role = "Role", f"own-{number}"
        yield {"apiVersion": _API, "kind": "Role", **_named(role, workload.namespace), "rules": rules}
    subject = account
    if rng.random() < 0.4:  # noqa: PLR2004 - the share of people among subjects
        subject = {"apiGroup": _GROUP, "kind": "User", "name": f"user-{rng.randrange(_USERS):04d}"}
    named = _named(f"binding-{number}", workload.namespace)
    yield {"apiVersion": _API, "kind": "RoleBinding", **named, **_grant(kind, role, subject)}


def _grant(kind: str, role: str, subject: dict[str, str]) -> dict[str, Any]:
    return {"roleRef": {"apiGroup": _GROUP, "kind": kind, "name": role}, "subjects": [subject]}


def _named(name: str, namespace: str = "") -> dict[str, Any]:
    return {"metadata": {"name": name, **({"namespace": namespace} if namespace else {})}}
