"""``firedoor flows import``."""

from __future__ import annotations

import gc
import os
import re
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from firedoor.cli.exit_codes import ExitCode
from firedoor.cli.flows_options import duration, open_store, store_option
from firedoor.cli.flows_relay_options import RelayOptions, relay_options
from firedoor.cli.options import output_option
from firedoor.cli.stopping import stopping
from firedoor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from firedoor.engine.flows.history import History
    from firedoor.interfaces import FlowSource, FlowStore
    from firedoor.model.snapshot import Snapshot

_TIMED = re.compile(r"(.+)@(\d{4}-\d\d-\d\d[Tt].+)")
_MOST_JOBS = 4


@click.command("import")
@click.argument("files", nargs=-1, metavar="[FILE...]", type=click.Path(allow_dash=True))
@click.option("--format", "form", default="", metavar="NAME", help="Format of the files. Default: it is recognised.")
@click.option(
    "--mapping",
    default="",
    metavar="FILE",
    type=click.Path(),
    help="For CSV files: which column is which field, in YAML.",
)
@store_option
@click.option("--cluster", default="default", show_default=True, metavar="NAME", help="The cluster that they are of.")
@click.option(
    "-f",
    "--filename",
    "states",
    multiple=True,
    metavar="PATH[@TIME]",
    type=click.Path(),
    help="Manifests or a saved snapshot: whose an address was, at TIME where it does not say itself. Repeatable.",
)
@click.option(
    "--grace",
    default="0s",
    show_default=True,
    metavar="DURATION",
    help="For how long after the last snapshot that shows a pod its address is taken to be its own, as in 10m.",
)
@click.option(
    "--jobs", type=click.IntRange(1), metavar="N", help="How many read a large file at once. Default: by the machine."
)
@click.option(
    "--prune-older-than",
    "oldest",
    default="",
    metavar="AGE",
    help="Drop hours of the cluster that ended longer ago than this, as in 30d: now and then, and at the end.",
)
@relay_options
@output_option("text", "json", "yaml")
def import_command(  # noqa: PLR0917 - click passes them by name
    files: tuple[str, ...],
    form: str,
    mapping: str,
    store: str | None,
    cluster: str,
    states: tuple[str, ...],
    grace: str,
    jobs: int | None,
    oldest: str,
    relay: RelayOptions | None,
    output: str,
) -> None:
    """
    Read flows from files, from Hubble Relay or from Goldmane, into the store.

    FILE may be plain, gzip or Zstandard, or - for stdin. A file that was imported before, or has grown since, goes on
    where it ended: nothing is counted twice. An import that was interrupted goes on as well. So it is with a relay,
    which is known by --cluster, not by its address.

    Ends with 4 where lines were malformed; they are in a file of rejects, which is told.
    """
    from firedoor.cli.loading import BarProgress  # noqa: PLC0415
    from firedoor.usecases.flows_import import import_flows  # noqa: PLC0415

    if not cluster:
        raise UsageError("the name of the cluster is empty", remedy="leave --cluster out, or give it a name")
    if relay is not None and (files or form or mapping or jobs):
        raise UsageError(
            "FILE, --format, --mapping and --jobs are not for Hubble Relay and Goldmane",
            remedy="import files with a command apart",
        )
    kept = open_store(store)
    history = _history(states, duration(grace))
    tidy = _tidying(kept, cluster, oldest)
    done = []
    progress = BarProgress()
    is_interrupted = False
    try:
        if relay is None:
            sources = _files(files, form, str(mapping), jobs)
            done += [import_flows(source, kept, history, cluster, progress, tidy) for source in sources]
        else:
            with _asked(relay, cluster) as (source, is_stopped):
                done.append(import_flows(source, kept, history, cluster, progress, tidy))
                is_interrupted = is_stopped() and not relay.wanted.follow
        kept.compact(progress)
        tidy()
    finally:
        progress.finish()
    from firedoor.render.flows_import import import_document, import_text  # noqa: PLC0415

    folder = kept.place
    if output == "text":
        for each in done:
            click.echo(import_text(each, folder), nl=False)
    else:
        from firedoor.cli.printing import print_document  # noqa: PLC0415

        print_document(import_document(done, folder), output)
    if is_interrupted:
        click.get_current_context().exit(ExitCode.INTERRUPTED)
    if any(each.tally.malformed for each in done):
        click.get_current_context().exit(ExitCode.GAPS)


def _tidying(store: FlowStore, cluster: str, oldest: str) -> Callable[[], object]:
    """Return what drops the hours of the cluster that are too old by now."""
    if not oldest:
        return lambda: None
    from firedoor.usecases.flows import older_than  # noqa: PLC0415

    age = duration(oldest)
    return lambda: store.prune(older_than(time.time_ns() - age, cluster))


def _files(files: tuple[str, ...], form: str, mapping: str, jobs: int | None) -> Iterator[FlowSource]:
    from firedoor.bootstrap import open_flows  # noqa: PLC0415

    if not files:
        raise UsageError("there is nothing to import", remedy="give FILE..., - for stdin, --hubble-relay or --goldmane")
    if files.count("-") > 1:
        raise UsageError("standard input is given twice", remedy="leave one of them out")
    if form and mapping:
        raise UsageError("--format and --mapping were both given", remedy="leave one of them out")
    workers = jobs or min(_MOST_JOBS, os.cpu_count() or 1)
    for path in map(str, files):
        yield open_flows(path, form, mapping, workers, open_stdin=lambda: sys.stdin.buffer)


@contextmanager
def _asked(relay: RelayOptions, cluster: str) -> Iterator[tuple[FlowSource, Callable[[], bool]]]:
    """Return the flows of a relay, and whether somebody asked for an end: Ctrl-C does, and keeps what came."""
    from firedoor.bootstrap import open_goldmane, open_hubble_relay  # noqa: PLC0415

    if relay.wanted.follow:
        # It may go on for days, and not collecting is for what ends soon.
        gc.enable()
    with stopping() as stop:
        source = (open_goldmane if relay.is_goldmane else open_hubble_relay)(
            relay.address, relay.security, relay.wanted, cluster, stop.is_set, lambda text: click.echo(text, err=True)
        )
        yield source, stop.is_set


def _history(states: tuple[str, ...], grace: int) -> History:
    from firedoor.bootstrap import flow_history  # noqa: PLC0415

    return flow_history([_state(str(each)) for each in states], grace)


def _state(text: str) -> tuple[Snapshot, str]:
    from firedoor.bootstrap import open_state  # noqa: PLC0415
    from firedoor.cli.loading import load_source  # noqa: PLC0415
    from firedoor.cli.options import read_stdin  # noqa: PLC0415

    match = None if os.path.lexists(text) else _TIMED.fullmatch(text)
    path, time = match.groups() if match is not None else (text, "")
    if time:
        from firedoor.cli.flows_options import moment  # noqa: PLC0415

        moment(time)
    if path == "-":
        raise UsageError("-f - is not possible here", remedy="give the manifests as a file")
    return load_source(open_state(path, read_stdin=read_stdin)), time
