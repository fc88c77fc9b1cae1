from __future__ import annotations

import pytest

from firedoor.engine.reach.cni import SPEC
from firedoor.model.findings import Severity
from firedoor.model.namespace_map import MapEdge, MapNode
from firedoor.model.places import ObjectRef
from firedoor.usecases import namespace_map as module
from firedoor.usecases.namespace_map import namespace_map
from tests.loading import snapshot_of
from tests.render.findings_reports import finding

POD = "{apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: %s}, spec: {containers: [{name: a}]}}\n---\n"
CLOSED = (
    "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: data}, "
    "spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{namespaceSelector: {matchLabels: "
    "{kubernetes.io/metadata.name: shop}}}], ports: [{port: 5432}]}]}}"
)
CLUSTER = POD % ("web", "shop") + POD % ("api", "shop") + POD % ("db", "data") + POD % ("agent", "ops") + CLOSED


def test_a_map_has_the_namespaces_and_what_connects_them() -> None:
    found = namespace_map(snapshot_of(CLUSTER), SPEC, ())
    assert found is not None
    assert found.nodes == (MapNode("data", 1), MapNode("ops", 1), MapNode("shop", 2))
    assert found.edges == (
        MapEdge("data", "ops", all=1),
        MapEdge("data", "shop", all=2),
        MapEdge("ops", "shop", all=2),
        MapEdge("shop", "data", some=2),
        MapEdge("shop", "ops", all=2),
    )
    assert found.hidden == 0


def test_one_namespace_makes_no_map() -> None:
    assert namespace_map(snapshot_of(POD % ("web", "shop")), SPEC, ()) is None


@pytest.mark.parametrize(("namespace", "names"), [("", ["data", "ops"]), ("shop", ["ops", "shop"])])
def test_where_there_are_too_many_the_gravest_and_the_one_that_was_asked_for_are_shown(
    namespace: str, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_NAMESPACES", 2)
    findings = (
        finding(about=ObjectRef("Namespace", "", "ops"), severity=Severity.CRITICAL),
        finding(about=ObjectRef("Pod", "data", "db"), severity=Severity.HIGH),
        finding(about=ObjectRef("Cluster", "", "cluster")),
    )
    found = namespace_map(snapshot_of(CLUSTER), SPEC, findings, namespace)
    assert found is not None
    assert ([each.namespace for each in found.nodes], found.hidden) == (names, 1)


def test_namespaces_with_many_kinds_of_pods_leave_room_for_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PROFILES", 0)
    found = namespace_map(snapshot_of(CLUSTER), SPEC, ())
    assert found is not None
    assert (len(found.nodes), found.edges, found.hidden) == (1, (), 2)
