"""Snapshots of roles and bindings from the little that a test cares about."""

from __future__ import annotations

from msgspec.structs import replace

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.engine.rbac_risks import find_risks
from firedoor.model.rbac_risks import RiskFinding
from firedoor.model.snapshot import Origin, Snapshot

CI = "{kind: ServiceAccount, namespace: shop, name: ci}"
ACCOUNT = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {namespace: shop, name: ci}\n"


def account(name: str, namespace: str = "shop", more: str = "") -> str:
    return f"apiVersion: v1\nkind: ServiceAccount\nmetadata: {{namespace: {namespace}, name: {name}}}\n{more}\n"


def rule(verbs: str, resources: str, group: str = '""', names: str = "") -> str:
    limits = f", resourceNames: [{names}]" if names else ""
    return f"{{verbs: [{verbs}], apiGroups: [{group}], resources: [{resources}]{limits}}}"


def role(*rules: str, name: str = "r", namespace: str = "", labels: str = "", more: str = "") -> str:
    kind, where = ("Role", f"namespace: {namespace}, ") if namespace else ("ClusterRole", "")
    head = "apiVersion: rbac.authorization.k8s.io/v1"
    metadata = f"metadata: {{{where}name: {name}, labels: {{{labels}}}}}"
    return f"{head}\nkind: {kind}\n{metadata}\n{more}rules: [{', '.join(rules)}]\n"


def binding(*subjects: str, role: str = "ClusterRole/r", name: str = "b", namespace: str = "", labels: str = "") -> str:
    kind, where = ("RoleBinding", f"namespace: {namespace}, ") if namespace else ("ClusterRoleBinding", "")
    role_kind, _, role_name = role.partition("/")
    return f"""apiVersion: rbac.authorization.k8s.io/v1
kind: {kind}
metadata: {{{where}name: "{name}", labels: {{{labels}}}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {role_kind}, name: "{role_name}"}}
subjects: [{", ".join(subjects or (CI,))}]
"""


def user(name: str) -> str:
    return f'{{apiGroup: rbac.authorization.k8s.io, kind: User, name: "{name}"}}'


def group(name: str) -> str:
    return f'{{apiGroup: rbac.authorization.k8s.io, kind: Group, name: "{name}"}}'


def load(*documents: str, version: str = "", whole: bool = False) -> Snapshot:
    snapshot = load_text("\n---\n".join(documents))
    return replace(snapshot, origin=Origin("cluster" if whole else "manifests", server_version=version))


def risks(*documents: str, version: str = "", whole: bool = False) -> list[RiskFinding]:
    return list(find_risks(Authorizer(load(*documents, version=version, whole=whole))))


def held(*documents: str, version: str = "") -> dict[str, RiskFinding]:
    """Return the permission risks of the service account ci, by id."""
    found = risks(ACCOUNT, *documents, version=version)
    return {each.finding.check: each for each in found if each.finding.object.name == "ci" and each.scope}


def of(risk: str, *documents: str, whole: bool = False) -> list[RiskFinding]:
    return [each for each in risks(*documents, whole=whole) if each.finding.check == risk]
