from __future__ import annotations

import pytest

from firedoor.engine.reach.cni import SPEC
from firedoor.errors import NothingInScopeError
from firedoor.model.findings import Severity
from firedoor.model.snapshot import Snapshot
from firedoor.usecases.diagnose import diagnose
from tests.loading import snapshot_of

SNAPSHOT = snapshot_of(
    """
    {apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}}
    ---
    {apiVersion: v1, kind: Pod, metadata: {name: db, namespace: data, labels: {app: db}}}
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: all, namespace: data}
    spec: {podSelector: {}, policyTypes: [Ingress]}
    """
)


def test_the_summary_counts_what_the_lists_hold() -> None:
    found = diagnose(SNAPSHOT, SPEC)
    summary = found.summary()
    assert summary["findings"] == len(found.findings) > 0
    assert summary["coverage"] == {
        "pods": 2, "isolatedBoth": 0, "isolatedIngressOnly": 1, "isolatedEgressOnly": 0, "isolatedNone": 1,
        "hostNetwork": 0,
    }  # fmt: skip
    assert found.worst is max((each.severity for each in found.findings), key=list(Severity).index)


def test_a_namespace_shows_only_what_concerns_it() -> None:
    found = diagnose(SNAPSHOT, SPEC, "shop")
    assert {row.namespace for row in found.inventory.pods} == {"shop"}
    assert found.inventory.total.pods == 1
    assert all(each.object.namespace in {"", "shop"} for each in found.findings)


def test_nothing_at_all_is_an_error() -> None:
    with pytest.raises(NothingInScopeError, match="no Kubernetes object"):
        diagnose(Snapshot(), SPEC)
