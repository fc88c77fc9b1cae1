from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.certificates import Authority
from tests.cli.command import firedoor

SERVE = ("admission", "serve", "--tls-cert", "none.crt", "--tls-key", "none.key")
MANIFESTS = ("admission", "manifests")


@pytest.fixture
def authority(tmp_path: Path) -> str:
    return str(Authority.make(tmp_path).path)


def test_the_registration_never_asks_about_what_it_runs_in(authority: str) -> None:
    text = firedoor(*MANIFESTS, "--service", "firedoor/webhook", "--ca-file", authority, "--exempt", "ci").out
    (webhook,) = yaml.safe_load(text)["webhooks"]
    assert webhook["clientConfig"]["service"] == {
        "namespace": "firedoor", "name": "webhook", "path": "/validate", "port": 443,
    }  # fmt: skip
    (exempt,) = webhook["namespaceSelector"]["matchExpressions"]
    assert exempt["values"] == ["kube-system", "firedoor", "ci"]
    assert (webhook["failurePolicy"], webhook["sideEffects"]) == ("Ignore", "None")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((*SERVE, "--listen", "here"), "'here' is no HOST:PORT"),
        ((*SERVE, "--rule", "unisolated=perhaps"), "is no RULE=MODE"),
        ((*SERVE, "--rule", "other=deny"), "is no RULE=MODE"),
        ((*SERVE, "--rule", "forbidden=deny"), "the rule forbidden is about intents"),
        ((*SERVE, "--rule", "used=deny"), "the rule used is about connections that were seen"),
        ((*SERVE, "--used-within", "14d"), "are about the store of flows"),
        ((*SERVE, "--flows", "--used-within", "long"), "'long' is no duration"),
        ((*SERVE, "--assert", "none.yaml"), "none.yaml"),
        (SERVE, "the certificate cannot be used"),
        ((*MANIFESTS, "--ca-file", "none.pem", "--url", "https://a/validate"), "none.pem: cannot be read"),
        ((*MANIFESTS, "--ca-file", __file__, "--url", "https://a/validate"), "there is no certificate in it"),
        ((*MANIFESTS, "--ca-file", "none.pem", "--url", "http://a/validate"), "is no URL with TLS"),
        ((*MANIFESTS, "--ca-file", "none.pem"), "it is not said where the webhook is"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(arguments: tuple[str, ...], told: str) -> None:
    assert told in firedoor(*arguments).error


@pytest.mark.parametrize("text", ["webhook", "firedoor/", "firedoor/webhook:https"])
def test_a_service_is_named_with_its_namespace(authority: str, text: str) -> None:
    assert "is no NS/NAME[:PORT]" in firedoor(*MANIFESTS, "--service", text, "--ca-file", authority).error
