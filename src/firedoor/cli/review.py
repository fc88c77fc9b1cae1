"""``firedoor review``."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from firedoor.bootstrap import keep_review, latest_review, open_state
from firedoor.cli.audit_option import audit_logs, with_logs
from firedoor.cli.edges_options import EdgeOptions, edges_options
from firedoor.cli.exit_codes import ExitCode
from firedoor.cli.loading import cni_profile, console, load_snapshot, load_source
from firedoor.cli.options import SourceOptions, output_option, read_stdin, refuse_two_stdins, source_options
from firedoor.cli.printing import print_answer
from firedoor.errors import UsageError

if TYPE_CHECKING:
    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.review import Drift, RbacReview
    from firedoor.model.snapshot import Snapshot

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@click.command()
@source_options
@edges_options
@click.option(
    "--days",
    type=click.IntRange(min=1, max=3650),
    default=30,
    show_default=True,
    metavar="N",
    help="Judge by what was observed in the last N days.",
)
@audit_logs("Audit log of the API server, a file or a folder, to find unused permissions. Repeatable.")
@click.option(
    "--against",
    default="",
    metavar="SOURCE",
    help="Show what differs from another state: a folder, a snapshot, git:REVISION:PATH, cluster.",
)
@click.option(
    "--reports",
    metavar="DIR",
    type=click.Path(),
    help="Compare with the latest report in this folder, and keep this one there.",
)
@click.option("--now", "at", default="", metavar="TIME", help="Take this time, ISO 8601, for the present.")
@click.option("--fail-on-items", is_flag=True, help="End with exit code 10 when there is an item.")
@output_option("text", "json", "yaml", "markdown")
def command(  # noqa: PLR0917 - an option is a parameter
    source: SourceOptions,
    seen: EdgeOptions,
    days: int,
    logs: tuple[str, ...],
    against: str,
    reports: str | None,
    at: str,
    fail_on_items: bool,
    output: str,
) -> None:
    """
    Review what nothing uses any more, what is wider than its use, and what changed.

    Network policies are held against the connections that were observed, roles against audit logs, and the whole
    against another state. Nothing is called unused where the records do not cover the days.

    Reads PATH... (files, folders, a saved snapshot, - for stdin), or the live cluster when none is given.
    """
    from msgspec.structs import replace  # noqa: PLC0415

    from firedoor.engine.review.telling import time_text  # noqa: PLC0415
    from firedoor.usecases.regular_review import compared, regular_review  # noqa: PLC0415

    seen.require()
    refuse_two_stdins(*source.paths, *logs, seen.path, against)
    moment = _moment(at)
    now = round((moment - _EPOCH).total_seconds()) * 10**9
    profile = cni_profile(source.cni)
    earlier = latest_review(reports, time_text(now), source.namespace) if reports is not None else None
    snapshot = load_snapshot(source)
    drift = _drift(source, against, snapshot, profile) if against else None
    rbac = _rbac(source, logs, snapshot, moment, days) if logs else None
    found = regular_review(snapshot, profile, seen.edges(), (now, days), source.namespace, rbac=rbac, drift=drift)
    if earlier is not None:
        found = replace(found, since=compared(found, earlier))
    if reports is not None:
        click.echo(f"kept as {keep_review(reports, found)}", err=True)
    if output == "text":
        from firedoor.render.review_text import print_review  # noqa: PLC0415

        print_review(found, console())
    else:
        print_answer("review", output, found)
    sys.exit(ExitCode.ANSWER_NO if fail_on_items and found.items else ExitCode.OK)


def _moment(text: str) -> datetime:
    """Return the time that is taken for the present; without a zone it is in UTC."""
    if not text:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
        found = found.astimezone(UTC) if found.tzinfo is not None else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"--now {text!r} is no time", remedy="write it as in 2026-03-01T12:00:00Z") from error
    if found < _EPOCH:
        raise UsageError(f"--now {text!r} is before 1970", remedy="give a later time")
    return found


def _drift(source: SourceOptions, against: str, snapshot: Snapshot, profile: CniProfile) -> Drift:
    from firedoor.usecases.review_drift import review_drift  # noqa: PLC0415

    opened = open_state(
        against,
        read_stdin=read_stdin,
        kubeconfig=source.kubeconfig if not source.paths else None,
        namespace=source.namespace,
        kubernetes_version=source.kubernetes_version,
    )
    names = against, ", ".join(source.paths) or "cluster"
    return review_drift((load_source(opened), snapshot), names, profile, source.namespace)


def _rbac(source: SourceOptions, logs: tuple[str, ...], snapshot: Snapshot, moment: datetime, days: int) -> RbacReview:
    from firedoor.usecases.review_rbac import review_rbac  # noqa: PLC0415

    return with_logs(logs, lambda log, progress: review_rbac(snapshot, log, progress, moment, days, source.namespace))
