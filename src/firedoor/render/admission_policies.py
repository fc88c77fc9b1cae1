"""
Checks as objects that a cluster enforces by itself.

``ValidatingAdmissionPolicy`` with its binding (``admissionregistration.k8s.io/v1``, from Kubernetes 1.30 on), and
Kyverno's ``ValidatingPolicy`` (``policies.kyverno.io/v1``), which has its fields and needs no binding.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from firedoor.render.yaml_text import yaml_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.admission_export import AdmissionExport, Check
    from firedoor.model.labels import LabelSelector

Manifest = dict[str, object]
_LABELS = {"app.kubernetes.io/managed-by": "firedoor"}


class PolicyForm(StrEnum):
    """Who enforces the policies."""

    VAP = "vap"
    KYVERNO = "kyverno"


def admission_policies(found: AdmissionExport, form: PolicyForm) -> list[Manifest]:
    """Return the objects of all checks."""
    return [each for check in found.checks for each in _objects(check, form)]


def admission_policies_yaml(found: AdmissionExport, form: PolicyForm) -> str:
    """Return the objects as documents of YAML."""
    return "---\n".join(map(yaml_text, admission_policies(found, form)))


def _objects(check: Check, form: PolicyForm) -> Iterator[Manifest]:
    actions = ["Warn", "Audit"] if check.is_warning else ["Deny"]
    metadata = {"name": check.name, "labels": _LABELS}
    if form is PolicyForm.KYVERNO:
        # Conditions are about who asks: nobody does when what is there already is gone through.
        evaluation = {"background": {"enabled": not check.conditions}}
        spec = {"validationActions": actions, "evaluation": evaluation, **_spec(check)}
        yield {"apiVersion": "policies.kyverno.io/v1", "kind": "ValidatingPolicy", "metadata": metadata, "spec": spec}
        return
    version, kind = "admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"
    yield {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": _spec(check)}
    binding = {"policyName": check.name, "validationActions": actions}
    yield {"apiVersion": version, "kind": f"{kind}Binding", "metadata": metadata, "spec": binding}


def _spec(check: Check) -> Manifest:
    resource = check.resource
    rule = {
        "apiGroups": [resource.group],
        "apiVersions": [resource.version],
        "operations": ["CREATE", "UPDATE"],
        "resources": list(resource.names),
    }
    constraints: Manifest = {"resourceRules": [rule]}
    if check.namespaces is not None:
        constraints["namespaceSelector"] = _selector(check.namespaces)
    spec: Manifest = {"failurePolicy": "Fail", "matchConstraints": constraints}
    if check.conditions:
        spec["matchConditions"] = [{"name": name, "expression": text} for name, text in check.conditions]
    spec["validations"] = [{"expression": text, "message": message} for text, message in check.validations]
    return spec


def _selector(selector: LabelSelector) -> Manifest:
    found: Manifest = {}
    if selector.match_labels:
        found["matchLabels"] = dict(selector.match_labels)
    if selector.match_expressions:
        found["matchExpressions"] = [
            {"key": each.key, "operator": str(each.operator), **({"values": list(each.values)} if each.values else {})}
            for each in selector.match_expressions
        ]
    return found
