from __future__ import annotations

import pytest

from firedoor.engine.reach.cni import PROFILES, SPEC
from firedoor.errors import NothingInScopeError
from firedoor.model.exposure import ExposureReport
from firedoor.usecases.exposure import ExposureFilter, exposure
from tests.loading import snapshot_of

SNAPSHOT = snapshot_of(
    """
    {apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}}
    ---
    {apiVersion: v1, kind: Pod, metadata: {name: db, namespace: data, labels: {app: db}}}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: web, namespace: shop}
    spec:
      type: LoadBalancer
      selector: {app: web}
      ports: [{name: a, port: 80}, {name: b, port: 443}, {name: c, port: 9}]
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    addressType: IPv4
    metadata: {name: away, namespace: data, labels: {kubernetes.io/service-name: away}}
    endpoints: [{addresses: [198.51.100.7]}]
    ports: [{port: 80}]
    ---
    {apiVersion: v1, kind: Service, metadata: {name: away, namespace: data},
     spec: {type: NodePort, ports: [{port: 80}]}}
    ---
    {apiVersion: v1, kind: Service, metadata: {name: none, namespace: data},
     spec: {type: NodePort, ports: [{port: 80}]}}
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: db, namespace: data}
    spec: {podSelector: {}, ingress: [{from: [{podSelector: {}}], ports: [{port: 5432}]}]}
    """
)


def asked(wanted: ExposureFilter) -> ExposureReport:
    return exposure(SNAPSHOT, SPEC, wanted)


def test_exposures_and_openings_are_told_together() -> None:
    report = asked(ExposureFilter())
    assert [(str(each.way), each.port) for each in report.exposures] == [
        ("Service data/away", 80), ("Service shop/web", 9), ("Service shop/web", 80), ("Service shop/web", 443),
    ]  # fmt: skip
    assert [each.workload.name for each in report.openings] == ["db", "web"]
    assert (report.notes, report.cni) == (("Service data/none: port 80/TCP leads to no pod",), "spec")


def test_a_port_and_a_namespace_narrow_both() -> None:
    by_port = asked(ExposureFilter(port=("TCP", 5432)))
    assert (by_port.exposures, [each.traffic for each in by_port.openings]) == ((), [(("TCP", 5432, 5432),)] * 2)
    data, shop = asked(ExposureFilter("data")), asked(ExposureFilter("shop", ("TCP", 443)))
    assert ([each.service for each in data.exposures], len(data.openings)) == (["data/away"], 1)
    assert ([each.port for each in shop.exposures], len(shop.openings)) == ([443], 1)


def test_a_plugin_that_enforces_nothing_leaves_everything_open() -> None:
    report = exposure(SNAPSHOT, PROFILES["none"], ExposureFilter())
    assert all(each.pods == "any pod" for each in report.openings)
    assert report.cni == "none"


@pytest.mark.parametrize("text", ["{apiVersion: v1, kind: Namespace, metadata: {name: a}}"])
def test_nothing_at_all_is_an_error(text: str) -> None:
    with pytest.raises(NothingInScopeError):
        exposure(snapshot_of(text), SPEC, ExposureFilter())


def test_a_namespace_must_exist() -> None:
    with pytest.raises(NothingInScopeError):
        asked(ExposureFilter("shpo"))
