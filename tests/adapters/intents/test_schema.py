from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from firedoor.adapters.intents import read_intents
from firedoor.adapters.intents.schema import intents_schema
from firedoor.adapters.manifests.yaml_reader import read
from firedoor.errors import UsageError
from tests.cli.command import ROOT

SCHEMA: Any = intents_schema()
VALIDATOR = jsonschema_rs.validator_for(SCHEMA)
HEAD = "apiVersion: firedoor.dev/v1alpha1\nkind: Intents\n"


def is_read(text: str) -> bool:
    document = read(text, 1)
    assert document is not None
    try:
        read_intents([document], "file")
    except UsageError:
        return False
    return True


def is_valid(text: str) -> bool:
    document = read(text, 1)
    return document is not None and VALIDATOR.is_valid(document.value)


@pytest.mark.parametrize(
    "intent",
    [
        "must-allow: {from: shop/web, to: shop/api, ports: [8080, 53/UDP, 8000-8100/tcp, icmp, icmp/3/4, ICMPv6]}",
        "must-allow: {from: any, to: pods, ports: 8080}",
        "must-deny: {from: outside, to: [shop/db, {namespace: a, labels: {app: b}}], ports: '53'}",
        "must-deny: {from: {labels: 'app in (a, b)', namespace-labels: {team: a}}, to: {domain: api.example.com}}",
        "only-these: {from: [], to: shop/deployment/db}\n    allow-empty: true",
        "only-these: {from: 10.0.0.0/8, to: 'fd00::1'}",
        "must-deny: {from: 10.0.0.7, to: {workload: shop/db}}",
        "must-deny: {from: [], to: pods}",
        "must-deny: {from: any, to: []}",
        "must-deny: {from: any}",
        "must-deny: {from: outsid, to: pods}",
        "must-deny: {from: any, to: pods, port: 80}",
        "must-deny: {from: any, to: pods, ports: []}",
        "must-deny: {from: any, to: pods, ports: [http]}",
        "must-deny: {from: any, to: pods, ports: [true]}",
        "must-deny: {from: any, to: pods, ports: [0]}",
        "must-deny: {from: any, to: {}}",
        "must-deny: {from: any, to: {lables: app=web}}",
        "must-deny: {from: any, to: {labels: {}}}",
        "must-deny: {from: any, to: {labels: {a: 1}}}",
        "must-deny: {from: any, to: {domain: '*.example.com'}}",
        "must-deny: {from: any, to: {domain: a.example.com, namespace: b}}",
        "must-deny: {from: any, to: pods}\n    must-allow: {from: any, to: pods}",
        "must-deny: {from: any, to: pods}\n    allow-empty: maybe",
        "allow-empty: true",
        "must-alow: {from: any, to: pods}",
    ],
)
def test_the_schema_allows_what_is_read(intent: str) -> None:
    text = f"{HEAD}intents:\n  - name: a\n    {intent}\n"
    assert is_valid(text) is is_read(text)


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: Intents\nintents: []\n",
        "apiVersion: firedoor.dev/v1alpha1\nkind: Intent\nintents: []\n",
        f"{HEAD}intents: {{}}\n",
        f"{HEAD}intents:\n  - {{must-deny: {{from: any, to: pods}}}}\n",
        f"{HEAD}intents:\n  - {{name: '', must-deny: {{from: any, to: pods}}}}\n",
        f"{HEAD}items: []\n",
    ],
)
def test_the_schema_refuses_what_is_no_file_of_intents(text: str) -> None:
    assert not is_read(text)
    assert not is_valid(text)


def test_the_intents_of_the_demo_are_valid() -> None:
    demo = ROOT / "src/firedoor/demo/shop/intents.yaml"
    assert is_valid(demo.read_text(encoding="utf-8"))
