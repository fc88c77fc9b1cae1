"""A dashboard of Grafana for the metrics of ``firedoor watch``."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from firedoor.render.json_text import json_text

_WIDTH = 24
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_INSTANCE = 'instance=~"$instance"'
_BUCKETS = f"firedoor_turn_duration_seconds_bucket{{{_INSTANCE}}}"


class Panel(Struct, frozen=True, gc=False):
    """One panel: a number, or lines over time, with a query and the legend for each line."""

    title: str
    kind: str
    width: int
    unit: str
    queries: tuple[tuple[str, str], ...]
    description: str = ""
    is_stacked: bool = False


PANELS = (
    Panel("Isolated both ways", "stat", 4, "percentunit", ((f"firedoor_coverage_ratio{{{_INSTANCE}}}", ""),)),
    Panel("Ports open to the outside", "stat", 4, "short", ((f"firedoor_exposed_ports{{{_INSTANCE}}}", ""),)),
    Panel(
        "Findings, critical and high",
        "stat",
        4,
        "short",
        ((f'sum(firedoor_findings{{{_INSTANCE}, severity=~"critical|high"}}) or vector(0)', ""),),
    ),
    Panel("Policies", "stat", 4, "short", ((f"firedoor_policies{{{_INSTANCE}}}", ""),)),
    Panel("Pods", "stat", 4, "short", ((f"firedoor_pods{{{_INSTANCE}}}", ""),)),
    Panel("Gaps", "stat", 4, "short", ((f"firedoor_gaps{{{_INSTANCE}}}", ""),), "What cannot be read or judged."),
    Panel(
        "Events",
        "timeseries",
        12,
        "short",
        ((f"sum by (kind) (increase(firedoor_events_total{{{_INSTANCE}}}[$__rate_interval])) > 0", "{{kind}}"),),
        "How many of each kind.",
    ),
    Panel(
        "Findings",
        "timeseries",
        12,
        "short",
        ((f"sum by (severity) (firedoor_findings{{{_INSTANCE}}})", "{{severity}}"),),
        is_stacked=True,
    ),
    Panel(
        "Baselines",
        "timeseries",
        12,
        "short",
        ((f"firedoor_baselines{{{_INSTANCE}}}", "{{state}}"),),
        "Whether namespaces are as their ZeroTrustBaselines say (--resources).",
        is_stacked=True,
    ),
    Panel(
        "Pods by isolation",
        "timeseries",
        12,
        "short",
        ((f"firedoor_pods_isolated{{{_INSTANCE}}}", "{{direction}}"),),
        "The directions in which policies isolate them; host is the network of the node, which none selects.",
        is_stacked=True,
    ),
    Panel(
        "Changes of the cluster",
        "timeseries",
        12,
        "short",
        (
            (f"increase(firedoor_object_changes_total{{{_INSTANCE}}}[$__rate_interval])", "objects"),
            (f"firedoor_lists_failing{{{_INSTANCE}}}", "lists that cannot be followed"),
        ),
    ),
    Panel(
        "Time to judge",
        "timeseries",
        12,
        "s",
        (
            (f"histogram_quantile(0.95, sum by (le) (rate({_BUCKETS}[$__rate_interval])))", "95 %"),
            (f"firedoor_snapshot_lag_seconds{{{_INSTANCE}}}", "the last changes waited"),
        ),
    ),
    Panel(
        "Since the last change",
        "timeseries",
        12,
        "s",
        ((f"time() - firedoor_snapshot_timestamp_seconds{{{_INSTANCE}}}", ""),),
    ),
    Panel(
        "Connections denied",
        "timeseries",
        12,
        "short",
        (
            (
                f"sum by (policy) (increase(firedoor_flows_denied_total{{{_INSTANCE}}}[$__rate_interval])) > 0",
                "{{policy}}",
            ),
        ),
        "By the policy that denies them now, of flows that are followed.",
    ),
    Panel(
        "Connections",
        "timeseries",
        12,
        "short",
        (
            (f"increase(firedoor_flows_total{{{_INSTANCE}}}[$__rate_interval])", "told by flows"),
            (f"increase(firedoor_flows_unattributed_total{{{_INSTANCE}}}[$__rate_interval])", "with an unknown end"),
            (f"increase(firedoor_flow_lines_malformed_total{{{_INSTANCE}}}[$__rate_interval])", "malformed lines"),
        ),
    ),
    Panel(
        "Waiting for sinks",
        "timeseries",
        12,
        "short",
        (
            (f"firedoor_sink_queued{{{_INSTANCE}}}", "{{sink}}: events"),
            (f"firedoor_sink_waiting_seconds{{{_INSTANCE}}}", "{{sink}}: seconds"),
        ),
    ),
    Panel(
        "Sinks",
        "timeseries",
        12,
        "short",
        (
            (f"increase(firedoor_sink_delivered_total{{{_INSTANCE}}}[$__rate_interval])", "{{sink}}: taken"),
            (f"increase(firedoor_sink_failures_total{{{_INSTANCE}}}[$__rate_interval])", "{{sink}}: failures"),
            (f"increase(firedoor_sink_dropped_total{{{_INSTANCE}}}[$__rate_interval])", "{{sink}}: {{reason}}"),
        ),
    ),
)
"""All panels, in rows from left to right."""


def dashboard_json() -> str:
    """Return the dashboard as JSON, to be imported; it asks for a Prometheus, and for the instance."""
    return json_text(
        {
            "uid": "firedoor-watch",
            "title": "firedoor",
            "description": "Who can reach whom in a cluster, as firedoor watch sees it.",
            "tags": ["firedoor", "kubernetes", "security"],
            "schemaVersion": 39,
            "version": 1,
            "editable": True,
            "refresh": "1m",
            "time": {"from": "now-24h", "to": "now"},
            "timepicker": {},
            "annotations": {"list": []},
            "templating": {"list": [_source_variable(), _instance_variable()]},
            "panels": list(_panels()),
        }
    )


def _panels() -> Iterator[dict[str, object]]:
    left = top = height = 0
    for number, each in enumerate(PANELS, 1):
        if left + each.width > _WIDTH:
            left, top = 0, top + height
        height = 4 if each.kind == "stat" else 8
        yield _panel(each, number, {"x": left, "y": top, "w": each.width, "h": height})
        left += each.width


def _panel(panel: Panel, number: int, place: dict[str, int]) -> dict[str, object]:
    custom = {"stacking": {"mode": "normal"}, "fillOpacity": 20} if panel.is_stacked else {}
    targets = [
        {"refId": chr(ord("A") + index), "datasource": _SOURCE, "expr": query, "legendFormat": legend or "__auto"}
        for index, (query, legend) in enumerate(panel.queries)
    ]
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": _SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": {"unit": panel.unit, "custom": custom}, "overrides": []},
        "options": {},
        "targets": targets,
    }


def _source_variable() -> dict[str, object]:
    return {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus", "refresh": 1}


def _instance_variable() -> dict[str, object]:
    query = "label_values(firedoor_pods, instance)"
    return {
        "name": "instance",
        "label": "Watch",
        "type": "query",
        "datasource": _SOURCE,
        "query": {"query": query, "refId": "instances"},
        "refresh": 2,
        "includeAll": True,
        "multi": True,
        "allValue": ".*",
    }
