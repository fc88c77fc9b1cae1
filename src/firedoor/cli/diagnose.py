"""``firedoor diagnose``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from firedoor.cli.exit_codes import ExitCode, for_severity
from firedoor.cli.findings_output import REPORT_FORMATS, refuse_verbose
from firedoor.cli.loading import cni_profile, console, load_snapshot
from firedoor.cli.options import SourceOptions, output_option, source_options
from firedoor.cli.printing import print_answer

if TYPE_CHECKING:
    from firedoor.usecases.diagnose import Diagnosis

_LEVELS = ("none", "gaps", "low", "medium", "high", "critical")


@click.command()
@source_options
@output_option("text", "json", "yaml", "csv", *REPORT_FORMATS)
@click.option(
    "--fail-on",
    type=click.Choice(_LEVELS),
    default="none",
    show_default=True,
    help="End with the exit code of the worst finding if it is this severe (see the exit codes).",
)
@click.option("-v", "--verbose", is_flag=True, help="Show every pod, and the fix of every finding as YAML.")
def command(source: SourceOptions, output: str, fail_on: str, verbose: bool) -> None:
    """
    Show what there is, how far it is protected, and what is wrong.

    Reads PATH... (files, folders, a saved snapshot, - for stdin), or the live cluster when none is given.
    """
    from firedoor.usecases.diagnose import diagnose  # noqa: PLC0415

    refuse_verbose(output, verbose=verbose)
    profile = cni_profile(source.cni)
    diagnosis = diagnose(load_snapshot(source), profile, source.namespace)
    code = exit_code(diagnosis, fail_on)
    show(diagnosis, output, verbose=verbose, code=code)
    sys.exit(code)


def show(diagnosis: Diagnosis, output: str, *, verbose: bool, code: ExitCode = ExitCode.OK) -> None:
    """Print a diagnosis; `code` is how the process will end, which some formats tell."""
    if output in {"csv", *REPORT_FORMATS}:
        from firedoor.usecases.reports import diagnosis_report  # noqa: PLC0415

        print_answer("findings", output, diagnosis_report(diagnosis, exit_code=code, folder=str(Path.cwd())))
        return
    from firedoor.render.findings_json import findings_document, findings_json  # noqa: PLC0415

    if output == "json":
        click.echo(findings_json(diagnosis.findings, diagnosis.gaps, diagnosis.summary()), nl=False)
        return
    if output == "yaml":
        from firedoor.render.yaml_text import yaml_text  # noqa: PLC0415

        click.echo(yaml_text(findings_document(diagnosis.findings, diagnosis.gaps, diagnosis.summary())), nl=False)
        return
    from firedoor.render.findings_text import Detail, print_findings  # noqa: PLC0415
    from firedoor.render.inventory_text import Rows, print_inventory  # noqa: PLC0415

    screen = console()
    print_inventory(diagnosis.inventory, screen, Rows.PODS if verbose else Rows.WORKLOADS)
    print_findings(diagnosis.findings, diagnosis.gaps, screen, Detail.VERBOSE if verbose else Detail.BRIEF)
    screen.print(_verdict(diagnosis), style="bold", markup=False)


def exit_code(diagnosis: Diagnosis, fail_on: str) -> ExitCode:
    """Return the exit code that ``--fail-on`` asks for."""
    if fail_on == "none":
        return ExitCode.OK
    level = 0 if fail_on == "gaps" else _LEVELS.index(fail_on) - 1
    worst = diagnosis.worst
    if worst is not None and worst.rank >= max(level, 1):
        return for_severity(worst)
    return ExitCode.GAPS if diagnosis.gaps else ExitCode.OK


def _verdict(diagnosis: Diagnosis) -> str:
    total = diagnosis.inventory.total
    share = f"{total.both} of {total.pods - total.host} pods are isolated in both directions"
    severe = sum(each.severity.rank >= 3 for each in diagnosis.findings)  # noqa: PLR2004 - high and critical
    findings, gaps = len(diagnosis.findings), len(diagnosis.gaps)
    text = (
        f"{share}; {findings} finding{'s' * (findings != 1)}, {severe} of them high or critical; "
        f"{gaps} gap{'s' * (gaps != 1)}."
    )
    if diagnosis.cni == "spec" and diagnosis.detected_cni not in {None, "none"}:
        found = diagnosis.detected_cni
        text += f" Judged by the API text; this cluster runs {found}: --cni {found} judges as it does."
    return text
