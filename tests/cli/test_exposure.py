from __future__ import annotations

import csv
from io import StringIO

import pytest
import yaml

from tests.cli.command import firedoor, process

DEMO = "../../../src/firedoor/demo/shop"


def test_the_demo_is_exposed_through_its_ingress_controller() -> None:
    document = firedoor("reach", "--exposed", DEMO, "-o", "json").document
    assert {(each["way"]["kind"], each["backend"]["workload"], each["port"], each["verdict"])
            for each in document["exposures"]} == {
        ("Service", "ingress-nginx/ingress-nginx-controller", 80, "accepted"),
        ("Service", "ingress-nginx/ingress-nginx-controller", 443, "accepted"),
        ("Ingress", "monitoring/grafana", 3000, "accepted"),
        ("Ingress", "shop/frontend", 8080, "accepted"),
    }  # fmt: skip
    assert document["openings"]


def test_formats_agree() -> None:
    document = firedoor("reach", "--exposed", DEMO, "-o", "json").document
    assert yaml.safe_load(firedoor("reach", "--exposed", DEMO, "-o", "yaml").out) == document
    rows = list(csv.DictReader(StringIO(firedoor("reach", "--exposed", DEMO, "-o", "csv").out)))
    assert len(rows) == len(document["exposures"]) + len(document["openings"])
    text = firedoor("reach", "--exposed", DEMO).out
    assert "Exposed to the outside" in text
    assert "outside -> ingress-nginx/ingress-nginx-controller -> shop/frontend" in text


def test_a_process_prints_the_same_as_a_call() -> None:
    assert process("reach", "--exposed", DEMO) == firedoor("reach", "--exposed", DEMO)


def test_a_namespace_and_a_port_narrow_it() -> None:
    arguments = ("reach", "--exposed", DEMO, "-n", "monitoring", "--port", "3000", "-o", "json")
    document = firedoor(*arguments).document
    assert [each["backend"]["workload"] for each in document["exposures"]] == ["monitoring/grafana"]
    assert {each["workload"].partition("/")[0] for each in document["openings"]} == {"monitoring"}


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("--from", "shop/x"), "--from does not go with --exposed"),
        (("--to", "shop/x"), "--to does not go with --exposed"),
        (("-l", "app=x"), "--selector does not go with --exposed"),
        (("--pods",), "--pods does not go with --exposed"),
        (("-o", "html"), "-o html does not go with --exposed"),
        (("--port", "0"), "'0' is no port"),
        (("-n", "shpo"), "there is no namespace shpo"),
        (("--cni", "x"), "there is no CNI profile 'x'"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: tuple[str, ...], error: str) -> None:
    assert firedoor("reach", "--exposed", DEMO, *arguments).error.startswith(error)


BROKEN = b"""
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}}
---
{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop},
 spec: {type: NodePort, selector: {app: web}, ports: [{port: 99999}, {port: 80, protocol: ICMP}, {}]}}
---
{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a, namespace: shop}, spec: {rules: 7, tls: x}}
---
{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: a, namespace: shop}, spec: [1]}
---
{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: a, namespace: shop},
 spec: {listeners: [{allowedRoutes: {namespaces: {selector: 7}}}]}}
---
{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: a}, spec: {gateways: [7, x], http: {a: b}}}
---
{apiVersion: route.openshift.io/v1, kind: Route, metadata: {name: a}, spec: {to: 7}}
"""


def test_broken_objects_never_end_in_a_traceback() -> None:
    ran = firedoor("reach", "--exposed", "-", "-o", "json", stdin=BROKEN)
    assert (ran.code, ran.err) == (0, "")
