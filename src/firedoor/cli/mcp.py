"""``firedoor mcp``."""

from __future__ import annotations

import gc
import time

import click

from firedoor.bootstrap import open_state, own_checks, raw_objects, today
from firedoor.cli.loading import cni_profile, load_snapshot, load_source
from firedoor.cli.options import SourceOptions, read_stdin, source_options
from firedoor.cli.review_options import config_option
from firedoor.errors import UsageError
from firedoor.model.exceptions import Rules, Settings

_NANOSECONDS = 1_000_000_000


@click.command()
@source_options
@click.option(
    "--against",
    metavar="OLD",
    help="A state to compare with, as for `firedoor diff`: a path, git:REVISION:PATH, cluster:CONTEXT.",
)
@click.option(
    "--keep",
    default="60s",
    show_default=True,
    metavar="DURATION",
    help="How old what was read may be before a question reads it anew.",
)
@config_option
def command(source: SourceOptions, *, against: str | None, keep: str, settings: Settings) -> None:
    """
    Answer questions of assistants about a cluster, over the Model Context Protocol.

    Speaks on standard input and output until they end. The tools only read: reach, explain, who_can, diagnose,
    exposure, blast, paths, and diff with --against. They answer about what is named here alone: PATH... (files,
    folders, a saved snapshot), or the live cluster when none is given.
    """
    if "-" in (*source.paths, against):
        raise UsageError("standard input is where questions come from", remedy="give the manifests as files")
    if source.namespace:
        raise UsageError("each question names its own namespace", remedy="leave -n out")
    from firedoor.cli.flows_options import duration  # noqa: PLC0415

    seconds = duration(keep) / _NANOSECONDS
    profile = cni_profile(source.cni)
    try:
        from firedoor.assistants.server import serve  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"mcp", "mcp_types", "anyio"}:
            raise
        raise UsageError(
            "the Python package mcp is not installed", remedy="install it with `pip install 'firedoor[mcp]'`"
        ) from error
    from firedoor.assistants.cluster import Before, Cluster, State  # noqa: PLC0415

    def load() -> State:
        raw = raw_objects(settings)
        return State(load_snapshot(source, raw), own_checks(settings, raw))

    before = None
    if against is not None:
        opened = open_state(
            against,
            read_stdin=read_stdin,
            kubeconfig=source.kubeconfig,
            kubernetes_version=source.kubernetes_version,
        )
        before = Before(against, ", ".join(source.paths) or "cluster", lambda: load_source(opened))
    cluster = Cluster(load, profile, lambda: Rules(today(), settings, None, False), time.monotonic, seconds, before)  # noqa: FBT003 - no baseline, nothing new
    # What cannot be read is told now, and not to an assistant.
    cluster.now()
    # Other commands end before garbage counts; this one goes on.
    gc.enable()
    serve(cluster)
