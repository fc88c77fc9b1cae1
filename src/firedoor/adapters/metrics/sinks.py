"""How the sinks of a watch are doing, as metrics of Prometheus, asked when they are scraped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from prometheus_client.core import Metric

    from firedoor.model.alerting import SinkState


class SinkMetrics(Collector):
    """Collects the metrics whose names begin with ``firedoor_sink_``."""

    def __init__(self, states: Callable[[], Sequence[SinkState]]) -> None:
        """`states` returns how each sink is doing now."""
        self._states = states

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        queued = GaugeMetricFamily("firedoor_sink_queued", "Events that wait for a sink.", labels=["sink"])
        waiting = GaugeMetricFamily(
            "firedoor_sink_waiting_seconds", "How long the first event waits for a sink.", labels=["sink"]
        )
        delivered = CounterMetricFamily("firedoor_sink_delivered", "Events that a sink took.", labels=["sink"])
        failures = CounterMetricFamily(
            "firedoor_sink_failures", "How often a sink did not take what it was sent.", labels=["sink"]
        )
        dropped = CounterMetricFamily(
            "firedoor_sink_dropped", "Events that a sink will never get, by reason.", labels=["sink", "reason"]
        )
        for each in self._states():
            queued.add_metric([each.name], each.queued)
            waiting.add_metric([each.name], each.waiting)
            delivered.add_metric([each.name], each.delivered)
            failures.add_metric([each.name], each.failures)
            dropped.add_metric([each.name, "overflow"], each.overflowed)
            dropped.add_metric([each.name, "refused"], each.refused)
        yield from (queued, waiting, delivered, failures, dropped)
