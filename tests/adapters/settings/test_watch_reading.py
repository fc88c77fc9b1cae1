"""Sinks, rules and silences as people write them, every fault with its place."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml

from firedoor.bootstrap import open_settings, open_watch_plan
from firedoor.errors import FiredoorError
from firedoor.model.alerting import Match, Rule, Secret, Silence, SinkKind, SinkPlan, Threshold, WatchPlan
from firedoor.model.events import EventKind
from firedoor.model.findings import Severity
from tests.adapters.settings.test_schema import VALIDATOR

WHOLE = """\
sinks:
- name: soc
  type: webhook
  url: https://soc.example/hook
  secret: {env: SOC_SECRET}
  token: {file: /run/secrets/token}
  ca: /etc/ca.pem
  timeout: 5s
  most-waiting: 50
- {name: chat, type: slack, url: {env: SLACK_URL}}
- {name: am, type: alertmanager, url: "http://am:9093", lasts: 2h}
- {name: logs, type: syslog, url: "tls://logs.example:6514"}
- {name: own, type: kubernetes-events}
- {name: state, type: policy-report}
rules:
- name: opened to data
  match: {kind: [connection-opened, exposure-opened], namespace: data-*, severity: medium, check: x}
  sinks: [soc, chat]
  severity: critical
  threshold: {count: 3, within: 10m}
  group-by: [namespace, kind]
  dedupe: 1h
- name: rest
silences:
- {match: {namespace: sandbox}, until: 2027-01-31T12:00:00+02:00, reason: we play there}
"""


def read(folder: Path, text: str) -> WatchPlan:
    path = folder / "rules.yaml"
    path.write_text(text)
    return open_watch_plan(str(path))


def test_everything_is_read_with_its_places(tmp_path: Path) -> None:
    place = str(tmp_path / "rules.yaml")
    assert read(tmp_path, WHOLE) == WatchPlan(
        (
            SinkPlan(
                "soc",
                SinkKind.WEBHOOK,
                f"{place}:2",
                Secret(text="https://soc.example/hook"),
                Secret(env="SOC_SECRET"),
                Secret(file="/run/secrets/token"),
                "/etc/ca.pem",
                50,
                5.0,
            ),
            SinkPlan("chat", SinkKind.SLACK, f"{place}:10", Secret(env="SLACK_URL")),
            SinkPlan("am", SinkKind.ALERTMANAGER, f"{place}:11", Secret(text="http://am:9093"), lasts=7200.0),
            SinkPlan("logs", SinkKind.SYSLOG, f"{place}:12", Secret(text="tls://logs.example:6514")),
            SinkPlan("own", SinkKind.KUBERNETES_EVENTS, f"{place}:13"),
            SinkPlan("state", SinkKind.POLICY_REPORT, f"{place}:14"),
        ),
        (
            Rule(
                "opened to data",
                f"{place}:16",
                Match((EventKind.CONNECTION_OPENED, EventKind.EXPOSURE_OPENED), ("data-*",), Severity.MEDIUM, ("x",)),
                ("soc", "chat"),
                Severity.CRITICAL,
                Threshold(3, 600.0),
                ("namespace", "kind"),
                3600.0,
            ),
            Rule("rest", f"{place}:23"),
        ),
        (Silence(Match(namespaces=("sandbox",)), "2027-01-31T10:00:00Z", "we play there", f"{place}:25"),),
    )


def test_a_configuration_holds_the_same_below_watch(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(
        yaml.safe_dump({"watch": yaml.safe_load(WHOLE.replace("2027-01-31T12:00:00+02:00", "'2027-01-31'"))})
    )
    found = open_settings(str(path)).watch
    assert [each.name for each in found.sinks] == ["soc", "chat", "am", "logs", "own", "state"]
    assert VALIDATOR.is_valid(yaml.safe_load(path.read_text()))


@pytest.mark.parametrize("text", ["", "{}", "sinks: []", "# nothing"])
def test_nothing_is_a_plan_too(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == WatchPlan()


def test_a_day_lasts_until_it_has_ended_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Etc/GMT-3")
    time.tzset()
    try:
        plan = read(tmp_path, "silences: [{match: {check: a}, until: 2027-01-31, reason: x}]")
    finally:
        monkeypatch.undo()
        time.tzset()
    assert plan.silences[0].until == "2027-01-31T21:00:00Z"


HOOK = "name: a, type: webhook, url: 'https://x'"


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("sinks: {}", 1, "sinks: expected a list"),
        ("sink: []", 1, "did you mean sinks?"),
        ("sinks:\n- {type: webhook}", 2, "sinks[0]: name is missing"),
        (
            "sinks:\n- {name: a, type: webhok}",
            2,
            "sinks[0].type: there is no type of sink 'webhok'; did you mean webhook?",
        ),
        ("sinks:\n- {name: a, type: webhook}", 2, "url is missing"),
        ("sinks:\n- {name: A b, type: kubernetes-events}", 2, "is no name of a sink"),
        ("sinks:\n- {name: ../../x, type: kubernetes-events}", 2, "is no name of a sink"),
        (f"sinks:\n- {{name: {'a' * 64}, type: kubernetes-events}}", 2, "is no name of a sink"),
        ("sinks:\n- {name: a, type: kubernetes-events, url: 'https://x'}", 2, "unknown key 'url'"),
        ("sinks:\n- {name: a, type: policy-report, most-waiting: 3}", 2, "unknown key 'most-waiting'"),
        (f"sinks:\n- {{{HOOK}, lasts: 1h}}", 2, "unknown key 'lasts'"),
        (f"sinks:\n- {{{HOOK}, secret: whsec_abc}}", 2, "sinks[0].secret: a secret has no place in a configuration"),
        (f"sinks:\n- {{{HOOK}, secret: {{}}}}", 2, "expected env or file"),
        (f"sinks:\n- {{{HOOK}, secret: {{env: A, file: b}}}}", 2, "expected env or file"),
        (f"sinks:\n- {{{HOOK}, secret: {{env: 'A B'}}}}", 2, "sinks[0].secret.env: 'A B' is no name"),
        (f"sinks:\n- {{{HOOK}, token: {{env: 7}}}}", 2, "expected text, found the number 7"),
        (f"sinks:\n- {{{HOOK}, timeout: 10}}", 2, "sinks[0].timeout: expected text"),
        (f"sinks:\n- {{{HOOK}, timeout: 0s}}", 2, "is no duration"),
        (f"sinks:\n- {{{HOOK}, most-waiting: 0}}", 2, "expected a whole number from 1 to 1,000,000"),
        (f"sinks:\n- {{{HOOK}, most-waiting: true}}", 2, "found the boolean"),
        (f"sinks:\n- {{{HOOK}}}\n- {{{HOOK}}}", 3, "sinks[1]: there is a sink a already"),
        ("sinks:\n- {name: a, type: slack, url: 'https://x'}", 2, "whoever knows this URL"),
        ("sinks:\n- {name: a, type: webhook, url: 'ftp://x'}", 2, "this is no URL"),
        ("sinks:\n- {name: a, type: webhook, url: 'https://me:pw@x'}", 2, "this is no URL, or it has a user"),
        ("sinks:\n- {name: a, type: webhook, url: 'https://x:99999999'}", 2, "this is no URL"),
        ("sinks:\n- {name: a, type: syslog, url: 'https://x'}", 2, "write it as in tls://"),
        ("sinks:\n- {name: a, type: otlp, url: 'http://x', token: {env: T}}", 2, "a token would be sent without TLS"),
        ("rules:\n- {}", 2, "rules[0]: name is missing"),
        ("rules:\n- {name: a, sinks: [b]}", 2, "rules[0].sinks[0]: there is no sink that takes events 'b'"),
        (
            "sinks: [{name: s, type: openreports}]\nrules:\n- {name: a, sinks: s}",
            3,
            "there is no sink that takes events 's'",
        ),
        ("rules:\n- {name: a, sinks: []}", 2, "nothing is listed"),
        ("rules:\n- {name: a, severity: worst}", 2, "there is no severity 'worst'"),
        ("rules:\n- {name: '-'}", 2, "is no name of a rule"),
        ("rules:\n- name: a\n  match:\n    kind: [connection-open]", 4, "did you mean connection-opened?"),
        ("rules:\n- {name: a, match: {check: 3}}", 2, "expected text"),
        ("rules:\n- {name: a, threshold: {count: 1, within: 5m}}", 2, "from 2 to 10,000"),
        ("rules:\n- {name: a, threshold: {count: 3}}", 2, "within is missing"),
        ("rules:\n- {name: a, group-by: [pod]}", 2, "there is no field 'pod'"),
        ("rules:\n- {name: a, dedupe: soon}", 2, "is no duration"),
        ("silences:\n- {match: {check: a}, until: 2027-01-31}", 2, "reason is missing"),
        ("silences:\n- {match: {}, until: 2027-01-31, reason: x}", 2, "everything would be silenced"),
        ("silences:\n- {match: {check: a}, until: never, reason: x}", 2, "is no end of a silence"),
        ("silences:\n- {match: {check: a}, until: 2027-01-31T10:00:00, reason: x}", 2, "is no end of a silence"),
        ("silences:\n- {match: {check: a}, until: 9999-12-31, reason: x}", 2, "is no end of a silence"),
        ("a: 1\na: 2", 2, "stands here twice"),
        ("{}\n---\n{}", 3, "a second document begins here"),
        ("[]", 1, "expected a mapping"),
        ("sinks: [", 2, ""),
    ],
)
def test_every_fault_is_told_with_file_and_line(tmp_path: Path, text: str, line: int, told: str) -> None:
    with pytest.raises(FiredoorError) as caught:
        read(tmp_path, text)
    assert caught.value.place == f"{tmp_path / 'rules.yaml'}:{line}"
    assert told in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize(
    "text",
    [
        "sinks: [{name: a, type: webhook}]",
        f"sinks: [{{{HOOK}, lasts: 1h}}]",
        f"sinks: [{{{HOOK}, secret: x}}]",
        "sinks: [{name: a, type: slack, url: 'https://x'}]",
        "sinks: [{name: a, type: kubernetes-events, url: 'https://x'}]",
        f"sinks: [{{{HOOK}, most-waiting: 0}}]",
        "rules: [{name: a, severity: worst}]",
        "rules: [{name: a, threshold: {count: 1, within: 5m}}]",
        "rules: [{name: a, match: {kind: x}}]",
        "silences: [{match: {}, until: '2027-01-31', reason: x}]",
        "silences: [{match: {check: a}, until: never, reason: x}]",
    ],
)
def test_the_schema_refuses_what_is_not_read(text: str) -> None:
    assert not VALIDATOR.is_valid({"watch": yaml.safe_load(text)})
