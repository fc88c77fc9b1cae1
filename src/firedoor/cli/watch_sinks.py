"""The sinks of ``firedoor watch``: where they are configured, what goes to them, and whether they work."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING

import click

from firedoor.cli.exit_codes import ExitCode
from firedoor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from firedoor.bootstrap import Outlets, Surroundings
    from firedoor.model.alerting import WatchPlan
    from firedoor.model.events import Event
    from firedoor.model.exceptions import Settings
    from firedoor.usecases.watch import Watcher


def watch_plan(rules_file: str | None, settings: Settings) -> WatchPlan:
    """
    Return the sinks, rules and silences that are asked for.

    A configuration that nobody named may be anybody's: it says where to send things, and which files and variables to
    read for that, only when it is named. Raises ``UsageError``.
    """
    from firedoor.bootstrap import open_watch_plan  # noqa: PLC0415

    if rules_file is not None:
        return _told(open_watch_plan(rules_file))
    source = click.get_current_context().get_parameter_source("settings")
    if settings.watch.sinks and source is not click.core.ParameterSource.COMMANDLINE:
        raise UsageError(
            "a configuration that was found, and not named, must not say where events are sent",
            place=settings.watch.sinks[0].place,
            remedy=f"name it: --config {settings.source}",
        )
    return _told(settings.watch)


def _told(plan: WatchPlan) -> WatchPlan:
    """Return a plan, and say which of its silences have ended."""
    now = time.time()
    for each in plan.silences:
        if datetime.fromisoformat(each.until).timestamp() <= now:
            click.echo(f"{each.place}: this silence ended at {each.until}, and holds no longer", err=True)
    return plan


def forwarding(
    plan: WatchPlan, outlets: Outlets, watcher: Watcher, is_wanted: Callable[[Event], bool]
) -> Callable[[list[Event]], bool]:
    """Return what sends events that are wanted to sinks, and says whether they will not be lost."""
    from firedoor.usecases.watch_routing import Router  # noqa: PLC0415

    outbox = outlets.outbox
    router = Router(plan, outbox, time.time, is_wanted) if outbox is not None else None

    def forward(events: list[Event]) -> bool:
        outlets.show(watcher.diagnosis)
        return router is None or router.take(events)

    return forward


def try_all(plan: WatchPlan, surroundings: Surroundings) -> ExitCode:
    """Send a test to every sink, print what each answers, and return whether all took it."""
    from firedoor.bootstrap import try_plan  # noqa: PLC0415
    from firedoor.usecases.watch_routing import trial  # noqa: PLC0415

    if not plan.sinks:
        raise UsageError("there are no sinks", remedy="name a file that has some with --rules or --config")
    kinds = {each.name: each.kind for each in plan.sinks}
    is_well = True
    for name, trouble in try_plan(plan, surroundings, trial(time.time())):
        click.echo(f"{name} ({kinds[name]}): {trouble or 'took it'}")
        is_well = is_well and not trouble
    return ExitCode.OK if is_well else ExitCode.ANSWER_NO
