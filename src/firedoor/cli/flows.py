"""``firedoor flows``: import, top, query, export, prune, status."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from firedoor.cli.flows_import import import_command
from firedoor.cli.flows_options import (
    cluster_option,
    duration,
    open_store,
    question_options,
    size,
    store_option,
)
from firedoor.cli.options import output_option
from firedoor.cli.printing import print_found
from firedoor.errors import UsageError

if TYPE_CHECKING:
    from firedoor.model.flow_reading import FlowQuestion


@click.group()
def command() -> None:
    """
    Import and ask for connections that were observed.

    Flows of Cilium (Hubble), Calico and others are counted, attributed to workloads, and kept in a store on disk.
    """


command.add_command(import_command)


@command.command()
@question_options
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1), metavar="N", help="How many to show.")
@output_option("table", "json", "csv", "yaml")
def top(asked: FlowQuestion, store: str | None, limit: int, output: str) -> None:
    """Show the edges with the most connections."""
    _print(asked, store, limit, output)


@command.command()
@question_options
@output_option("table", "json", "csv", "yaml")
def query(asked: FlowQuestion, store: str | None, output: str) -> None:
    """Show all edges that are asked for."""
    _print(asked, store, None, output)


def _print(asked: FlowQuestion, store: str | None, limit: int | None, output: str) -> None:
    from firedoor.render.flows_csv import flows_csv  # noqa: PLC0415
    from firedoor.render.flows_json import flows_document  # noqa: PLC0415
    from firedoor.render.flows_table import print_flows  # noqa: PLC0415
    from firedoor.render.flows_words import coverage_text  # noqa: PLC0415
    from firedoor.usecases.flows import observed  # noqa: PLC0415

    found = observed(open_store(store), asked, limit)
    print_found(found, output, print_flows, flows_document, flows_csv)
    if output == "csv":
        # There is no place for it among the rows.
        click.echo(coverage_text(found.coverage), err=True)


@command.command()
@click.argument("file", type=click.Path())
@question_options
@click.option(
    "--format",
    "form",
    type=click.Choice(("parquet", "csv", "jsonl")),
    help="What to write. Default: by the name of FILE, and else parquet.",
)
def export(file: str, asked: FlowQuestion, store: str | None, form: str | None) -> None:
    """Write the edges that are asked for to FILE, for other programs."""
    from firedoor.bootstrap import write_flows  # noqa: PLC0415
    from firedoor.render.flows_words import coverage_text  # noqa: PLC0415
    from firedoor.render.words import count_text  # noqa: PLC0415
    from firedoor.usecases.flows import covered  # noqa: PLC0415

    flows = open_store(store)
    coverage = covered(flows, asked)
    suffix = file.rpartition(".")[2].lower()
    chosen = form or {"csv": "csv", "jsonl": "jsonl", "ndjson": "jsonl"}.get(suffix, "parquet")
    count = write_flows(flows.edges(asked), chosen, file)
    click.echo(f"{count_text(count, 'edge')} written to {file} as {chosen}.")
    click.echo(coverage_text(coverage))


@command.command()
@store_option
@cluster_option
@click.option(
    "--older-than", default="", metavar="AGE", help="Drop the hours that ended longer ago than this, as in 30d."
)
@click.option("--keep", default="", metavar="SIZE", help="Keep the newest hours that fit into this, as in 10GB.")
def prune(store: str | None, cluster: str, older_than: str, keep: str) -> None:
    """
    Drop old hours from the store.

    Sources stay in its ledger: what was dropped does not come back when they are imported again.
    """
    import time  # noqa: PLC0415

    from firedoor.render.words import count_text  # noqa: PLC0415
    from firedoor.usecases import flows  # noqa: PLC0415

    if bool(older_than) == bool(keep):
        raise UsageError("what is to be dropped is not said", remedy="say one of --older-than AGE and --keep SIZE")
    if older_than:
        is_old = flows.older_than(time.time_ns() - duration(older_than), cluster)
    else:
        is_old = flows.beyond(size(keep), cluster)
    gone = open_store(store).prune(is_old)
    click.echo(f"{count_text(gone.hours, 'hour')} dropped ({count_text(gone.files, 'file')}, {gone.octets:,} bytes).")


@command.command()
@click.option(
    "--dialect",
    required=True,
    type=click.Choice(("clickhouse", "pyspark", "trino", "duckdb")),
    help="The engine that is to run it.",
)
@click.option(
    "--table",
    default="flows",
    show_default=True,
    metavar="NAME",
    help="The table of the rows, with `hour` as a column.",
)
def sql(dialect: str, table: str) -> None:
    """
    Print the query of edges for an engine that runs on many machines.

    Its table has the columns of the Parquet files in the store, and the hour of their folders. Needs firedoor[ibis].
    """
    from firedoor.bootstrap import flows_sql  # noqa: PLC0415

    click.echo(flows_sql(dialect, table))


@command.command()
@store_option
@output_option("text", "json", "yaml")
def status(store: str | None, output: str) -> None:
    """Show which sources were imported, what the store holds, and how much of what happened it has seen."""
    from firedoor.cli.loading import console  # noqa: PLC0415
    from firedoor.cli.printing import print_document  # noqa: PLC0415
    from firedoor.render.flows_json import status_document  # noqa: PLC0415
    from firedoor.render.flows_table import print_status  # noqa: PLC0415
    from firedoor.usecases.flows import held  # noqa: PLC0415

    found = held(open_store(store))
    if output == "text":
        print_status(found, console())
    else:
        print_document(status_document(found), output)
