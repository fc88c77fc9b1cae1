"""``firedoor assert``."""

from __future__ import annotations

import sys

import click

from firedoor.bootstrap import open_intents
from firedoor.cli.exit_codes import ExitCode
from firedoor.cli.loading import cni_profile, load_snapshot
from firedoor.cli.options import SourceOptions, output_option, read_stdin, source_options
from firedoor.cli.printing import print_answer
from firedoor.errors import UsageError


@click.command()
@click.argument("file", type=click.Path(allow_dash=True))
@source_options
@output_option("table", "json", "junit", "markdown")
@click.option(
    "--most",
    type=click.IntRange(1, 1000),
    default=5,
    show_default=True,
    help="Failing connections of each intent to show and explain.",
)
def command(file: str, source: SourceOptions, output: str, most: int) -> None:
    """
    Check that what must and must not be able to connect does and does not.

    FILE lists the intents (kind Intents). Reads PATH... (files, folders, a saved snapshot, - for stdin), or the
    live cluster when none is given. Ends with exit code 10 when an intent does not hold, and 0 when all do.
    """
    from firedoor.usecases.assertions import verify  # noqa: PLC0415

    if file == "-" and "-" in source.paths:
        raise UsageError("FILE and PATH are both standard input", remedy="give one of them another way")
    profile = cni_profile(source.cni)
    intents = open_intents(file, read_stdin=read_stdin)
    found = verify(load_snapshot(source), profile, intents, most)
    print_answer("assert", output, found)
    sys.exit(ExitCode.ANSWER_NO if found.failed else ExitCode.OK)
