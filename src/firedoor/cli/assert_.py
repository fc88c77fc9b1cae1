"""``firedoor assert``."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from firedoor.bootstrap import open_baselines, open_intents, today
from firedoor.cli.exit_codes import ExitCode
from firedoor.cli.loading import cni_profile, load_snapshot
from firedoor.cli.options import SourceOptions, output_option, read_stdin, source_options
from firedoor.cli.printing import print_answer
from firedoor.errors import UsageError

if TYPE_CHECKING:
    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.intents import Verification


@click.command()
@click.argument("file", required=False, type=click.Path(allow_dash=True))
@source_options
@click.option(
    "--baselines",
    "is_by_baselines",
    is_flag=True,
    help="Check the intents of the ZeroTrustBaselines among what is read; there is no FILE then.",
)
@output_option("table", "json", "junit", "markdown")
@click.option(
    "--most",
    type=click.IntRange(1, 1000),
    default=5,
    show_default=True,
    help="Failing connections of each intent to show and explain.",
)
def command(file: str | None, source: SourceOptions, *, is_by_baselines: bool, output: str, most: int) -> None:
    """
    Check that what must and must not be able to connect does and does not.

    FILE lists the intents (kind Intents). Reads PATH... (files, folders, a saved snapshot, - for stdin), or the
    live cluster when none is given. With --baselines the intents are those of the ZeroTrustBaselines that are read.
    Ends with exit code 10 when an intent does not hold, and 0 when all do.
    """
    from firedoor.usecases.assertions import verify  # noqa: PLC0415

    profile = cni_profile(source.cni)
    if is_by_baselines:
        paths = source.paths if file is None else (file, *source.paths)
        found = _by_baselines(replace(source, paths=paths), profile, most)
    elif file is None:
        raise UsageError("missing argument 'FILE'", remedy="name a file of intents, or give --baselines")
    else:
        if file == "-" and "-" in source.paths:
            raise UsageError("FILE and PATH are both standard input", remedy="give one of them another way")
        intents = open_intents(file, read_stdin=read_stdin)
        found = verify(load_snapshot(source), profile, intents, most)
    print_answer("assert", output, found)
    sys.exit(ExitCode.ANSWER_NO if found.failed else ExitCode.OK)


def _by_baselines(source: SourceOptions, profile: CniProfile, most: int) -> Verification:
    from firedoor.usecases.assertions import verify_baselines  # noqa: PLC0415

    snapshot = load_snapshot(source)
    specs = open_baselines(snapshot)
    return verify_baselines(snapshot, profile, specs, most, today())
