"""``firedoor watch``."""

from __future__ import annotations

import gc
import importlib
import sys
import time
from typing import TYPE_CHECKING

import click

from firedoor.cli.flows_options import duration
from firedoor.cli.loading import BarProgress, cni_profile
from firedoor.cli.options import cni_option, host_and_port, output_option
from firedoor.cli.review_options import config_option
from firedoor.cli.stopping import stopping
from firedoor.cli.watch_flows_options import WatchedFlows, watched_flows_options
from firedoor.cli.watch_leading import Leading, leading_options
from firedoor.cli.watch_sinks import forwarding, try_all, watch_plan
from firedoor.interfaces import Silent
from firedoor.model.exceptions import Rules
from firedoor.model.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from firedoor.interfaces import ChangeFeed, Progress
    from firedoor.model.events import Event
    from firedoor.model.exceptions import Settings
    from firedoor.model.feed import Turn

_SECOND = 10**9
_BETWEEN_GIVING = 30.0
"""So many seconds pass before memory is given back again."""


@click.command()
@click.option("--kubeconfig", metavar="FILE", type=click.Path(), help="Kubeconfig of the live cluster.")
@click.option("--context", metavar="NAME", help="Context of the kubeconfig.")
@click.option("-n", "--namespace", default="", metavar="NS", help="Tell only what is about objects of this namespace.")
@click.option(
    "--severity",
    type=click.Choice([str(each) for each in Severity]),
    default="info",
    show_default=True,
    help="Tell only events that are at least this severe.",
)
@click.option(
    "--state",
    metavar="FOLDER",
    type=click.Path(file_okay=False),
    help="Where to remember the cluster for the next start. Default: $XDG_STATE_HOME/firedoor/watch.",
)
@click.option("--forget", is_flag=True, help="Begin with the cluster as it is now, whatever is remembered.")
@click.option(
    "--metrics", metavar="HOST:PORT", help="Serve /metrics for Prometheus, /healthz and /readyz there, without TLS."
)
@click.option("--for", "limit", metavar="DURATION", help="End after so long, as in 30m; 0s: after one look.")
@click.option(
    "--checks-every",
    default="60s",
    show_default=True,
    metavar="DURATION",
    help="How often to look for new findings of diagnose and attack paths, where something changed.",
)
@click.option(
    "--rules",
    "rules_file",
    metavar="FILE",
    type=click.Path(),
    help="Sinks, and rules and silences for what they get, instead of those of the configuration.",
)
@click.option(
    "--resources",
    "has_resources",
    is_flag=True,
    help="Judge the ZeroTrustBaselines of the cluster, and keep their status and ConnectivityReports in it.",
)
@click.option(
    "--test-sinks", "is_test", is_flag=True, help="Send a test to every sink, tell what each answers, and end."
)
@click.option(
    "--print",
    "printed",
    type=click.Choice(["alerts", "prometheus-rule", "dashboard", "custom-resources"]),
    help="Print rules for alerts of Prometheus (a file, or the operator's object), a dashboard of Grafana, or the "
    "definitions that --resources needs, and end.",
)
@watched_flows_options
@leading_options
@config_option
@cni_option
@output_option("text", "json")
def command(
    *,
    kubeconfig: str | None,
    context: str | None,
    namespace: str,
    severity: str,
    state: str | None,
    forget: bool,
    metrics: str | None,
    limit: str | None,
    checks_every: str,
    rules_file: str | None,
    has_resources: bool,
    is_test: bool,
    printed: str | None,
    flows: WatchedFlows,
    leading: Leading,
    settings: Settings,
    cni: str,
    output: str,
) -> None:
    """
    Follow a live cluster, and tell what each change of it means.

    Prints an event for each connection and exposure that opens or closes, each right that is gained or lost, each
    finding and attack path that appears or goes, and for what can no longer be read, until Ctrl-C. What changed since
    it ran last is told first. With flows (--flows, --flows-otlp, --hubble-relay, --goldmane) it also tells connections
    that were denied, are new, or went against the policies. With sinks events are sent elsewhere as well, by rules;
    what a sink does not take waits on the disk.
    """
    from firedoor.bootstrap import (  # noqa: PLC0415
        Surroundings,
        give_back_memory,
        open_feed,
        open_meter,
        open_outlets,
        open_resources,
        open_watch_memory,
        today,
    )
    from firedoor.usecases.watch import Watcher  # noqa: PLC0415
    from firedoor.usecases.watch_running import run  # noqa: PLC0415

    if printed is not None:
        click.echo(_companion(printed), nl=False)
        return
    plan = watch_plan(rules_file, settings)
    surroundings = Surroundings(state, kubeconfig, context)
    if is_test:
        sys.exit(try_all(plan, surroundings))
    seconds = None if limit is None else duration(limit) / _SECOND
    rules = Rules(today(), settings)
    profile = cni_profile(cni)
    watcher = Watcher(profile, time.monotonic, rules=rules, pause=duration(checks_every) / _SECOND, today=today)
    wanted = _Wanted(namespace, Severity(severity), output)
    memory = open_watch_memory(state, is_forgetful=forget)
    # Cycles would pile up here that other commands leave to the end of the process.
    gc.enable()
    place = None if metrics is None else host_and_port(metrics)
    with (
        stopping(seconds) as stop,
        open_outlets(plan, surroundings, _say) as outlets,
        open_resources(profile, surroundings, _say, today, is_on=has_resources) as resources,
        open_meter(place, _say, lambda: [*outlets.states(), *resources.states()]) as meter,
    ):
        heartbeat = min(flows.heartbeat, leading.heartbeat)
        feed = _Begun(open_feed(stop, kubeconfig, context, heartbeat=heartbeat), give_back_memory)
        forward = forwarding(plan, outlets, watcher, wanted.is_wanted)
        with (
            leading.opened(kubeconfig, context, _say) as elector,
            flows.opened(state, forget=forget) as followed,
        ):
            run(
                feed,
                watcher,
                memory,
                meter,
                wanted.show,
                Silent(),
                time.monotonic,
                forward=forward,
                flows=followed,
                keeper=resources.keeper,
                elector=elector,
            )


def _companion(name: str) -> str:
    """Return what is made for a cluster that is watched: rules for Prometheus, a dashboard, definitions of kinds."""
    from firedoor.render.alert_rules import alerts_yaml, prometheus_rule_yaml  # noqa: PLC0415
    from firedoor.render.custom_resources import custom_resources_yaml  # noqa: PLC0415
    from firedoor.render.grafana_dashboard import dashboard_json  # noqa: PLC0415

    made = {
        "alerts": alerts_yaml,
        "prometheus-rule": prometheus_rule_yaml,
        "dashboard": dashboard_json,
        "custom-resources": custom_resources_yaml,
    }
    return made[name]()


def _say(text: str) -> None:
    click.echo(text, err=True)


class _Begun:
    """A feed with a bar while the cluster is read for the first time; between turns memory is put in order."""

    def __init__(self, feed: ChangeFeed, give_back: Callable[[], None]) -> None:
        self._feed = feed
        self._give_back = give_back

    def turns(self, _progress: Progress) -> Iterator[Turn]:
        bar = BarProgress()
        try:
            last: float | None = None
            for turn in self._feed.turns(bar):
                bar.finish()
                yield turn
                if last is None:
                    # What is there now mostly stays: the collector need not look at all of it again and again.
                    gc.collect()
                    gc.freeze()
                now = time.monotonic()
                if last is None or now - last >= _BETWEEN_GIVING:
                    # To judge a large cluster takes far more, for a moment, than to hold it.
                    self._give_back()
                    last = now
        finally:
            bar.finish()


class _Wanted:
    """Which events are printed, and how."""

    def __init__(self, namespace: str, severity: Severity, output: str) -> None:
        self._namespace = namespace
        self._severity = severity
        module = importlib.import_module(f"firedoor.render.events_{output}")
        self._render = getattr(module, f"events_{output}")

    def show(self, events: list[Event]) -> None:
        """Print those that are wanted, at once."""
        shown = [each for each in events if self.is_wanted(each)]
        if shown:
            click.echo(self._render(shown), nl=False)

    def is_wanted(self, event: Event) -> bool:
        """Return whether an event is told."""
        if event.severity.rank < self._severity.rank:
            return False
        about = event.object
        home = about.name if about.kind == "Namespace" and not about.namespace else about.namespace
        # What is about the cluster is about every namespace.
        return not self._namespace or home in {"", self._namespace}
