"""``firedoor blast``."""

from __future__ import annotations

import click

from firedoor.cli.loading import cni_profile, load_snapshot
from firedoor.cli.options import SourceOptions, output_option, source_options
from firedoor.cli.printing import print_found
from firedoor.errors import UsageError
from firedoor.model.port_text import parse_port


@click.command()
@source_options
@output_option("table", "json", "csv", "yaml")
@click.option(
    "--from",
    "from_end",
    default="",
    metavar="END",
    help="Show what this pod or workload reaches, hop by hop, with a path to each: namespace/name.",
)
@click.option("--to", "to_end", default="", metavar="END", help="Show who reaches this pod or workload in any way.")
@click.option("--port", default="", metavar="PORT[/PROTOCOL]", help="Only hops on this port; TCP unless said.")
@click.option("--possible", is_flag=True, help="Also take hops whose verdict is unknown.")
def command(source: SourceOptions, output: str, from_end: str, to_end: str, port: str, possible: bool) -> None:
    """
    Show how far a compromise of each workload spreads.

    A hop is a connection that is accepted on some port. Counts the other workloads and pods that are reached in one
    hop, in two, and in any number of hops, worst first.

    Reads PATH... (files, folders, a saved snapshot, - for stdin), or the live cluster when none is given.
    """
    from firedoor.usecases.blast import BlastQuestion, blast, blast_paths  # noqa: PLC0415

    if from_end and to_end:
        raise UsageError(
            "--from and --to were both given",
            remedy="leave one of them out; `firedoor explain` is for one connection between two ends",
        )
    asked = BlastQuestion(source.namespace, parse_port(port) if port else None, possible)
    profile = cni_profile(source.cni)
    snapshot = load_snapshot(source)
    from firedoor.render import blast_csv, blast_json, blast_table  # noqa: PLC0415

    end = from_end or to_end
    if end:
        paths = blast_paths(snapshot, profile, asked, end, is_from=bool(from_end))
        print_found(
            paths, output, blast_table.print_blast_paths, blast_json.blast_paths_document, blast_csv.blast_paths_csv
        )
        return
    whole = blast(snapshot, profile, asked)
    print_found(whole, output, blast_table.print_blast, blast_json.blast_document, blast_csv.blast_csv)
