"""The object that makes an API server ask a validating webhook (``admissionregistration.k8s.io/v1``)."""

from __future__ import annotations

import base64

from msgspec import Struct

from firedoor.render.yaml_text import yaml_text

NAME = "firedoor-admission"
_WEBHOOK = "admission.firedoor.dev"
_SECONDS = 5
_WORKLOADS = {
    "": ["pods"],
    "apps": ["daemonsets", "deployments", "replicasets", "statefulsets"],
    "batch": ["cronjobs", "jobs"],
}
_POLICIES = {
    "networking.k8s.io": ["networkpolicies"],
    "policy.networking.k8s.io": ["adminnetworkpolicies", "baselineadminnetworkpolicies", "clusternetworkpolicies"],
    "projectcalico.org": ["globalnetworkpolicies", "networkpolicies"],
    "crd.projectcalico.org": ["globalnetworkpolicies", "networkpolicies"],
    "cilium.io": ["ciliumclusterwidenetworkpolicies", "ciliumnetworkpolicies"],
    "security.istio.io": ["authorizationpolicies", "peerauthentications"],
}
_RIGHTS = {"rbac.authorization.k8s.io": ["clusterrolebindings", "clusterroles", "rolebindings", "roles"]}


class Registration(Struct, frozen=True):
    """
    Where a webhook is, and what becomes of changes that it does not answer for.

    `url` is empty where it is a Service. `authority` is the CA as PEM, `exempt` are namespaces that are never asked
    about.
    """

    url: str
    namespace: str
    service: str
    port: int
    authority: bytes
    failure_policy: str
    exempt: tuple[str, ...]


def admission_yaml(registration: Registration) -> str:
    """Return the ValidatingWebhookConfiguration."""
    bundle = base64.b64encode(registration.authority).decode()
    where: dict[str, object] = {"url": registration.url}
    if not registration.url:
        place = {"namespace": registration.namespace, "name": registration.service, "path": "/validate"}
        where = {"service": {**place, "port": registration.port}}
    rules = [
        *(_rule(group, names, "CREATE", "UPDATE") for group, names in _WORKLOADS.items()),
        *(_rule(group, names, "CREATE", "UPDATE", "DELETE") for group, names in _POLICIES.items()),
        _rule("", ["namespaces"], "CREATE", "UPDATE"),
        *(_rule(group, names, "CREATE", "UPDATE") for group, names in _RIGHTS.items()),
    ]
    exempt = {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": list(registration.exempt)}
    webhook = {
        "name": _WEBHOOK,
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "failurePolicy": registration.failure_policy,
        "matchPolicy": "Equivalent",
        "timeoutSeconds": _SECONDS,
        "clientConfig": {**where, "caBundle": bundle},
        "namespaceSelector": {"matchExpressions": [exempt]},
        "rules": rules,
    }
    return yaml_text(
        {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": NAME},
            "webhooks": [webhook],
        }
    )


def _rule(group: str, resources: list[str], *operations: str) -> dict[str, object]:
    return {"apiGroups": [group], "apiVersions": ["*"], "operations": list(operations), "resources": resources}
