"""``firedoor rbac unused``."""

from __future__ import annotations

import click

from firedoor.cli.audit_option import audit_log_option, with_logs
from firedoor.cli.loading import console, load_snapshot
from firedoor.cli.options import SourceOptions, output_option, refuse_two_stdins, source_options
from firedoor.cli.printing import print_document


@click.command("unused")
@source_options
@audit_log_option
@click.option("--all", "with_bootstrap", is_flag=True, help="Also judge the bindings that Kubernetes comes with.")
@output_option("text", "json", "yaml", "csv")
def command(source: SourceOptions, logs: tuple[str, ...], with_bootstrap: bool, output: str) -> None:
    """
    List rules that subjects hold and never needed, by audit logs.

    Down to verb, resource and name: of a rule that was used in part it says which part was not, and of a star what it
    was used for. With -n it is about what holds in that namespace, and about its service accounts.

    Reads PATH... (files, folders, a saved snapshot, - for stdin), or the live cluster when none is given.
    """
    from firedoor.usecases.rbac_unused import unused  # noqa: PLC0415

    refuse_two_stdins(*source.paths, *logs)
    snapshot = load_snapshot(source)
    found = with_logs(
        logs, lambda log, progress: unused(snapshot, log, progress, source.namespace, with_bootstrap=with_bootstrap)
    )
    if output == "text":
        from firedoor.render.unused_text import print_unused  # noqa: PLC0415

        print_unused(found, console())
    elif output == "csv":
        from firedoor.render.least_words import skipped_texts  # noqa: PLC0415
        from firedoor.render.unused_csv import unused_csv  # noqa: PLC0415
        from firedoor.render.words import visible  # noqa: PLC0415

        click.echo(unused_csv(found), nl=False)
        if found.log.faults:
            # There is no place for it among the rows.
            for text in skipped_texts(found.log):
                click.echo(f"warning: {visible(text)}", err=True)
    else:
        from firedoor.render.unused_json import unused_document  # noqa: PLC0415

        print_document(unused_document(found), output)
