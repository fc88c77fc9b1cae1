"""``firedoor admission export``: intents and rules as policies that need no webhook."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from firedoor.cli.admission_rules import modes_of
from firedoor.cli.exit_codes import ExitCode
from firedoor.cli.loading import cni_profile
from firedoor.cli.options import cni_option, output_option, read_stdin
from firedoor.model.admission import Mode, Rule
from firedoor.model.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command()
@click.argument("intents", type=click.Path(allow_dash=True))
@click.option(
    "--format",
    "form",
    type=click.Choice(["vap", "kyverno"]),
    default="vap",
    show_default=True,
    help="ValidatingAdmissionPolicy of Kubernetes itself, or Kyverno's ValidatingPolicy.",
)
@click.option(
    "--rule",
    "rules",
    multiple=True,
    metavar="RULE=MODE",
    help="forbidden, which is about the intents and denies unless said, or risky: deny or warn. Repeatable.",
)
@click.option(
    "--severity",
    type=click.Choice([str(each) for each in Severity]),
    default="high",
    show_default=True,
    help="How severe a permission must be to be risky.",
)
@cni_option
@output_option("yaml", "json", "text")
def export(intents: str, form: str, rules: Sequence[str], severity: str, cni: str, output: str) -> None:
    """
    Print intents and rules as policies that an API server, or Kyverno, enforces without this webhook.

    INTENTS is a file of intents. Of each intent and rule it is said how much of it the policies are: with -o yaml on
    standard error, with -o json in the document, with -o text alone. Ends with exit code 10 where one of them is
    expressed more loosely, or not at all.
    """
    from firedoor.bootstrap import open_intents  # noqa: PLC0415
    from firedoor.render.admission_export_text import admission_export_text  # noqa: PLC0415
    from firedoor.render.admission_policies import PolicyForm, admission_policies_yaml  # noqa: PLC0415
    from firedoor.usecases.admission_export import exported  # noqa: PLC0415

    modes = modes_of(rules, {Rule.FORBIDDEN: Mode.DENY})
    found = exported(open_intents(intents, read_stdin=read_stdin), cni_profile(cni), modes, Severity(severity))
    if output == "json":
        from firedoor.render.admission_export_json import admission_export_json  # noqa: PLC0415

        click.echo(admission_export_json(found, PolicyForm(form)), nl=False)
    else:
        if output == "yaml":
            click.echo(admission_policies_yaml(found, PolicyForm(form)), nl=False)
        click.echo(admission_export_text(found), nl=False, err=output == "yaml")
    sys.exit(ExitCode.OK if found.is_complete else ExitCode.ANSWER_NO)
