from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
import yaml

from firedoor.adapters.manifests.yaml_reader import read
from firedoor.adapters.settings.reading import FIELDS, IGNORE_FIELDS, read_settings
from firedoor.adapters.settings.schema import config_schema
from firedoor.bootstrap import known_names
from firedoor.errors import UsageError

SCHEMA: Any = config_schema(known_names())
VALIDATOR = jsonschema_rs.validator_for(SCHEMA)


def is_read(text: str) -> bool:
    try:
        read_settings(read(text, 1), "file", known_names())
    except UsageError:
        return False
    return True


def test_the_schema_names_the_fields_that_are_read() -> None:
    assert tuple(SCHEMA["properties"]) == FIELDS
    assert tuple(SCHEMA["properties"]["ignore"]["items"]["properties"]) == IGNORE_FIELDS


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "",
        "ignore: []",
        "ignore: {}",
        "ignore: [{check: dns-blocked, reason: x}]",
        "ignore: [{check: [dns-blocked, '*'], name: web, reason: x, expires: '2027-01-31'}]",
        "ignore: [{check: dns-blocked}]",
        "ignore: [{check: [], reason: x}]",
        "ignore: [{check: dns-blocked, reason: ' '}]",
        "ignore: [{check: dns-blockd, reason: x}]",
        "ignore: [{check: dns-blocked, reason: x, labels: {a: b}}]",
        "ignore: [{check: dns-blocked, reason: x, labels: a=b}]",
        "ignore: [{check: dns-blocked, reason: x, expires: never}]",
        "ignore: [{check: dns-blocked, reason: x, nmae: y}]",
        "severity: {dns-blocked: high}",
        "severity: {dns-blocked: worst}",
        "severity: {dns-blockd: high}",
        "severity: []",
        "disable: [{check: dns-blocked, reason: x}]",
        "disable: [{check: '*', reason: x}]",
        "disable: [dns-blocked]",
        "fail-on: gaps",
        "fail-on: info",
        "cni: calico",
        "cni: none-such",
        "kubernetes-version: '1.30'",
        "kubernetes-version: v1.30.2",
        "kubernetes-version: 1.30",
        "kubernetes-version: new",
        "verbose: true",
        "verbose: 1",
        "show-ignored: false",
        "unknown: 1",
        "[]",
    ],
)
def test_the_schema_and_the_reader_agree(text: str) -> None:
    assert VALIDATOR.is_valid(yaml.safe_load(text)) == is_read(text)
