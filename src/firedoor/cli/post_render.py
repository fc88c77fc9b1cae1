"""``firedoor post-render``."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import click

from firedoor.bootstrap import open_intents, open_source, own_checks, raw_objects
from firedoor.cli.diagnose import exit_code, show
from firedoor.cli.exit_codes import ExitCode
from firedoor.cli.findings_output import REPORT_FORMATS
from firedoor.cli.loading import cni_profile, load_source
from firedoor.cli.options import SourceOptions, read_stdin, source_options
from firedoor.cli.printing import print_answer
from firedoor.cli.review_options import ReviewOptions, review_options
from firedoor.errors import NothingInScopeError, SourceError, UsageError

if TYPE_CHECKING:
    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.intents import Intent
    from firedoor.model.snapshot import Snapshot
    from firedoor.usecases.diagnose import Diagnosis

_MOST_SHOWN = 5
"""Connections that speak against an intent."""


@click.command()
@source_options
@click.option(
    "--fail-on",
    type=click.Choice(("none", "gaps", "low", "medium", "high", "critical")),
    default="high",
    show_default=True,
    help="Pass nothing on, and end with the exit code of the worst finding, if it is this severe.",
)
@click.option(
    "--assert",
    "intents",
    multiple=True,
    metavar="FILE",
    type=click.Path(),
    help="Pass nothing on, and end with 10, where an intent of this file does not hold. Repeatable.",
)
@click.option(
    "-o",
    "--output",
    type=click.Choice(("gcc", "text", "json", "yaml", "csv", *(each for each in REPORT_FORMATS if each != "gcc"))),
    default="gcc",
    show_default=True,
    help="How to tell findings.",
)
@click.option(
    "--report",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Write findings to this file instead of standard error, which Helm shows only when something fails.",
)
@review_options
def command(
    source: SourceOptions,
    *,
    fail_on: str,
    intents: tuple[str, ...],
    output: str,
    report: str | None,
    review: ReviewOptions,
) -> None:
    """
    Judge rendered manifests on their way to the cluster, and pass them on unchanged.

    Reads manifests from standard input and writes the same bytes to standard output, or nothing where --fail-on or
    --assert object; findings go to standard error. This is what a post-renderer of Helm does, and it fits between
    `kustomize build` and `kubectl apply`. PATH... are manifests that are kept elsewhere, such as the policies of a
    chart; they are judged together with standard input, and not passed on.
    """
    profile = cni_profile(source.cni)
    asked = [_intents(each) for each in intents]
    data = read_stdin()
    if not data.strip() and not asked:
        return
    told = StringIO()
    code = ExitCode.OK
    # What the commands print there would be taken for manifests here.
    with redirect_stdout(told):
        try:
            snapshot, diagnosis = _diagnosed(source, data, profile, review)
            code = exit_code(diagnosis, fail_on)
            show(diagnosis, output, verbose=False, show_ignored=review.show_ignored, code=code)
            for each in asked:
                if not _holds(snapshot, profile, each):
                    code = code or ExitCode.ANSWER_NO
        except NothingInScopeError as nothing:
            # A chart without pods is as good as any other, unless intents are about some.
            if asked:
                raise
            click.echo(f"note: {nothing}", err=report is None)
    if report is None:
        click.echo(told.getvalue(), err=True, nl=False)
    else:
        _write(report, told.getvalue())
    if code:
        click.echo("error: nothing is passed on, because of what is told here", err=True)
        sys.exit(code)
    sys.stdout.buffer.write(data)
    sys.stdout.flush()


def _intents(file: str) -> tuple[Intent, ...]:
    if file == "-":
        raise UsageError("standard input has the manifests", remedy="give --assert a file")
    return open_intents(file, read_stdin=read_stdin)


def _diagnosed(
    source: SourceOptions, data: bytes, profile: CniProfile, review: ReviewOptions
) -> tuple[Snapshot, Diagnosis]:
    from firedoor.usecases.diagnose import diagnose  # noqa: PLC0415

    settings = review.rules.settings
    raw = raw_objects(settings)
    opened = open_source(
        ("-", *(each for each in source.paths if each != "-")),
        read_stdin=lambda: data,
        kubeconfig=source.kubeconfig,
        context=source.context,
        namespace=source.namespace,
        kubernetes_version=source.kubernetes_version,
        raw=raw,
    )
    snapshot = load_source(opened)
    found = diagnose(snapshot, profile, source.namespace, review.rules, own=own_checks(settings, raw))
    review.remember(found.findings)
    return snapshot, found


def _holds(snapshot: Snapshot, profile: CniProfile, intents: tuple[Intent, ...]) -> bool:
    from firedoor.usecases.assertions import verify  # noqa: PLC0415

    found = verify(snapshot, profile, intents, _MOST_SHOWN)
    if found.failed:
        print_answer("assert", "table", found)
    return not found.failed


def _write(report: str, text: str) -> None:
    try:
        Path(report).write_text(text, encoding="utf-8")
    except OSError as error:
        raise SourceError(
            f"cannot be written: {error.strerror or error}", place=report, remedy="check the path of --report"
        ) from error
