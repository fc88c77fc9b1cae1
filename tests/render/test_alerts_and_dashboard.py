"""Alert rules and the dashboard: every metric in them is served, and each alert fires when it should, and alone."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from lab.places import promtool
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from firedoor.adapters.metrics import Meter
from firedoor.model.alerting import SinkState
from firedoor.model.events import EventKind
from firedoor.model.findings import Severity
from firedoor.model.watching import FlowCounts
from firedoor.render.alert_rules import ALERTS, alert_rules, alerts_yaml, prometheus_rule_yaml
from firedoor.render.grafana_dashboard import PANELS, dashboard_json
from tests.adapters.metrics.test_metrics import PAGE, gauge

QUERIES = [query for panel in PANELS for query, _ in panel.queries]
_SELECTOR = re.compile(r"(firedoor_[a-z_]+)(?:\{([^}]*)\})?")
_BY = re.compile(r"by \(([a-z, ]+)\)")
_OURS = {"instance", "job", "le"}
"""Labels that Prometheus itself adds, and the one of histograms."""


@pytest.fixture(scope="module")
def served() -> dict[str, set[str]]:
    """Return the labels of each series that a real watch serves."""
    meter = Meter(sinks=lambda: [SinkState("soc", 0, 0.0, 0, 0, 0, 0, "")])
    baselines = {("shop", "baseline"): True}
    meter.note(gauge(flows=FlowCounts({"NetworkPolicy shop/deny": 1}, 1, 0, 0), baselines=baselines))
    families = text_string_to_metric_families(generate_latest(meter.registry).decode())
    return {sample.name: set(sample.labels) for family in families for sample in family.samples}


@pytest.fixture(scope="module")
def judge() -> str:
    """Return the program of Prometheus that checks and tests rules."""
    found = shutil.which("promtool") or str(promtool())
    if not os.access(found, os.X_OK):
        pytest.skip("no promtool: `python -m lab promtool` builds it (Go 1.26, minutes)")
    return found


@pytest.mark.parametrize("query", [*(each.expression for each in ALERTS), *QUERIES])
def test_every_metric_and_label_is_served_and_documented(query: str, served: dict[str, set[str]]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    selected = _SELECTOR.findall(query)
    assert selected
    allowed: set[str] = set(_OURS)
    for name, matchers in selected:
        assert name in served
        allowed |= served[name]
        assert set(re.findall(r"([a-z_]+)\s*[=!]", matchers)) <= served[name] | _OURS
        assert f"`{re.sub('_(bucket|count|sum)$', '', name)}`" in page
    for group in _BY.findall(query):
        assert {each.strip() for each in group.split(",")} <= allowed


def test_events_are_counted_from_zero_so_that_the_first_of_them_is_an_increase() -> None:
    meter = Meter()
    text = generate_latest(meter.registry).decode()
    assert 'firedoor_events_total{kind="exposure-opened",severity="critical"} 0.0' in text
    assert text.count("firedoor_events_total{") == len(EventKind) * len(Severity)


def test_every_alert_says_what_and_how_bad() -> None:
    names = [each.name for each in ALERTS]
    assert len(names) == len(set(names))
    for each in ALERTS:
        assert each.severity in {"critical", "warning", "info"}
        assert each.name.startswith("Firedoor")
        assert each.summary
        assert each.description.endswith(".")


def test_the_file_and_the_object_of_the_operator_hold_the_same_rules() -> None:
    assert yaml.safe_load(alerts_yaml()) == alert_rules()
    found = yaml.safe_load(prometheus_rule_yaml())
    assert (found["apiVersion"], found["kind"]) == ("monitoring.coreos.com/v1", "PrometheusRule")
    assert found["spec"] == alert_rules()


def test_panels_are_whole_and_do_not_overlap() -> None:
    dashboard = json.loads(dashboard_json())
    assert dashboard["uid"] == "firedoor-watch"
    variables = {each["name"] for each in dashboard["templating"]["list"]}
    assert set(re.findall(r"\$\{?([a-z_]+)", dashboard_json())) <= variables | {"__rate_interval"}
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells
        assert [each["refId"] for each in panel["targets"]] == ["A", "B", "C"][: len(panel["targets"])]
    assert len({each["id"] for each in dashboard["panels"]}) == len(dashboard["panels"])


def checked(judge: str, *arguments: str, folder: Path) -> str:
    done = subprocess.run([judge, *arguments], capture_output=True, text=True, cwd=folder, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_prometheus_takes_the_rules_and_the_queries(judge: str, tmp_path: Path) -> None:
    (tmp_path / "alerts.yaml").write_text(alerts_yaml())
    assert f"{len(ALERTS)} rules found" in checked(judge, "check", "rules", "alerts.yaml", folder=tmp_path)
    rules = [
        {"record": f"firedoor:panel:{number}", "expr": each.replace("$__rate_interval", "5m")}
        for number, each in enumerate(QUERIES)
    ]
    (tmp_path / "panels.yaml").write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    assert f"{len(QUERIES)} rules found" in checked(judge, "check", "rules", "panels.yaml", folder=tmp_path)


HEALTHY = {
    "firedoor_turn_duration_seconds_count": "0+4x200",
    "firedoor_lists_failing": "0x200",
    "firedoor_snapshot_lag_seconds": "0.5x200",
    'firedoor_events_total{kind="right-gained",severity="critical"}': "0x200",
    'firedoor_events_total{kind="connection-closed",severity="low"}': "0+1x200",
    'firedoor_findings{check="a",severity="high"}': "3x200",
    'firedoor_baseline_holds{namespace="shop",name="baseline"}': "1x200",
    'firedoor_baselines{state="unknown"}': "0x200",
    "firedoor_coverage_ratio": "0.9x200",
    "firedoor_exposed_ports": "4x200",
    "firedoor_gaps": "2x200",
    "firedoor_flows_total": "0+10x200",
    "firedoor_flows_unattributed_total": "0+1x200",
    'firedoor_sink_waiting_seconds{sink="soc"}': "0x200",
    'firedoor_sink_dropped_total{sink="soc",reason="overflow"}': "7x200",
}
"""A watch of three hours and more in which nothing is wrong."""


@dataclass(frozen=True)
class Scenario:
    """What goes wrong after 100 minutes, when nothing fires yet, when something does, and what it says."""

    alert: str
    series: dict[str, str | None]
    before: str
    fires: str
    labels: dict[str, str]
    summary: str
    over: str = ""
    """When it is over, where it ends by itself."""


SCENARIOS = [
    Scenario(
        "FiredoorWatchMissing",
        dict.fromkeys(HEALTHY),
        "4m",
        "6m",
        {},
        "No cluster is watched by firedoor",
    ),
    Scenario(
        "FiredoorWatchStopped",
        {"firedoor_turn_duration_seconds_count": "0+4x99 400x100"},
        "107m",
        "112m",
        {},
        "firedoor watch does not look at the cluster",
    ),
    Scenario(
        "FiredoorListsFailing",
        {"firedoor_lists_failing": "0x99 2x30 0x70"},
        "110m",
        "120m",
        {},
        "2 lists of the cluster cannot be followed",
        "140m",
    ),
    Scenario(
        "FiredoorSlow",
        {"firedoor_snapshot_lag_seconds": "0.5x99 90x100"},
        "110m",
        "120m",
        {},
        "Changes wait 1m 30s before firedoor judges them",
    ),
    Scenario(
        "FiredoorSevereEvents",
        {'firedoor_events_total{kind="right-gained",severity="critical"}': "0x99 1x100"},
        "99m",
        "101m",
        {"kind": "right-gained"},
        "critical events of kind right-gained",
        "115m",
    ),
    Scenario(
        "FiredoorCriticalFindings",
        {'firedoor_findings{check="b",severity="critical"}': "_x99 2x100"},
        "110m",
        "120m",
        {},
        "2 critical findings",
    ),
    Scenario(
        "FiredoorBaselineBroken",
        {'firedoor_baseline_holds{namespace="shop",name="baseline"}': "1x99 0x20 1x80"},
        "104m",
        "106m",
        {"namespace": "shop", "name": "baseline"},
        "shop is not as its baseline baseline says",
        "122m",
    ),
    Scenario(
        "FiredoorBaselineUnknown",
        {
            'firedoor_baselines{state="unknown"}': "0x99 1x100",
            'firedoor_baseline_holds{namespace="shop",name="baseline"}': "1x99",
        },
        "110m",
        "120m",
        {"state": "unknown"},
        "Of 1 baselines it is not known whether they hold",
    ),
    Scenario(
        "FiredoorCoverageDropped",
        {"firedoor_coverage_ratio": "0.9x99 0.8x100"},
        "105m",
        "115m",
        {},
        "80% of the pods are isolated, fewer than an hour ago",
        "170m",
    ),
    Scenario(
        "FiredoorExposureGrew",
        {"firedoor_exposed_ports": "4x99 5x100"},
        "105m",
        "115m",
        {},
        "5 ports can be reached from outside, more than an hour ago",
        "170m",
    ),
    Scenario(
        "FiredoorGapsGrew",
        {"firedoor_gaps": "2x99 3x100"},
        "105m",
        "115m",
        {},
        "3 things cannot be read or judged, more than an hour ago",
        "170m",
    ),
    Scenario(
        "FiredoorEnforcementContradicts",
        {'firedoor_events_total{kind="enforcement-contradicts",severity="medium"}': "0x99 1x100"},
        "99m",
        "101m",
        {"kind": "enforcement-contradicts"},
        "Connections go against the policies",
        "120m",
    ),
    Scenario(
        "FiredoorFlowsUnattributed",
        {"firedoor_flows_unattributed_total": "0+1x99 99+5x100"},
        "110m",
        "125m",
        {},
        "50% of the connections have an end that nobody is known to be",
    ),
    Scenario(
        "FiredoorSinkStuck",
        {'firedoor_sink_waiting_seconds{sink="soc"}': "0x99 0+60x100"},
        "115m",
        "122m",
        {"sink": "soc"},
        "Events wait 22m 0s for the sink soc",
    ),
    Scenario(
        "FiredoorSinkDropping",
        {'firedoor_sink_dropped_total{sink="soc",reason="overflow"}': "7x99 9x100"},
        "99m",
        "101m",
        {"sink": "soc", "reason": "overflow"},
        "The sink soc does not get some events (overflow)",
        "120m",
    ),
]


def unit_test(scenario: Scenario) -> dict[str, Any]:
    """Return a test for promtool: this alert fires once at the right time, and no other ever does."""
    rules = {each.name: each for each in ALERTS}
    rule = rules[scenario.alert]
    labels = {"severity": scenario.labels.get("severity", rule.severity), **scenario.labels}
    fired = {
        "exp_labels": labels,
        "exp_annotations": {"summary": scenario.summary, "description": rule.description},
    }

    def expected(name: str, when: str) -> dict[str, Any]:
        is_it = name == scenario.alert and when == scenario.fires
        return {"eval_time": when, "alertname": name, "exp_alerts": [fired] if is_it else []}

    times = [each for each in ("95m", scenario.before, scenario.fires, scenario.over) if each]
    if scenario.alert == "FiredoorWatchMissing":
        times.remove("95m")
    return {
        "name": scenario.alert,
        "interval": "1m",
        "input_series": [
            {"series": name, "values": values} for name, values in (HEALTHY | scenario.series).items() if values
        ],
        "alert_rule_test": [expected(name, when) for when in times for name in rules],
    }


def _every_alert() -> Iterator[str]:
    yield from (each.name for each in ALERTS)


def test_there_is_a_scenario_for_every_alert() -> None:
    assert [each.alert for each in SCENARIOS] == list(_every_alert())


def test_each_alert_fires_once_when_it_should_and_alone(judge: str, tmp_path: Path) -> None:
    (tmp_path / "alerts.yaml").write_text(alerts_yaml())
    tests = {
        "rule_files": ["alerts.yaml"],
        "evaluation_interval": "1m",
        "tests": [unit_test(each) for each in SCENARIOS],
    }
    (tmp_path / "tests.yaml").write_text(yaml.safe_dump(tests))
    assert "SUCCESS" in checked(judge, "test", "rules", "tests.yaml", folder=tmp_path)
