"""``firedoor assert``."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable

import click

from firedoor.bootstrap import open_intents
from firedoor.cli.exit_codes import ExitCode
from firedoor.cli.loading import cni_profile, console, load_snapshot
from firedoor.cli.options import SourceOptions, output_option, read_stdin, source_options
from firedoor.errors import UsageError
from firedoor.model.intents import Verification


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
    show(found, output)
    sys.exit(ExitCode.ANSWER_NO if found.failed else ExitCode.OK)


def show(verification: Verification, output: str) -> None:
    """Print the results in one of the formats; each is a module that is imported when used."""
    if output == "table":
        from firedoor.render.assert_table import print_results  # noqa: PLC0415

        print_results(verification, console())
        return
    module = importlib.import_module(f"firedoor.render.assert_{output}")
    render: Callable[[Verification], str] = getattr(module, f"assert_{output}")
    click.echo(render(verification), nl=False)
