"""The conformance mode of ``firedoor verify``."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import click

from firedoor.cli.exit_codes import ExitCode
from firedoor.cli.loading import BarProgress, cni_profile, console
from firedoor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from firedoor.bootstrap import ProbeWishes
    from firedoor.model.conformance import Conformance
    from firedoor.usecases.conformance_bench import NewProber

LEAST_TTL = 3600
"""Seconds: the suite takes minutes, and its pods are made once for all of it."""


def refuse_beside_conformance(given: Mapping[str, object], output: str) -> None:
    """Raise ``UsageError`` for options, by their names, that are about other connections than those of the suite."""
    for option, value in given.items():
        if value:
            raise UsageError(f"--conformance tries cases of its own, and {option} was given too", remedy="leave it out")
    if output == "html":
        raise UsageError("-o html shows no conformance", remedy="use -o text, json or junit")


def ask_and_run(
    kubeconfig: str | None,
    context: str | None,
    cni: str,
    how: ProbeWishes,
    settle: float,
    output: str,
    *,
    yes: bool,
) -> NoReturn:
    """Ask whether namespaces may be made, and go on with `run_conformance`."""
    from firedoor.bootstrap import open_prober  # noqa: PLC0415

    profile = cni_profile(cni)
    if not (yes or sys.stdin.isatty()):
        raise UsageError(
            "there is no terminal to ask on, and namespaces would be made in the cluster", remedy="give --yes"
        )
    if not yes and not click.confirm("Make three namespaces with probe pods, and remove them again?", err=True):
        click.echo("nothing was tried", err=True)
        sys.exit(ExitCode.ANSWER_NO)
    # The default is what nobody has chosen.
    chosen = "" if profile.name == "spec" else profile.name
    run_conformance(kubeconfig, context, lambda: open_prober(kubeconfig, context, how), settle, chosen, output)


def run_conformance(
    kubeconfig: str | None, context: str | None, new_prober: NewProber, settle: float, chosen: str, output: str
) -> NoReturn:
    """
    Find out what the plugin of the cluster enforces, print it, and end the command.

    `chosen` is the CNI profile that a person gave, empty where nobody did.
    """
    import time  # noqa: PLC0415

    from firedoor.bootstrap import new_scratch_prefix, open_scratch  # noqa: PLC0415
    from firedoor.usecases.conformance import ConformanceQuestion, find_conformance  # noqa: PLC0415

    progress = BarProgress()
    question = ConformanceQuestion(new_scratch_prefix(), settle, chosen)
    try:
        with _interruptible(), open_scratch(kubeconfig, context) as scratch:
            found = find_conformance(question, scratch, new_prober, time.sleep, progress)
    finally:
        progress.finish()
    print_found(found, output)
    sys.exit(exit_code(found))


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let SIGTERM interrupt as Ctrl-C does, so that what was made is removed."""
    import signal  # noqa: PLC0415

    def stop(_number: int, _frame: object) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def print_found(found: Conformance, output: str) -> None:
    """Print what was found out as ``text``, ``json`` or ``junit``."""
    if output == "json":
        from firedoor.render.conformance_json import conformance_json  # noqa: PLC0415

        click.echo(conformance_json(found), nl=False)
    elif output == "junit":
        from firedoor.render.conformance_junit import conformance_junit  # noqa: PLC0415

        click.echo(conformance_junit(found), nl=False)
    else:
        from firedoor.render.conformance_text import print_conformance  # noqa: PLC0415

        print_conformance(found, console())


def exit_code(found: Conformance) -> ExitCode:
    """Return the code for what was found out: no where something is not as foretold, gaps where nothing is known."""
    if not found.holds:
        return ExitCode.ANSWER_NO
    return ExitCode.OK if found.best else ExitCode.GAPS


def clean_up_conformance(kubeconfig: str | None, context: str | None) -> list[str]:
    """Delete the namespaces that runs left behind, and return their names."""
    from firedoor.bootstrap import clean_up_scratch  # noqa: PLC0415

    return clean_up_scratch(kubeconfig, context)
