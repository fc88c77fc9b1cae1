"""What a watch sees and does, as metrics of Prometheus."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from firedoor.adapters.metrics.sinks import SinkMetrics
from firedoor.model.events import EventKind
from firedoor.model.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from firedoor.model import watching
    from firedoor.model.alerting import SinkState

_BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Meter:
    """
    Keeps the metrics of ``docs/reference/metrics.md``; implements ``interfaces.WatchMeter``.

    It is alive as long as there was a turn in the last `patience` seconds of `clock`, and ready after the first.
    """

    def __init__(
        self,
        patience: float = 120.0,
        clock: Callable[[], float] = time.monotonic,
        sinks: Callable[[], Sequence[SinkState]] = tuple,
    ) -> None:
        """Start with nothing seen; `sinks` is asked at each scrape how the sinks are doing."""
        self._patience = patience
        self._clock = clock
        self._began = clock()
        self._last: float | None = None
        self.registry = registry = CollectorRegistry()
        registry.register(SinkMetrics(sinks))
        self._captured = Gauge(
            "firedoor_snapshot_timestamp_seconds",
            "When the cluster was last seen whole (Unix time).",
            registry=registry,
        )
        self._lag = Gauge(
            "firedoor_snapshot_lag_seconds", "How long the first of the last changes waited.", registry=registry
        )
        self._leading = Gauge(
            "firedoor_leading", "Whether this replica judges and tells, or stands by.", registry=registry
        )
        self._pods = Gauge("firedoor_pods", "Pods in the cluster.", registry=registry)
        self._isolated = Gauge(
            "firedoor_pods_isolated",
            "Pods by the directions in which policies isolate them.",
            ["direction"],
            registry=registry,
        )
        self._coverage = Gauge(
            "firedoor_coverage_ratio",
            "Share of the pods on the pod network that policies isolate both ways.",
            registry=registry,
        )
        self._policies = Gauge("firedoor_policies", "Policies of all kinds.", registry=registry)
        self._exposed = Gauge(
            "firedoor_exposed_ports", "Ports of workloads that the outside gets to, or may.", registry=registry
        )
        self._gaps = Gauge("firedoor_gaps", "What could not be read or judged.", registry=registry)
        self._findings = Gauge(
            "firedoor_findings", "Findings of diagnose by check and severity.", ["check", "severity"], registry=registry
        )
        self._holds = Gauge(
            "firedoor_baseline_holds",
            "Whether a ZeroTrustBaseline holds, where that is known.",
            ["namespace", "name"],
            registry=registry,
        )
        self._baselines = Gauge(
            "firedoor_baselines",
            "ZeroTrustBaselines that hold, that are broken, and of which that is unknown.",
            ["state"],
            registry=registry,
        )
        self._failing = Gauge(
            "firedoor_lists_failing", "Lists of the API server that cannot be followed.", registry=registry
        )
        self._events = Counter(
            "firedoor_events", "Events told, by kind and severity.", ["kind", "severity"], registry=registry
        )
        for kind in EventKind:
            for severity in Severity:
                # Prometheus sees no increase from nothing to one: the first event would raise no alert.
                self._events.labels(str(kind), str(severity))
        self._changes = Counter(
            "firedoor_object_changes", "Objects that were made, changed or deleted.", registry=registry
        )
        self._seconds = Histogram(
            "firedoor_turn_duration_seconds",
            "How long it took to judge what changed.",
            registry=registry,
            buckets=_BUCKETS,
        )

        self._denied = Counter(
            "firedoor_flows_denied",
            "Connections that were dropped, by the policy that denies them now.",
            ["policy"],
            registry=registry,
        )
        self._flows = Counter("firedoor_flows", "Connections that flows told of.", registry=registry)
        self._unattributed = Counter(
            "firedoor_flows_unattributed", "Connections with an end that nobody is known to be.", registry=registry
        )
        self._malformed = Counter("firedoor_flow_lines_malformed", "Malformed lines of flows.", registry=registry)
        self._lost = Counter("firedoor_flows_lost", "Flows that their sources say they lost.", registry=registry)

    @property
    def is_alive(self) -> bool:
        """Whether there was a turn lately."""
        return self._clock() - (self._last or self._began) < self._patience

    @property
    def is_ready(self) -> bool:
        """Whether the cluster was judged once, and is still followed."""
        return self._last is not None and self.is_alive

    def note(self, gauge: watching.Gauge) -> None:
        """Take note of a turn."""
        self._leading.set(1)
        self._captured.set(datetime.fromisoformat(gauge.captured_at).timestamp())
        self._lag.set(gauge.lag)
        self._pods.set(gauge.pods)
        for direction, pods in gauge.isolation.items():
            self._isolated.labels(direction).set(pods)
        on_network = sum(pods for direction, pods in gauge.isolation.items() if direction != "host")
        self._coverage.set(gauge.isolation["both"] / on_network if on_network else 1.0)
        self._policies.set(gauge.policies)
        self._exposed.set(gauge.exposures)
        self._gaps.set(gauge.gaps)
        self._findings.clear()
        for (check, severity), count in gauge.findings.items():
            self._findings.labels(check, str(severity)).set(count)
        self._failing.set(gauge.failing)
        for (kind, severity), count in gauge.events.items():
            self._events.labels(str(kind), str(severity)).inc(count)
        self._changes.inc(gauge.changes)
        self._seconds.observe(gauge.seconds)
        if gauge.flows is not None:
            self._note_flows(gauge.flows)
        if gauge.baselines is not None:
            self._note_baselines(gauge.baselines)
        # Only now is it ready: whoever asks then finds all numbers.
        self._last = self._clock()

    def stand_by(self) -> None:
        """Take note that another replica leads: this one follows the cluster and is ready to, and has no numbers."""
        self._leading.set(0)
        self._captured.set_to_current_time()
        self._last = self._clock()

    def _note_baselines(self, baselines: dict[tuple[str, str], bool | None]) -> None:
        self._holds.clear()
        for (namespace, name), holds in baselines.items():
            if holds is not None:
                self._holds.labels(namespace, name).set(holds)
        for state, wanted in (("holds", True), ("broken", False), ("unknown", None)):
            self._baselines.labels(state).set(sum(holds is wanted for holds in baselines.values()))

    def _note_flows(self, flows: watching.FlowCounts) -> None:
        for policy, count in flows.denied.items():
            self._denied.labels(policy).inc(count)
        self._flows.inc(flows.connections)
        self._unattributed.inc(flows.unattributed)
        self._malformed.inc(flows.malformed)
        self._lost.inc(flows.lost)
