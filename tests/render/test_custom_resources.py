"""The definitions of the kinds: what a server needs, and that they fit what is written and read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import yaml

from firedoor.model.intents import IntentKind
from firedoor.model.zero_trust_reading import EXCEPTION_KEYS, SPEC_KEYS
from firedoor.render.custom_resources import custom_resources_yaml, definitions
from tests.cli.command import firedoor
from tests.usecases.test_watch import BALANCER, DENY, SHOP
from tests.usecases.test_watch_resources import CLOSED, DATA, Board, baseline


def schema_of(kind: str) -> dict[str, Any]:
    (found,) = (each["spec"] for each in definitions() if each["spec"]["names"]["kind"] == kind)
    schema: dict[str, Any] = found["versions"][0]["schema"]["openAPIV3Schema"]
    return schema


def strict(schema: Any) -> Any:
    """Return a schema that takes no field that it does not name, as a server prunes them."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: strict(each) for key, each in schema.items()}
    return {**found, "additionalProperties": False} if "properties" in schema else found


def untyped(schema: dict[str, Any], path: str) -> Iterator[str]:
    kinds = ("type", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-int-or-string")
    if not any(each in schema for each in kinds) or not schema.get("description"):
        yield path
    for name, each in schema.get("properties", {}).items():
        yield from untyped(each, f"{path}.{name}")
    if "items" in schema:
        yield from untyped(schema["items"], f"{path}[]")


def test_every_field_has_a_type_and_a_text() -> None:
    for kind in ("ZeroTrustBaseline", "ConnectivityReport"):
        assert list(untyped(schema_of(kind), kind)) == []


def test_the_fields_are_those_that_are_read() -> None:
    spec = schema_of("ZeroTrustBaseline")["properties"]["spec"]["properties"]
    assert set(spec) == set(SPEC_KEYS)
    assert set(spec["exceptions"]["items"]["properties"]) == set(EXCEPTION_KEYS)
    assert set(spec["intents"]["items"]["properties"]) == {"name", "allow-empty", *map(str, IntentKind)}


def test_what_is_written_fits_the_schemas() -> None:
    board = Board()
    fails = "{name: open, must-allow: {from: outside, to: {workload: db}}}"
    gap = "\n---\n{apiVersion: crd.antrea.io/v1beta1, kind: NetworkPolicy, metadata: {name: p, namespace: shop}}\n"
    broken = baseline("intents: [{name: a}]", "broken")
    board.show(SHOP + DENY + BALANCER + DATA + gap + broken + baseline(f"intents: [{CLOSED}, {fails}], fail-on: low"))
    kinds = {each.kind for each in board.handed[-1]}
    assert kinds == {"ZeroTrustBaseline", "ConnectivityReport"}
    for each in board.handed[-1]:
        status = {**each.status, "lastEvaluated": "2026-01-02T03:04:05Z"}
        for condition in status.get("conditions", ()):
            condition["lastTransitionTime"] = "2026-01-02T03:04:05Z"
        schema = strict(schema_of(each.kind)["properties"]["status"])
        assert [str(error) for error in jsonschema_rs.validator_for(schema).iter_errors(status)] == []


def test_the_command_prints_them() -> None:
    ran = firedoor("watch", "--print", "custom-resources")
    assert (ran.code, ran.out) == (0, custom_resources_yaml())
    assert [*yaml.safe_load_all(ran.out)] == [*definitions()]
