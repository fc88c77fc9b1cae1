"""``firedoor rbac minimize``."""

from __future__ import annotations

import click

from firedoor.cli.audit_option import audit_log_option, with_logs
from firedoor.cli.loading import console, load_snapshot
from firedoor.cli.options import SourceOptions, output_option, refuse_two_stdins, source_options
from firedoor.cli.printing import print_document
from firedoor.errors import UsageError


@click.command("minimize")
@source_options
@audit_log_option
@click.option("--cluster", is_flag=True, help="Compare with the live cluster.")
@click.option(
    "--subject",
    "subjects",
    multiple=True,
    metavar="USER",
    help="User name, or NAMESPACE/NAME of a service account. Repeatable. Default: all.",
)
@click.option(
    "--group", "groups", multiple=True, metavar="GROUP", help="Make one set of roles for the members of it. Repeatable."
)
@click.option(
    "--names",
    default=3,
    show_default=True,
    type=click.IntRange(min=0),
    metavar="N",
    help="Limit a rule to the names asked for where all requests have one and there are at most N; 0 for never.",
)
@output_option("yaml", "json", "text")
def command(
    source: SourceOptions,
    logs: tuple[str, ...],
    cluster: bool,
    subjects: tuple[str, ...],
    groups: tuple[str, ...],
    names: int,
    output: str,
) -> None:
    """
    Make the least roles for what subjects did, by audit logs.

    Every request that was allowed is put before the new roles, and every part of a rule is tried without. Requests
    that were denied are told, and not granted.

    With PATH... (files, folders, a saved snapshot) or --cluster it also says what each subject would lose. With -n it
    is about the service accounts of that namespace.
    """
    from firedoor.usecases.rbac_minimize import LeastQuestion, minimize  # noqa: PLC0415

    refuse_two_stdins(*source.paths, *logs)
    if cluster and source.paths:
        raise UsageError("--cluster and paths were both given", remedy="leave one of them out")
    is_compared = cluster or source.paths or source.kubeconfig or source.context
    snapshot = load_snapshot(source) if is_compared else None
    asked = LeastQuestion(subjects, groups, source.namespace, names)
    found = with_logs(logs, lambda log, progress: minimize(log, progress, asked, snapshot))
    if output == "text":
        from firedoor.render.least_text import print_least  # noqa: PLC0415

        print_least(found, console())
    elif output == "json":
        from firedoor.render.least_json import least_document  # noqa: PLC0415

        print_document(least_document(found), output)
    else:
        from firedoor.render.least_yaml import least_yaml  # noqa: PLC0415

        click.echo(least_yaml(found), nl=False)
