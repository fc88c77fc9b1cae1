"""Arguments into a snapshot, with a progress bar where somebody is watching."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

from firedoor.bootstrap import open_source, open_state
from firedoor.cli.exit_codes import ExitCode
from firedoor.cli.options import SourceOptions, read_stdin
from firedoor.errors import UsageError

if TYPE_CHECKING:
    from firedoor.engine.reach.cni import CniProfile
    from firedoor.interfaces import SnapshotSource
    from firedoor.model.raw_objects import RawObjects
    from firedoor.model.snapshot import Snapshot

_QUIET_FOR = 0.5
"""Seconds before a bar appears: short work needs none."""


class BarProgress:
    """A progress bar on standard error, if that is a terminal and the work takes long; `verb` says what is done."""

    def __init__(self, verb: str = "reading") -> None:
        self._verb = verb
        self._started = time.monotonic()
        self._enabled = sys.stderr.isatty()
        self._bar: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def step(self, what: str, done: int, total: int | None) -> None:
        """Show how far the work is."""
        if not self._enabled or time.monotonic() - self._started < _QUIET_FOR:
            return
        if self._bar is None:
            from rich.progress import Progress  # noqa: PLC0415 - only long work pays for it

            self._bar = Progress(console=console(stderr=True), transient=True)
            self._bar.start()
        if what not in self._tasks:
            self._tasks[what] = self._bar.add_task(f"{self._verb} {what}".lstrip(), total=total)
        self._bar.update(self._tasks[what], completed=done, total=total)

    def finish(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.stop()


def load_snapshot(options: SourceOptions, raw: RawObjects | None = None) -> Snapshot:
    """Return the snapshot that the arguments ask for; `raw` takes the objects as they are written."""
    source = open_source(
        options.paths,
        read_stdin=read_stdin,
        kubeconfig=options.kubeconfig,
        context=options.context,
        namespace=options.namespace,
        kubernetes_version=options.kubernetes_version,
        raw=raw,
    )
    return load_source(source)


def load_states(
    texts: tuple[str, str], namespace: str, kubeconfig: str | None, kubernetes_version: str
) -> tuple[Snapshot, Snapshot]:
    """Return the snapshots of the two states that a person names, the old one first."""
    if texts == ("-", "-"):
        raise UsageError("OLD and NEW are both standard input", remedy="give one of them another way")
    # Both are opened before one is read: a wrong name is told of at once.
    old, new = (
        open_state(
            text,
            read_stdin=read_stdin,
            kubeconfig=kubeconfig,
            namespace=namespace,
            kubernetes_version=kubernetes_version,
        )
        for text in texts
    )
    return load_source(old), load_source(new)


def load_source(source: SnapshotSource) -> Snapshot:
    """Return the snapshot of a source, with a bar while it is read."""
    progress = BarProgress()
    try:
        return source.load(progress)
    finally:
        progress.finish()


def cni_profile(name: str) -> CniProfile:
    """Return the profile of that name; raises ``UsageError`` that lists what there is."""
    from firedoor.usecases.questions import cni_profile as named  # noqa: PLC0415 - not every command judges

    return named(name)


def console(*, stderr: bool = False) -> Console:
    """Return a console that is plain and never cuts lines in a pipe, and respects ``NO_COLOR``."""
    from rich.console import Console  # noqa: PLC0415

    class Pipe(Console):
        def on_broken_pipe(self) -> None:
            """End quietly: a reader of a pipe (head, less) that goes away is no failure."""
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(ExitCode.OK)

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else 10_000
    return Pipe(stderr=stderr, width=width, highlight=False, soft_wrap=not stream.isatty())


if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID
