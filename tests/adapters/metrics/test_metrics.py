"""What Prometheus and a kubelet are told, over real HTTP."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from firedoor.adapters.metrics import Meter, serve
from firedoor.errors import UsageError
from firedoor.model.alerting import SinkState
from firedoor.model.events import EventKind
from firedoor.model.findings import Severity
from firedoor.model.watching import FlowCounts, Gauge

PAGE = Path(__file__).parents[3] / "docs/reference/metrics.md"
ISOLATION = {"both": 3, "ingress": 1, "egress": 0, "none": 2, "host": 4}


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def gauge(**others: object) -> Gauge:
    values: dict[str, object] = {
        "captured_at": "2026-01-02T03:04:05Z",
        "pods": 10,
        "policies": 7,
        "gaps": 1,
        "isolation": ISOLATION,
        "findings": {("pod-unprotected", Severity.HIGH): 2},
        "events": {(EventKind.CONNECTION_OPENED, Severity.MEDIUM): 3},
        "exposures": 2,
        "failing": 0,
        "changes": 5,
        "lag": 0.7,
        "seconds": 0.2,
    }
    return Gauge(**{**values, **others})  # type: ignore[arg-type]


def get(place: str, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://{place}{path}", timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def meter(clock: Clock) -> Meter:
    return Meter(120, clock, lambda: [SinkState("soc", 3, 2.5, 7, 4, 5, 6, "down")])


@pytest.fixture
def place(meter: Meter) -> Iterator[str]:
    with serve(meter, ("127.0.0.1", 0)) as port:
        yield f"127.0.0.1:{port}"


def samples(place: str) -> dict[str, float]:
    status, text = get(place, "/metrics")
    assert status == 200
    return {
        each.name + "".join(f" {value}" for value in each.labels.values()): each.value
        for family in text_string_to_metric_families(text)
        for each in family.samples
    }


def test_a_turn_becomes_numbers(meter: Meter, place: str) -> None:
    meter.note(gauge())
    meter.note(gauge(findings={("no-flow-log", Severity.LOW): 1}))
    found = samples(place)
    assert found["firedoor_pods"] == 10
    assert found["firedoor_pods_isolated ingress"] == 1
    assert found["firedoor_coverage_ratio"] == 0.5
    assert found["firedoor_events_total connection-opened medium"] == 6
    assert found["firedoor_findings no-flow-log low"] == 1
    assert "firedoor_findings pod-unprotected high" not in found
    assert found["firedoor_object_changes_total"] == 10
    assert found["firedoor_turn_duration_seconds_count"] == 2
    assert found["firedoor_snapshot_timestamp_seconds"] == 1767323045


def test_sinks_are_asked_when_they_are_scraped(place: str) -> None:
    found = samples(place)
    assert found["firedoor_sink_queued soc"] == 3
    assert found["firedoor_sink_waiting_seconds soc"] == 2.5
    assert found["firedoor_sink_delivered_total soc"] == 7
    assert found["firedoor_sink_failures_total soc"] == 4
    assert found["firedoor_sink_dropped_total overflow soc"] == 5
    assert found["firedoor_sink_dropped_total refused soc"] == 6


def test_flows_are_counted_by_the_policy_that_denies_them(meter: Meter, place: str) -> None:
    for policy in ("NetworkPolicy shop/deny", "NetworkPolicy shop/deny", ""):
        meter.note(gauge(flows=FlowCounts({policy: 2}, 5, 1, 3, 4)))
    found = samples(place)
    assert found["firedoor_flows_denied_total NetworkPolicy shop/deny"] == 4
    assert found["firedoor_flows_denied_total "] == 2
    assert found["firedoor_flows_total"] == 15
    assert found["firedoor_flows_unattributed_total"] == 3
    assert found["firedoor_flow_lines_malformed_total"] == 9
    assert found["firedoor_flows_lost_total"] == 12


def test_a_cluster_without_pods_is_covered(meter: Meter, place: str) -> None:
    meter.note(gauge(isolation={}))
    assert samples(place)["firedoor_coverage_ratio"] == 1


def test_it_is_ready_after_the_first_turn_and_dead_after_a_long_silence(meter: Meter, place: str, clock: Clock) -> None:
    assert [get(place, each)[0] for each in ("/healthz", "/readyz")] == [200, 503]
    meter.note(gauge())
    assert [get(place, each)[0] for each in ("/healthz", "/readyz")] == [200, 200]
    clock.now = 121
    assert [get(place, each)[0] for each in ("/healthz", "/readyz")] == [503, 503]


def test_who_stands_by_is_ready_and_seen_and_leads_with_the_first_turn(meter: Meter, place: str) -> None:
    assert get(place, "/readyz")[0] == 503
    meter.stand_by()
    assert get(place, "/readyz")[0] == 200
    found = samples(place)
    assert found["firedoor_leading"] == 0
    assert found["firedoor_snapshot_timestamp_seconds"] > 0
    meter.note(gauge())
    assert samples(place)["firedoor_leading"] == 1


def test_nothing_else_is_served(place: str) -> None:
    assert get(place, "/")[0] == 404
    assert get(place, "/metrics?x=1")[0] == 200


def test_an_address_that_is_taken_is_refused(meter: Meter, place: str) -> None:
    port = int(place.partition(":")[2])
    with pytest.raises(UsageError, match="nothing can be served"), serve(meter, ("127.0.0.1", port)):
        pass


def test_every_metric_is_on_the_page_and_nothing_else(meter: Meter, place: str) -> None:
    meter.note(gauge())
    text = get(place, "/metrics")[1]
    names = {family.name for family in text_string_to_metric_families(text)}
    served = {each for each in names if not each.endswith("_created")}
    written = set(re.findall(r"^\| `(firedoor_[a-z_]+?)(?:_total)?`", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert served == written


def test_baselines_are_told_by_name_and_those_that_nobody_knows_are_counted() -> None:
    meter = Meter()
    meter.note(gauge())
    assert "firedoor_baseline_holds{" not in generate_latest(meter.registry).decode()
    meter.note(gauge(baselines={("shop", "a"): True, ("shop", "b"): False, ("data", "c"): None}))
    text = generate_latest(meter.registry).decode()
    assert 'firedoor_baseline_holds{name="a",namespace="shop"} 1.0' in text
    assert 'firedoor_baseline_holds{name="b",namespace="shop"} 0.0' in text
    assert 'namespace="data"' not in text
    assert [f'firedoor_baselines{{state="{each}"}} 1.0' in text for each in ("holds", "broken", "unknown")] == [
        True
    ] * 3
    meter.note(gauge(baselines={}))
    text = generate_latest(meter.registry).decode()
    assert "firedoor_baseline_holds{" not in text
    assert 'firedoor_baselines{state="broken"} 0.0' in text
