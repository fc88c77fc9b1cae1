"""``firedoor preview``."""

from __future__ import annotations

import sys

import click

from firedoor.bootstrap import open_source
from firedoor.cli.edges_options import EdgeOptions, edges_options
from firedoor.cli.exit_codes import ExitCode
from firedoor.cli.loading import cni_profile, console, load_snapshot, load_source
from firedoor.cli.options import SourceOptions, output_option, read_stdin, refuse_two_stdins, source_options
from firedoor.cli.printing import print_answer


@click.command()
@click.argument("new", type=click.Path(allow_dash=True))
@source_options
@edges_options
@click.option("--replace", is_flag=True, help="Judge as if the policies that are there now were removed.")
@output_option("text", "json", "markdown")
def command(new: str, source: SourceOptions, seen: EdgeOptions, replace: bool, output: str) -> None:
    """
    Show which connections that were seen new policies would break or open.

    NEW holds the policies; the cluster is read from PATH... (files, folders, a saved snapshot), or the live one. The
    connections come from the store of flows (--flows) or a file of edges (--from-edges). A policy of NEW takes the
    place of the one with its name. Ends with exit code 10 when a connection would break.
    """
    from firedoor.usecases.preview import preview  # noqa: PLC0415

    seen.require()
    refuse_two_stdins(new, seen.path, *source.paths)
    profile = cni_profile(source.cni)
    proposed = load_source(
        open_source(
            (new,),
            read_stdin=read_stdin,
            namespace=source.namespace,
            kubernetes_version=source.kubernetes_version,
        )
    )
    found = preview(load_snapshot(source), proposed, seen.edges(), profile, source.namespace, replace=replace)
    if output == "text":
        from firedoor.render.preview_text import print_preview  # noqa: PLC0415

        print_preview(found, console())
    else:
        print_answer("preview", output, found)
    sys.exit(ExitCode.ANSWER_NO if found.broken else ExitCode.OK)
