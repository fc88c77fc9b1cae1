from __future__ import annotations

from firedoor.engine.reach.cni import SPEC
from firedoor.model.verdicts import Verdict
from firedoor.usecases.explain import explain
from tests.loading import snapshot_of

SNAPSHOT = snapshot_of(
    """
    {apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}},
     spec: {containers: [{name: a, image: a, ports: [{containerPort: 80}]}]}}
    ---
    {apiVersion: v1, kind: Pod, metadata: {name: db-0, namespace: shop, labels: {app: db, pod: "0"},
     ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: db, uid: u, controller: true}]}}
    ---
    {apiVersion: v1, kind: Pod, metadata: {name: db-1, namespace: shop, labels: {app: db, pod: "1"},
     ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: db, uid: u, controller: true}]}}
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: first, namespace: shop}
    spec: {podSelector: {matchLabels: {pod: "0"}}, policyTypes: [Ingress]}
    """
)


def test_pods_of_a_workload_that_differ_are_listed_and_the_furthest_decides() -> None:
    found = explain(SNAPSHOT, SPEC, "shop/web", "shop/db", "TCP", 5432, "")
    assert found.verdict is Verdict.ACCEPTED
    assert found.destination == "shop/db-1"
    assert sorted(found.pods) == [
        ("shop/web", "shop/db-0", Verdict.DENIED),
        ("shop/web", "shop/db-1", Verdict.ACCEPTED),
    ]


def test_a_port_that_nothing_declares_is_a_note_and_not_a_verdict() -> None:
    found = explain(SNAPSHOT, SPEC, "shop/db-0", "shop/web", "TCP", 81, "")
    assert found.verdict is Verdict.ACCEPTED
    assert "no container of shop/web declares TCP/81" in found.notes[0]
    assert not explain(SNAPSHOT, SPEC, "shop/db-0", "shop/web", "TCP", 80, "").notes
