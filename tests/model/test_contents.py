from __future__ import annotations

from typing import Any

import pytest

from firedoor.adapters.manifests.source import load_text
from firedoor.model.contents import config_map, token_secret
from firedoor.model.metadata import ObjectMeta
from firedoor.model.places import NOWHERE

APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
META = ObjectMeta("a", "b", annotations={APPLIED: "hunter2", "firedoor.dev/ignore": "x=y"})


def revealing(**data: Any) -> tuple[str, ...]:
    found = config_map({"data": data}, META, NOWHERE)
    return () if found is None else found.revealing


def test_keys_and_lines_are_named_and_nothing_of_their_values_is_kept() -> None:
    document = {"data": {"DB_PASSWORD": "hunter2", "app.ini": "[a]\nexport API_KEY = 'hunter2'\npassword: hunter2\n"}}
    found = config_map(document, META, NOWHERE)
    assert found is not None
    assert found.revealing == ("DB_PASSWORD", "app.ini, line 2", "app.ini, line 3")
    assert "hunter2" not in repr(found)
    assert found.metadata.annotations == {"firedoor.dev/ignore": "x=y"}


@pytest.mark.parametrize(
    "value",
    ["password=${DB_PASSWORD}", "password: <set me>", "# password: secret word", "password_file=/run/db", "", "a: b",
     '{"password": ""}', "passwords are long"],
)  # fmt: skip
def test_references_and_prose_are_no_secrets(value: str) -> None:
    assert revealing(file=value) == ()


def test_secrets_of_a_known_shape_are_found_under_any_name() -> None:
    assert revealing(tls="-----BEGIN RSA PRIVATE KEY-----\nabc") == ("tls",)
    assert revealing(url="postgres://u:hunter2@db/x") == ("url",)


def test_what_is_no_text_is_passed_over_and_lists_are_bounded() -> None:
    assert config_map({"data": None}, META, NOWHERE) is None
    assert revealing(a=3) == ()
    assert len(revealing(**{f"k{each}_password": "hunter2" for each in range(100)})) == 20


def test_a_long_line_takes_no_time() -> None:
    assert revealing(a=" " * 200_000 + "password=x", b="a-" * 100_000 + "=" * 100_000) == ()


def test_only_tokens_are_kept_of_secrets() -> None:
    assert token_secret({"type": "Opaque"}, META, NOWHERE) is None
    found = token_secret({"type": "kubernetes.io/service-account-token", "data": {"token": "hunter2"}}, META, NOWHERE)
    assert found is not None
    assert (found.kind, found.account) == ("Secret", "")
    assert "hunter2" not in repr(found)


INGRESS = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: a}
spec: {defaultBackend: {service: {name: a, port: {number: 80}}}}
"""
GATEWAY = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: a}
spec: {gatewayClassName: x, listeners: [{name: a, port: 80, protocol: HTTP}]}
"""


@pytest.mark.parametrize(
    "manifest",
    [
        INGRESS,
        GATEWAY,
        "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: a}, spec: {}}",
        "{apiVersion: v1, kind: ServiceAccount, metadata: {name: a}}",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {password: hunter2}}",
    ],
)
def test_every_kind_of_object_counts_as_one(manifest: str) -> None:
    assert load_text(manifest).has_objects


def test_a_snapshot_of_nothing_has_no_objects() -> None:
    assert not load_text("[]").has_objects
