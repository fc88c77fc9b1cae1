"""``firedoor tui``."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

import click

from firedoor.bootstrap import open_source, raw_objects
from firedoor.cli.loading import cni_profile
from firedoor.cli.options import SourceOptions, source_options
from firedoor.cli.review_options import config_option
from firedoor.errors import UsageError

if TYPE_CHECKING:
    from firedoor.api import Cluster
    from firedoor.interfaces import Progress
    from firedoor.model.exceptions import Settings


@click.command()
@source_options
@config_option
def command(source: SourceOptions, settings: Settings) -> None:
    """
    Look around in a cluster, full screen and by keys: the map, explanations, findings.

    Reads PATH... (files, folders, a saved snapshot), or the live cluster when none is given, and again when r is
    pressed; nothing is written. ? lists the keys. Needs a terminal, and the extra tui: pip install 'firedoor[tui]'.
    """
    _require_terminal(source)
    profile = cni_profile(source.cni)
    try:
        from firedoor.tui.app import FiredoorApp  # noqa: PLC0415
    except ImportError as error:
        if not (error.name or "").startswith("textual"):
            raise
        raise UsageError("the full screen needs the extra tui", remedy="pip install 'firedoor[tui]'") from error
    # It lives long, and reads again: what was read before has to go.
    gc.enable()

    def read(progress: Progress) -> Cluster:
        from firedoor.api import Cluster  # noqa: PLC0415

        raw = raw_objects(settings)
        opened = open_source(
            source.paths,
            read_stdin=bytes,
            kubeconfig=source.kubeconfig,
            context=source.context,
            namespace=source.namespace,
            kubernetes_version=source.kubernetes_version,
            raw=raw,
        )
        version = source.kubernetes_version
        return Cluster(opened.load(progress), profile, settings=settings, raw=raw, version=version)

    app = FiredoorApp(read, " ".join(source.paths) or source.context or "live cluster", source.namespace)
    app.run()
    if app.failure is not None:
        raise app.failure
    sys.exit(app.return_code or 0)


def _require_terminal(source: SourceOptions) -> None:
    """Raise ``UsageError`` where keys cannot be read, or nothing can be shown."""
    if "-" in source.paths:
        raise UsageError("standard input is for the keys", remedy="give files, folders or a saved snapshot")
    # Textual writes to standard error, so that has to be the terminal as well.
    is_terminal = all(each.isatty() for each in (sys.stdin, sys.stdout, sys.stderr))
    if not is_terminal or os.environ.get("TERM", "") in {"", "dumb"}:
        raise UsageError("the full screen needs a terminal", remedy="use `firedoor diagnose`, `reach` and `explain`")
