"""Least roles and their bindings as manifests that ``kubectl apply`` takes."""

from __future__ import annotations

from collections.abc import Iterator

from firedoor.model.least_access import LeastAccess, LeastRoles
from firedoor.model.rbac import PolicyRule, Role, RoleBinding, Subject
from firedoor.render.least_words import least_notes, log_text, proof_text, requests_text
from firedoor.render.rbac_words import subject_text
from firedoor.render.words import visible
from firedoor.render.yaml_text import yaml_text

_GROUP = "rbac.authorization.k8s.io"
_LISTS = (
    ("apiGroups", "api_groups"),
    ("resources", "resources"),
    ("resourceNames", "resource_names"),
    ("nonResourceURLs", "non_resource_urls"),
    ("verbs", "verbs"),
)


def least_yaml(found: LeastAccess) -> str:
    """Return a document for each object, behind comments that say what was read and whose roles they are."""
    comments = (log_text(found.log), *least_notes(found))
    head = "".join(f"# {visible(each)}\n" for each in comments)
    return head + ("".join(part for each in found.subjects for part in _subject(each)) or "# No role is needed.\n")


def manifests(found: LeastRoles) -> Iterator[dict[str, object]]:
    """Yield each role and its binding as the API has them."""
    for role, binding in zip(found.roles, found.bindings, strict=True):
        yield _role(role)
        yield _binding(binding)


def rule_fields(rule: PolicyRule) -> dict[str, object]:
    """Return a rule as the API has it, without empty lists."""
    return {field: list(getattr(rule, name)) for field, name in _LISTS if getattr(rule, name)}


def _subject(found: LeastRoles) -> Iterator[str]:
    yield f"# {visible(subject_text(found.subject))}: {requests_text(found)}; {proof_text(found.proof)}\n"
    name = visible(subject_text(found.subject))
    for text in found.also_asked:
        yield f"# note: {name} {text}; the log does not tell, so that it is not granted\n"
    for each in manifests(found):
        yield "---\n"
        yield yaml_text(each)


def _role(role: Role) -> dict[str, object]:
    return {**_head(role), "rules": [rule_fields(rule) for rule in role.rules]}


def _binding(binding: RoleBinding) -> dict[str, object]:
    return {
        **_head(binding),
        "roleRef": {"apiGroup": _GROUP, "kind": binding.role.kind, "name": binding.role.name},
        "subjects": [_named(each) for each in binding.subjects],
    }


def _head(found: Role | RoleBinding) -> dict[str, object]:
    meta = {"name": found.metadata.name}
    if found.metadata.namespace:
        meta["namespace"] = found.metadata.namespace
    return {"apiVersion": f"{_GROUP}/v1", "kind": found.kind, "metadata": meta}


def _named(subject: Subject) -> dict[str, object]:
    where = {"namespace": subject.namespace} if subject.namespace else {"apiGroup": _GROUP}
    return {"kind": subject.kind, "name": subject.name, **where}
