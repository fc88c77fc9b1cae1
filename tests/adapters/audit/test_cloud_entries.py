from __future__ import annotations

import json
from typing import Any

import pytest

from firedoor.model.access import AccessRequest
from firedoor.model.audit import AuditEvent, AuditOutcome, AuditSkip
from tests.adapters.audit.samples import WEB, WEB_GROUPS, read


def entry(method: str, resource: str, who: str = WEB, **changes: Any) -> AuditEvent | AuditSkip:
    payload = {
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
        "serviceName": "k8s.io",
        "methodName": method,
        "resourceName": resource,
        "authenticationInfo": {"principalEmail": who},
        "authorizationInfo": [{"granted": True, "permission": method, "resource": resource}],
        **changes.pop("payload", {}),
    }
    whole = {"insertId": "1", "timestamp": "2026-03-01T08:00:00Z", "protoPayload": payload, **changes}
    (found,) = read(json.dumps(whole).encode())
    return found


@pytest.mark.parametrize(
    ("method", "resource", "expected"),
    [
        ("io.k8s.core.v1.pods.list", "core/v1/namespaces/shop/pods", AccessRequest("list", "pods", namespace="shop")),
        ("io.k8s.core.v1.pods.list", "core/v1/pods", AccessRequest("list", "pods")),
        (
            "io.k8s.core.v1.pods.exec.create",
            "core/v1/namespaces/shop/pods/web-0/exec",
            AccessRequest("create", "pods", "exec", "", "web-0", "shop"),
        ),
        (
            "io.k8s.apps.v1.deployments.create",
            "apps/v1/namespaces/shop/deployments/web",
            AccessRequest("create", "deployments", group="apps", namespace="shop"),
        ),
        (
            "io.k8s.authorization.rbac.v1.clusterroles.get",
            "rbac.authorization.k8s.io/v1/clusterroles/edit",
            AccessRequest("get", "clusterroles", "", "rbac.authorization.k8s.io", "edit"),
        ),
        ("io.k8s.core.v1.namespaces.list", "core/v1/namespaces", AccessRequest("list", "namespaces")),
        (
            "io.k8s.core.v1.namespaces.get",
            "core/v1/namespaces/shop",
            AccessRequest("get", "namespaces", name="shop", namespace="shop"),
        ),
        (
            "io.k8s.core.v1.namespaces.finalize.update",
            "core/v1/namespaces/shop/finalize",
            AccessRequest("update", "namespaces", "finalize", "", "shop", "shop"),
        ),
    ],
)
def test_methods_and_resource_names_are_requests(method: str, resource: str, expected: AccessRequest) -> None:
    found = entry(method, resource)
    assert isinstance(found, AuditEvent)
    assert (found.request, found.outcome) == (expected, AuditOutcome.ALLOWED)
    assert found.user.groups == tuple(WEB_GROUPS)


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"labels": {"authorization.k8s.io/decision": "forbid"}}, AuditOutcome.DENIED),
        ({"labels": {"authorization.k8s.io/decision": "allow"}}, AuditOutcome.ALLOWED),
        ({"payload": {"authorizationInfo": [{"granted": True}, {}]}}, AuditOutcome.DENIED),
        ({"payload": {"authorizationInfo": []}}, AuditOutcome.UNDECIDED),
    ],
)
def test_the_label_decides_and_otherwise_what_was_granted(changes: Any, outcome: AuditOutcome) -> None:
    found = entry("io.k8s.core.v1.pods.list", "core/v1/pods", **changes)
    assert isinstance(found, AuditEvent)
    assert found.outcome is outcome


@pytest.mark.parametrize(
    ("method", "resource", "who"),
    [
        ("io.k8s.get", "readyz", WEB),
        ("google.container.v1.ClusterManager.GetCluster", "projects/p/zones/z/clusters/c", WEB),
        ("io.k8s.core.v1.pods.list", "core/v1//pods", WEB),
        ("io.k8s.core.v1.pods.list", "core/v1/pods", ""),
    ],
)
def test_other_entries_are_told(method: str, resource: str, who: str) -> None:
    found = entry(method, resource, who)
    assert isinstance(found, AuditSkip)
    assert found.reason.startswith("protoPayload.")
