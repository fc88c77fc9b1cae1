"""Every permission risk is found in what has it, and not in what nearly has it."""

from __future__ import annotations

import pytest
from tests.engine.rbac_risks.loading import binding, held, role, rule

from firedoor.engine.rbac_risks.catalogue import PERMISSION_RISKS
from firedoor.engine.rbac_risks.permissions.everything import EVERYTHING

RBAC = "rbac.authorization.k8s.io"
ADMISSION = "admissionregistration.k8s.io"
AUTHENTICATION = "authentication.k8s.io"
CERTIFICATES = "certificates.k8s.io"

ANY = '"*"'


def urls(verbs: str, paths: str) -> str:
    return f"{{verbs: [{verbs}], nonResourceURLs: [{paths}]}}"


CASES: dict[str, tuple[list[str], list[str]]] = {
    "everything-permitted": ([rule(ANY, ANY, ANY)], [rule("get, create", ANY, ANY), rule(ANY, ANY, "apps")]),
    "group-permitted": ([rule(ANY, ANY, "apps")], [rule(ANY, ANY, "shop.example"), rule(ANY, "deployments", "apps")]),
    "everything-readable": ([rule("list", ANY, ANY)], [rule("list", ANY), rule("create", ANY, ANY)]),
    "secrets-read": ([rule("watch", "secrets")], [rule("get", "secrets", "shop.example"), rule("delete", "secrets")]),
    "secrets-write": ([rule("create", "secrets")], [rule("create", "secrets", names="one"), rule("get", "secrets")]),
    "token-request": (
        [rule("create", '"*/token"')],
        [rule("create", "serviceaccounts"), rule("get", "serviceaccounts/token")],
    ),
    "pod-create": ([rule("create", "pods")], [rule("create", '"pods/*"'), rule("create", "pods", "apps")]),
    "workload-write": ([rule("patch", "cronjobs", "batch")], [rule("patch", "cronjobs", "apps")]),
    "podtemplate-write": ([rule("create", "podtemplates")], [rule("create", "podtemplates", "apps")]),
    "pod-modify": ([rule("patch", "pods")], [rule("patch", "pods/status"), rule("PATCH", "pods")]),
    "pod-steer": ([rule("create", "pods/eviction")], [rule("create", "evictions"), rule("get", "pods/status")]),
    "operator-steer": (
        [rule("create", "applications", "argoproj.io")],
        [rule("create", "applications", "shop.example")],
    ),
    "pod-exec": ([rule("create", "pods/exec")], [rule("create", "pods/log"), rule("list", "pods/exec")]),
    "pod-ephemeral": ([rule("patch", "pods/ephemeralcontainers")], [rule("create", "pods/ephemeralcontainers")]),
    "port-forward": ([rule("create", "pods/portforward")], [rule("update", "pods/portforward")]),
    "pod-proxy": ([rule("get", "services/proxy")], [rule("get", "services")]),
    "pod-logs": ([rule("get", '"*/log"')], [rule("get", "pods")]),
    "nodes-proxy": ([rule("get", "nodes/proxy")], [rule("get", "nodes"), rule("get", "nodes/metrics")]),
    "nodes-kubelet-read": ([rule("get", "nodes/log")], [rule("get", "nodes/metrics")]),
    "nodes-checkpoint": ([rule("create", "nodes/checkpoint")], [rule("get", "nodes/checkpoint")]),
    "nodes-write": ([rule("patch", "nodes/status")], [rule("get", "nodes")]),
    "rbac-escalate": (
        [rule("escalate, update", "roles", RBAC)],
        [rule("escalate", "roles", RBAC), rule("update", "clusterroles", RBAC)],
    ),
    "rbac-bind": (
        [rule("bind", "clusterroles", RBAC), rule("create", "rolebindings", RBAC)],
        [rule("bind, create", "rolebindings, clusterrolebindings", RBAC)],
    ),
    "rbac-bindings-write": ([rule("create", "rolebindings", RBAC)], [rule("create", "rolebindings")]),
    "rbac-roles-write": ([rule("patch", "clusterroles", RBAC)], [rule("get", "clusterroles", RBAC)]),
    "rbac-delete": ([rule("delete", "rolebindings", RBAC)], [rule("get", "rolebindings", RBAC)]),
    "impersonate-users": ([rule("impersonate", "groups")], [rule("impersonate", "groups", AUTHENTICATION)]),
    "impersonate-account": ([rule("impersonate", "serviceaccounts")], [rule("get", "serviceaccounts")]),
    "impersonate-details": (
        [rule("impersonate", "userextras/scopes", AUTHENTICATION)],
        [rule("impersonate", "userextras", AUTHENTICATION)],
    ),
    "impersonate-constrained": (
        [
            rule('"impersonate:user-info"', "users", AUTHENTICATION),
            rule('"impersonate-on:user-info:list"', "pods"),
        ],
        [
            rule('"impersonate:user-info"', "users", AUTHENTICATION),
            rule('"impersonate-on:serviceaccount:list"', "pods"),
        ],
    ),
    "csr-approve": (
        [rule("update", "certificatesigningrequests/approval", CERTIFICATES), rule("approve", "signers", CERTIFICATES)],
        [rule("update", "certificatesigningrequests/approval", CERTIFICATES), rule("sign", "signers", CERTIFICATES)],
    ),
    "csr-sign": (
        [rule("patch", "certificatesigningrequests/status", CERTIFICATES), rule("sign", "signers", CERTIFICATES)],
        [rule("patch", "certificatesigningrequests", CERTIFICATES), rule("sign", "signers", CERTIFICATES)],
    ),
    "trust-bundle-write": (
        [rule("update", "clustertrustbundles", CERTIFICATES)],
        [rule("get", "clustertrustbundles", CERTIFICATES)],
    ),
    "webhooks-write": (
        [rule("delete", "mutatingwebhookconfigurations", ADMISSION)],
        [rule("get", "mutatingwebhookconfigurations", ADMISSION)],
    ),
    "admission-policy-write": (
        [rule("create", "validatingadmissionpolicybindings", ADMISSION)],
        [rule("create", "validatingadmissionpolicybindings")],
    ),
    "policy-engine-write": (
        [rule("delete", "k8srequiredlabels", "constraints.gatekeeper.sh")],
        [rule("get", "k8srequiredlabels", "constraints.gatekeeper.sh")],
    ),
    "apiservice-write": (
        [rule("create", "apiservices", "apiregistration.k8s.io")],
        [rule("update", "apiservices/status", "apiregistration.k8s.io")],
    ),
    "crd-write": (
        [rule("patch", "customresourcedefinitions", "apiextensions.k8s.io")],
        [rule("list", "customresourcedefinitions", "apiextensions.k8s.io")],
    ),
    "pv-create": ([rule("create", "persistentvolumes")], [rule("create", "persistentvolumeclaims")]),
    "storage-write": (
        [rule("create", "storageclasses", "storage.k8s.io")],
        [rule("get", "storageclasses", "storage.k8s.io")],
    ),
    "netpol-write": (
        [rule("deletecollection", "networkpolicies", "networking.k8s.io")],
        [
            rule("update", "networkpolicies", "extensions"),
            rule("update", "networkpolicies/status", "networking.k8s.io"),
        ],
    ),
    "netpol-cluster-write": (
        [rule("create", "clusternetworkpolicies", "policy.networking.k8s.io")],
        [rule("create", "networkpolicies", "networking.k8s.io")],
    ),
    "namespace-labels": ([rule("patch", "namespaces")], [rule("create", "namespaces")]),
    "traffic-redirect": ([rule("patch", "services/status")], [rule("get", "services")]),
    "network-attach": (
        [rule("create", "network-attachment-definitions", "k8s.cni.cncf.io")],
        [rule("get", "network-attachment-definitions", "k8s.cni.cncf.io")],
    ),
    "dns-config": ([rule("update", "configmaps", names="coredns")], [rule("update", "configmaps", names="shop")]),
    "aws-auth": ([rule("patch", "configmaps", names="aws-auth")], [rule("patch", "configmaps", names="coredns")]),
    "events-delete": ([rule("delete", "events", "events.k8s.io")], [rule("create", "events")]),
    "limits-write": ([rule("update", "leases", "coordination.k8s.io")], [rule("get", "leases", "coordination.k8s.io")]),
    "urls-read": ([urls("get", '"/debug/*"')], [urls("get", '"/healthz", "/metrics"'), urls("post", '"/debug/*"')]),
    "urls-metrics": ([urls("get", '"/metrics"')], [urls("get", '"/metrics/*"')]),
    "urls-all": ([urls("get", '"*"')], [urls("get", '"/api/*"')]),
    "namespaces-delete": ([rule("delete", "namespaces")], [rule("deletecollection", "namespaces")]),
}


def test_every_permission_risk_has_a_case() -> None:
    assert set(CASES) == {EVERYTHING.id, *(each.id for each in PERMISSION_RISKS)}


@pytest.mark.parametrize("risk", CASES)
def test_it_is_found_with_its_proof(risk: str) -> None:
    found = held(role(*CASES[risk][0]), binding())[risk]
    finding = found.finding
    assert finding.message.startswith("ServiceAccount shop/ci can ")
    assert (found.scope, found.namespaces, found.is_usual) == ("cluster", (), False)
    assert {each.path for each in found.grants} == {f"rules[{number}]" for number in range(len(CASES[risk][0]))}
    assert "ClusterRoleBinding b binds ServiceAccount shop/ci to ClusterRole r" in finding.evidence[0]
    assert "rules[0]: " in finding.evidence[0]


@pytest.mark.parametrize("risk", CASES)
def test_it_is_not_found_in_what_nearly_has_it(risk: str) -> None:
    assert risk not in held(role(*CASES[risk][1]), binding())
