"""``firedoor fix``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from firedoor.bootstrap import open_editor, today
from firedoor.cli.exit_codes import ExitCode
from firedoor.cli.loading import BarProgress, cni_profile, console
from firedoor.cli.options import SourceOptions, output_option, source_options
from firedoor.cli.review_options import config_option
from firedoor.errors import UsageError

if TYPE_CHECKING:
    from firedoor.model.edits import FixReport
    from firedoor.model.exceptions import Settings
    from firedoor.usecases.fix import Wanted

_SEVERITIES = ("info", "low", "medium", "high", "critical")


@click.command()
@source_options
@output_option("text", "json")
@click.option(
    "--diff/--write", "only_diff", default=True, help="Print what would change (default), or write the files."
)
@click.option("--check", "checks", multiple=True, metavar="ID", help="Fix only what this check finds. Repeatable.")
@click.option("--severity", type=click.Choice(_SEVERITIES), help="Fix only what is at least this severe.")
@click.option("--unsafe", is_flag=True, help="Also apply fixes that may stop an app that runs, or that need a choice.")
@click.option(
    "--new-objects",
    "folder",
    default="",
    metavar="DIR",
    type=click.Path(file_okay=False),
    help="Folder for new objects. Default: beside the objects that they are for.",
)
@click.option("-v", "--verbose", is_flag=True, help="List everything that was not fixed.")
@config_option
def command(  # noqa: PLR0917 - a parameter for each option
    source: SourceOptions,
    output: str,
    only_diff: bool,
    checks: tuple[str, ...],
    severity: str | None,
    unsafe: bool,
    folder: str,
    verbose: bool,
    settings: Settings,
) -> None:
    """
    Change manifests so that findings of diagnose are gone, and nothing else.

    Reads PATH... (files and folders of manifests). Prints a diff; the rest goes to standard error. Comments, order
    and layout stay; where it is not sure, it refuses and says why. Ends with exit code 10 when something would
    change, or when --write had to refuse a fix.
    """
    from firedoor.model.exceptions import Rules  # noqa: PLC0415
    from firedoor.usecases.fix import fix  # noqa: PLC0415

    wanted = _wanted(checks, severity, unsafe=unsafe)
    profile = cni_profile(source.cni)
    editor = open_editor(
        source.paths,
        namespace=source.namespace,
        kubernetes_version=source.kubernetes_version,
        is_live=bool(source.kubeconfig or source.context),
        folder=folder,
    )
    progress = BarProgress()
    try:
        rules = Rules(today(), settings)
        report = fix(editor, profile, wanted, source.namespace, rules, progress)
    finally:
        progress.finish()
    if not only_diff and report.files:
        from msgspec.structs import replace  # noqa: PLC0415

        editor.save()
        report = replace(report, is_written=True)
    _show(report, output, verbose=verbose)
    sys.exit(_exit_code(report, only_diff=only_diff))


def _wanted(checks: tuple[str, ...], severity: str | None, *, unsafe: bool) -> Wanted:
    from firedoor.engine.posture import CHECKS  # noqa: PLC0415
    from firedoor.model.findings import Severity  # noqa: PLC0415
    from firedoor.usecases.fix import Wanted  # noqa: PLC0415

    known = {each.id for each in CHECKS}
    for each in checks:
        if each not in known:
            raise UsageError(f"there is no check {each!r}", remedy="`firedoor checks` lists them")
    return Wanted(frozenset(checks), Severity(severity) if severity is not None else None, unsafe)


def _show(report: FixReport, output: str, *, verbose: bool) -> None:
    if output == "json":
        from firedoor.render.fix_json import fix_json  # noqa: PLC0415

        click.echo(fix_json(report), nl=False)
        return
    from firedoor.render.fix_diff import fix_diff  # noqa: PLC0415
    from firedoor.render.fix_text import print_fix  # noqa: PLC0415
    from firedoor.render.words import visible  # noqa: PLC0415

    text = fix_diff(report.files)
    if sys.stdout.isatty():
        text = "".join(f"{visible(line)}\n" for line in text.split("\n")[:-1])
    click.echo(text, nl=False)
    print_fix(report, console(stderr=True), verbose=verbose)


def _exit_code(report: FixReport, *, only_diff: bool) -> ExitCode:
    """Return 10 where something is left to do that the command could be asked for, or could not do."""
    failed = any(each.is_failure for each in report.refused)
    return ExitCode.ANSWER_NO if failed or (only_diff and report.files) else ExitCode.OK
