"""
Network plugins that nobody can measure.

What it finds
-------------
Node agents whose own manifests show that they serve no metrics: Cilium as its chart
writes it without a port `prometheus` or `hubble-metrics`, the policy agent of the
Amazon VPC CNI with `--metrics-bind-addr=0`, and kube-router that enforces without
`--metrics-port`. Settings in ConfigMaps are not looked at, and other plugins are not
judged.

Why it matters
--------------
Dropped packets, rules that could not be installed and agents that lag behind are seen
first, and often only, in the metrics of the plugin.

Example
-------
kube-router with `--run-firewall=true` and no `--metrics-port`.

Remedy
------
Turn on `prometheus.enabled` of the chart of Cilium, or give the agent a port to serve
metrics on, and let Prometheus alone reach it.

References
----------
https://docs.cilium.io/en/stable/observability/metrics/
https://github.com/cloudnativelabs/kube-router/blob/master/docs/metrics.md
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.agents import cilium_agents, port_names
from firedoor.engine.posture.check import Check
from firedoor.engine.posture.control_plane import faults
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.posture.control_plane import Program, Wrong
    from firedoor.model.findings import Finding

_PORTS = frozenset({"prometheus", "hubble-metrics"})


def _run(context: Context) -> Iterator[Finding]:
    for crew in cilium_agents(context):
        if _PORTS.isdisjoint(port_names(crew)):
            yield CHECK.finding(
                crew.workload,
                crew.source,
                f"Cilium, which {crew.workload} runs, serves no metrics",
                (f"{crew.source}: {crew.workload} has no port prometheus or hubble-metrics",),
                Fix("turn on prometheus.enabled of the chart"),
            )
    yield from faults(CHECK, context, ("aws-network-policy-agent", "kube-router"), _wrong)


def _wrong(program: Program) -> Iterator[Wrong]:
    if program.name == "kube-router":
        is_enforcing, flag, default, fix = "run-firewall", "metrics-port", "0", "set --metrics-port"
    else:
        is_enforcing, flag, default = "enable-network-policy", "metrics-bind-addr", ":8162"
        fix = "set --metrics-bind-addr to an address"
    if program.is_on(is_enforcing, default=program.name == "kube-router") and program.flags.get(flag, default) == "0":
        yield "serves no metrics", (is_enforcing, flag), fix, None


CHECK = Check(
    id="no-cni-metrics",
    title="Network plugins that serve no metrics",
    severity=Severity.INFO,
    confidence=Confidence.MEDIUM,
    since="0.1.0",
    why="nobody sees that packets are dropped, or that policies are not in force",
    docs=__doc__ or "",
    mappings=Mappings(
        nist_800_207=("7",),
        nist_800_53=("SI-4",),
    ),
    run=_run,
)
