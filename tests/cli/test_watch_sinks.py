"""Sinks of ``firedoor watch`` as a person names and tries them; what needs a cluster is in tests/lab."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.cli.command import firedoor
from tests.receiving import Receiver, Reply, receiving


@pytest.fixture
def server() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


def plan(url: str) -> str:
    return f"sinks:\n- {{name: hook, type: webhook, url: '{url}'}}\n- {{name: siem, type: ocsf, url: '{url}/in'}}\n"


def test_each_sink_is_tried_and_says_how_it_answered(tmp_path: Path, server: Receiver) -> None:
    (tmp_path / "rules.yaml").write_text(plan(server.url))
    ran = firedoor("watch", "--rules", "rules.yaml", "--test-sinks", cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == ["hook (webhook): took it", "siem (ocsf): took it"]
    hook, siem = server.requests
    assert hook.document["message"] == "this is a test of firedoor: nothing happened"
    assert siem.path == "/in"


def test_one_that_fails_is_told_and_the_others_are_tried(tmp_path: Path, server: Receiver) -> None:
    (tmp_path / "c.yaml").write_text("watch:\n  " + plan(server.url).replace("\n", "\n  "))
    server.replies = [Reply(403, b"who are you?")]
    ran = firedoor("watch", "--config", "c.yaml", "--test-sinks", cwd=tmp_path)
    assert ran.code == 10
    host = server.url.removeprefix("http://")
    assert ran.out.splitlines() == [f"hook (webhook): {host} answered 403: who are you?", "siem (ocsf): took it"]


def test_a_configuration_that_nobody_named_sends_nothing(tmp_path: Path, server: Receiver) -> None:
    (tmp_path / ".firedoor.yaml").write_text("watch:\n  " + plan(server.url).replace("\n", "\n  "))
    for options in ((), ("--test-sinks",)):
        ran = firedoor("watch", *options, cwd=tmp_path)
        assert ran.code == 2
        assert "must not say where events are sent; name it: --config .firedoor.yaml" in ran.error
    assert server.requests == []
    assert firedoor("config", "check", cwd=tmp_path).out.count("sinks: hook, siem") == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "rules.yaml: cannot be read: No such file"),
        ("", "there are no sinks"),
        ("sinks:\n- {name: a, type: webhok}", "rules.yaml:2: sinks[0].type: there is no type of sink 'webhok'"),
        (
            "sinks:\n- {name: a, type: slack, url: {env: FIREDOOR_NOT_SET}}",
            "rules.yaml:2: the environment variable FIREDOOR_NOT_SET is not set",
        ),
    ],
)
def test_what_is_wrong_is_told_in_one_line(tmp_path: Path, text: str | None, told: str) -> None:
    if text is not None:
        (tmp_path / "rules.yaml").write_text(text)
    ran = firedoor("watch", "--rules", "rules.yaml", "--test-sinks", cwd=tmp_path)
    assert ran.code == 2
    assert told in ran.error


def test_a_silence_that_has_ended_is_told(tmp_path: Path, server: Receiver) -> None:
    old = "silences:\n- {match: {check: a}, until: 2020-01-31T12:00:00Z, reason: x}\n"
    new = "- {match: {check: a}, until: 2199-01-31, reason: x}\n"
    (tmp_path / "rules.yaml").write_text(old + new + plan(server.url))
    ran = firedoor("watch", "--rules", "rules.yaml", "--test-sinks", cwd=tmp_path)
    assert ran.code == 0
    assert ran.err == "rules.yaml:2: this silence ended at 2020-01-31T12:00:00Z, and holds no longer\n"


def test_alerts_and_a_dashboard_are_printed_without_a_cluster(tmp_path: Path) -> None:
    names = {}
    for what in ("alerts", "prometheus-rule", "dashboard"):
        ran = firedoor("watch", "--print", what, cwd=tmp_path)
        assert (ran.code, ran.err) == (0, "")
        names[what] = set(yaml.safe_load(ran.out))
    assert names["alerts"] == {"groups"}
    assert names["prometheus-rule"] == {"apiVersion", "kind", "metadata", "spec"}
    assert names["dashboard"] >= {"title", "panels", "templating"}
