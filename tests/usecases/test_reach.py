from __future__ import annotations

import pytest

from firedoor.engine.reach.cni import SPEC
from firedoor.errors import NothingInScopeError
from firedoor.model.labels import LabelSelector
from firedoor.usecases.reach import ReachFilter, reach
from tests.loading import snapshot_of

SNAPSHOT = snapshot_of(
    """
    {apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}}
    ---
    {apiVersion: v1, kind: Pod, metadata: {name: db, namespace: data, labels: {app: db}}}
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: db, namespace: data}
    spec:
      podSelector: {}
      policyTypes: [Ingress, Egress]
      ingress: [{from: [{namespaceSelector: {}}], ports: [{port: 5432}, {port: 5433}]}]
    """
)


def _found(wanted: ReachFilter) -> list[tuple[str, str]]:
    return [(str(each.src), str(each.dst)) for each in reach(SNAPSHOT, SPEC, wanted).connections]


def test_connections_are_sorted_and_denied_pairs_are_absent() -> None:
    pairs = _found(ReachFilter())
    assert ("shop/web", "data/db") in pairs
    assert ("data/db", "shop/web") not in pairs


def test_filters_narrow_by_end_namespace_and_labels() -> None:
    assert _found(ReachFilter(source="shop/web", destination="data/db")) == [("shop/web", "data/db")]
    assert _found(ReachFilter(namespace="data")) == [("shop/web", "data/db")]
    assert _found(ReachFilter(labels=LabelSelector({"app": "db"}))) == [("shop/web", "data/db")]


def test_a_port_keeps_only_its_own_traffic() -> None:
    (only,) = reach(SNAPSHOT, SPEC, ReachFilter(namespace="data", port=("TCP", 5433))).connections
    assert only.traffic == (("TCP", 5433, 5433),)
    assert not reach(SNAPSHOT, SPEC, ReachFilter(namespace="data", port=("UDP", 5433))).connections


def test_nothing_at_all_is_an_error() -> None:
    with pytest.raises(NothingInScopeError):
        reach(snapshot_of("{apiVersion: v1, kind: Namespace, metadata: {name: a}}"), SPEC, ReachFilter())


def test_outside_means_addresses_also_where_a_workload_has_that_name() -> None:
    snapshot = snapshot_of(
        """
        {apiVersion: v1, kind: Pod, metadata: {name: outside, namespace: shop}}
        ---
        {apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}}
        """
    )
    found = reach(snapshot, SPEC, ReachFilter(destination="outside")).connections
    assert {str(each.dst) for each in found} == {"shop/outside", "0.0.0.0-255.255.255.255"}
    assert {str(each.src) for each in found if each.dst.ips} == {"shop/outside", "shop/web"}
