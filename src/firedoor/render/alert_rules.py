"""Rules by which Prometheus alerts on the metrics of ``firedoor watch``."""

from __future__ import annotations

from msgspec import Struct

from firedoor.render.yaml_text import yaml_text


class AlertRule(Struct, frozen=True, gc=False):
    """One alerting rule of Prometheus: it fires when `expression` has held for a time."""

    name: str
    expression: str
    lasting: str
    severity: str
    summary: str
    description: str


ALERTS = (
    AlertRule(
        "FiredoorWatchMissing",
        "absent(firedoor_turn_duration_seconds_count)",
        "5m",
        "critical",
        "No cluster is watched by firedoor",
        "Prometheus gets no metrics of firedoor watch: it does not run, or cannot be scraped.",
    ),
    AlertRule(
        "FiredoorWatchStopped",
        "increase(firedoor_turn_duration_seconds_count[5m]) == 0",
        "5m",
        "critical",
        "firedoor watch does not look at the cluster",
        "There was no turn for minutes, though there is one every 15 seconds even where nothing changes.",
    ),
    AlertRule(
        "FiredoorListsFailing",
        "firedoor_lists_failing > 0",
        "15m",
        "warning",
        "{{ $value }} lists of the cluster cannot be followed",
        "What firedoor says of these kinds may be out of date. Events of kind following-fails have the reason.",
    ),
    AlertRule(
        "FiredoorSlow",
        "firedoor_snapshot_lag_seconds > 60",
        "15m",
        "warning",
        "Changes wait {{ $value | humanizeDuration }} before firedoor judges them",
        "The cluster changes faster than it is judged: give firedoor more processor time.",
    ),
    AlertRule(
        "FiredoorSevereEvents",
        'sum by (kind, severity) (increase(firedoor_events_total{severity=~"critical|high"}[10m])) > 0',
        "0m",
        "warning",
        "{{ $labels.severity }} events of kind {{ $labels.kind }}",
        "Somebody may connect, be reached, or do what they could not before. The output of firedoor watch has them.",
    ),
    AlertRule(
        "FiredoorCriticalFindings",
        'sum(firedoor_findings{severity="critical"}) > 0',
        "15m",
        "critical",
        "{{ $value }} critical findings",
        "firedoor diagnose tells them with their remedies.",
    ),
    AlertRule(
        "FiredoorBaselineBroken",
        "firedoor_baseline_holds == 0",
        "5m",
        "critical",
        "{{ $labels.namespace }} is not as its baseline {{ $labels.name }} says",
        "kubectl get ztb tells which intents fail and which findings are left, and the event baseline-broken why.",
    ),
    AlertRule(
        "FiredoorBaselineUnknown",
        'firedoor_baselines{state="unknown"} > 0',
        "15m",
        "warning",
        "Of {{ $value }} baselines it is not known whether they hold",
        "They are malformed, or something that decides cannot be read: their condition Ready or Holds says which.",
    ),
    AlertRule(
        "FiredoorCoverageDropped",
        "firedoor_coverage_ratio < (firedoor_coverage_ratio offset 1h) - 0.05",
        "10m",
        "warning",
        "{{ $value | humanizePercentage }} of the pods are isolated, fewer than an hour ago",
        "A policy is gone, or selects fewer pods, or many pods came that none selects.",
    ),
    AlertRule(
        "FiredoorExposureGrew",
        "firedoor_exposed_ports > firedoor_exposed_ports offset 1h",
        "10m",
        "warning",
        "{{ $value }} ports can be reached from outside, more than an hour ago",
        "firedoor reach --exposed lists them.",
    ),
    AlertRule(
        "FiredoorGapsGrew",
        "firedoor_gaps > firedoor_gaps offset 1h",
        "10m",
        "info",
        "{{ $value }} things cannot be read or judged, more than an hour ago",
        "What firedoor says is not known of these. Events of kind gap-appeared have the reasons.",
    ),
    AlertRule(
        "FiredoorEnforcementContradicts",
        'increase(firedoor_events_total{kind="enforcement-contradicts"}[15m]) > 0',
        "0m",
        "critical",
        "Connections go against the policies",
        "The network plugin lets pass what policies deny, or drops what they accept: ask it with firedoor verify.",
    ),
    AlertRule(
        "FiredoorFlowsUnattributed",
        "increase(firedoor_flows_unattributed_total[15m]) / increase(firedoor_flows_total[15m]) > 0.2",
        "15m",
        "warning",
        "{{ $value | humanizePercentage }} of the connections have an end that nobody is known to be",
        "What flows say of these is not judged. Pods may be missing from what firedoor may read.",
    ),
    AlertRule(
        "FiredoorSinkStuck",
        "firedoor_sink_waiting_seconds > 900",
        "5m",
        "warning",
        "Events wait {{ $value | humanizeDuration }} for the sink {{ $labels.sink }}",
        "The sink does not take them, and firedoor says why on its standard error. They wait on the disk.",
    ),
    AlertRule(
        "FiredoorSinkDropping",
        "increase(firedoor_sink_dropped_total[15m]) > 0",
        "0m",
        "critical",
        "The sink {{ $labels.sink }} does not get some events ({{ $labels.reason }})",
        "Too many wait for it, or it refuses them for good. They are in the output of firedoor watch.",
    ),
)
"""All rules."""


def alert_rules() -> dict[str, object]:
    """Return the groups of rules as Prometheus reads them from a file."""
    return {"groups": [{"name": "firedoor", "rules": [_rule(each) for each in ALERTS]}]}


def alerts_yaml() -> str:
    """Return a file of rules for Prometheus (``rule_files``)."""
    return yaml_text(alert_rules())


def prometheus_rule_yaml() -> str:
    """Return the rules as an object of the Prometheus operator (``monitoring.coreos.com/v1``)."""
    labels = {"app.kubernetes.io/name": "firedoor"}
    metadata = {"name": "firedoor", "labels": labels}
    return yaml_text(
        {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "PrometheusRule",
            "metadata": metadata,
            "spec": alert_rules(),
        }
    )


def _rule(each: AlertRule) -> dict[str, object]:
    return {
        "alert": each.name,
        "expr": each.expression,
        "for": each.lasting,
        "labels": {"severity": each.severity},
        "annotations": {"summary": each.summary, "description": each.description},
    }
