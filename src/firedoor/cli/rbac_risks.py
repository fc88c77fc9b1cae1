"""``firedoor rbac risks``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from firedoor.cli.exit_codes import ExitCode, for_severity
from firedoor.cli.findings_output import REPORT_FORMATS, framework_option
from firedoor.cli.loading import console, load_snapshot
from firedoor.cli.options import SourceOptions, output_option, source_options
from firedoor.cli.printing import print_answer, print_document
from firedoor.cli.review_options import ReviewOptions, review_options
from firedoor.model.findings import Severity

if TYPE_CHECKING:
    from firedoor.model.frameworks import FrameworkId
    from firedoor.model.rbac_risks import RiskReport

_SEVERITIES = tuple(each.value for each in Severity)
_LEVELS = ("none", "gaps", *_SEVERITIES[1:])


@click.command("risks")
@source_options
@output_option("text", "json", "yaml", "csv", *REPORT_FORMATS)
@click.option(
    "--severity",
    type=click.Choice(_SEVERITIES),
    default=_SEVERITIES[0],
    show_default=True,
    help="Show only findings that are at least this severe.",
)
@click.option("--all", "usual", is_flag=True, help="Also show what Kubernetes, its installer or its vendor sets up.")
@click.option(
    "--fail-on",
    type=click.Choice(_LEVELS),
    default="none",
    show_default=True,
    help="End with the exit code of the worst finding if it is this severe (see the exit codes).",
)
@framework_option("Show only risks that are about something in this framework.")
@review_options
def risks_command(
    source: SourceOptions,
    output: str,
    severity: str,
    usual: bool,
    fail_on: str,
    framework: FrameworkId | None,
    review: ReviewOptions,
) -> None:
    """
    List dangerous permissions: who holds them, by which binding, role and rule, and what to do.

    With -n it is what is granted in the namespace, and what its service accounts, roles and bindings have.
    """
    from firedoor.usecases.rbac_risks import rbac_risks  # noqa: PLC0415

    report = rbac_risks(
        load_snapshot(source),
        namespace=source.namespace,
        severity=Severity(severity),
        usual=usual,
        version=source.kubernetes_version,
        rules=review.rules,
        framework=framework,
    )
    review.remember(each.finding for each in report.findings)
    code = exit_code(report, fail_on)
    if output in REPORT_FORMATS:
        from firedoor.usecases.reports import risks_report  # noqa: PLC0415

        told = risks_report(report, exit_code=code, folder=str(Path.cwd()), show_ignored=review.show_ignored)
        print_answer("findings", output, told)
    elif output == "text":
        from firedoor.render.exceptions_text import print_review  # noqa: PLC0415
        from firedoor.render.rbac_risks_text import print_rbac_risks  # noqa: PLC0415

        screen = console()
        print_rbac_risks(report, screen)
        print_review(report.review, screen, show_ignored=review.show_ignored)
    elif output == "csv":
        from firedoor.render.rbac_risks_csv import rbac_risks_csv  # noqa: PLC0415

        click.echo(rbac_risks_csv(report), nl=False)
    else:
        from firedoor.render.rbac_risks_json import rbac_risks_document  # noqa: PLC0415

        print_document(rbac_risks_document(report), output)
    sys.exit(code)


def exit_code(report: RiskReport, fail_on: str) -> ExitCode:
    """Return the exit code that ``--fail-on`` asks for."""
    if fail_on == "none":
        return ExitCode.OK
    level = 1 if fail_on == "gaps" else Severity(fail_on).rank
    worst = report.worst
    if worst is not None and worst.rank >= level:
        return for_severity(worst)
    return ExitCode.GAPS if report.gaps else ExitCode.OK
